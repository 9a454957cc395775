import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from torch import nn

from ferstudio.errors import UnknownNameError, UsageError, WeightsError
from ferstudio.models import LoadedModel
from ferstudio.models.card import read_card
from ferstudio.studio import pool as pool_module
from ferstudio.studio.cache import module_bytes
from ferstudio.studio.pool import ModelPool
from tests.networks import loaded


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make loading cheap and as slow as a disk; return the list of what was loaded."""
    names: list[str] = []
    template = loaded("resnet18")

    def load(folder: Path, _find: object, *, folded: bool) -> LoadedModel:
        names.append(folder.name)
        time.sleep(0.02)
        return LoadedModel(template.entry, read_card(folder), template.module)

    monkeypatch.setattr(pool_module, "load_weights", load)
    return names


@pytest.fixture
def three(tmp_path: Path, shelf: Path) -> Path:
    """Return a folder with three sets of weights, a.x, b.x and c.x."""
    for name in "abc":
        shutil.copytree(shelf / "resnet18.test", tmp_path / f"{name}.x")
    return tmp_path


def test_nothing_is_loaded_before_it_is_asked_for(shelf: Path, loads: list[str]) -> None:
    pool = ModelPool(shelf)
    assert list(pool.folders()) == ["acsinet.test", "resnet18.test"]
    assert loads == []
    assert pool.get("acsinet").name == "acsinet.test"
    assert loads == ["acsinet.test"]


def test_it_keeps_a_quarter_of_the_memory_unless_told_otherwise(
    three: Path, loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = module_bytes(loaded("resnet18").module)
    monkeypatch.setattr(pool_module, "memory_bytes", lambda: 9 * one)  # two fit, three don't
    pool = ModelPool(three)
    for name in ("a.x", "b.x", "a.x", "c.x", "c.x", "b.x"):
        pool.get(name)
    assert loads == ["a.x", "b.x", "c.x", "b.x"]


def test_layers_are_folded_where_speed_counts(shelf: Path) -> None:
    pool = ModelPool(shelf)
    kept, whole = pool.get("resnet18"), pool.unfolded("resnet18")
    norms = [
        sum(isinstance(part, nn.BatchNorm2d) for part in each.module.modules())
        for each in (kept, whole)
    ]
    assert norms == [0, 20]
    assert pool.get("resnet18") is kept
    assert pool.unfolded("resnet18.test") is whole


def test_the_least_recently_used_goes_first(three: Path, loads: list[str]) -> None:
    one = module_bytes(loaded("resnet18").module)
    pool = ModelPool(three, limit_bytes=2 * one)
    first = pool.get("a.x")
    pool.get("b.x")
    assert pool.get("a.x") is first
    pool.get("c.x")
    assert pool.get("a") is first
    pool.get("b.x")
    assert loads == ["a.x", "b.x", "c.x", "b.x"]


def test_eight_threads_load_once(shelf: Path, loads: list[str]) -> None:
    pool = ModelPool(shelf)
    start = threading.Barrier(8)

    def get(_: int) -> LoadedModel:
        start.wait()
        return pool.get("resnet18")

    with ThreadPoolExecutor(8) as threads:
        models = list(threads.map(get, range(8)))
    assert loads == ["resnet18.test"]
    assert len({id(model) for model in models}) == 1


def test_two_networks_load_at_the_same_time(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both, network = threading.Barrier(2, timeout=5), loaded("resnet18")

    def load(folder: Path, _find: object, *, folded: bool) -> LoadedModel:
        both.wait()  # breaks unless another load is under way
        return network

    monkeypatch.setattr(pool_module, "load_weights", load)
    pool = ModelPool(three)
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(pool.get, ["a.x", "b.x"])) == [network, network]


def test_damaged_weights_are_tried_again(three: Path) -> None:
    pool = ModelPool(three)
    shard = next((three / "a.x").glob("*.safetensors"))
    content = shard.read_bytes()
    shard.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(WeightsError, match="damaged"):
        pool.get("a.x")
    shard.write_bytes(content)
    assert pool.get("a.x").card.model == "resnet18"


def test_progress_counts_up_and_names_what_is_loaded(three: Path, loads: list[str]) -> None:
    said: list[tuple[float, str]] = []
    ModelPool(three).load(["a.x", "c", "a"], lambda share, message: said.append((share, message)))
    assert said == [(0.0, "Loading a.x"), (0.5, "Loading c.x"), (1.0, "Models loaded")]
    assert loads == ["a.x", "c.x"]


def test_one_unknown_name_stops_all(three: Path, loads: list[str]) -> None:
    with pytest.raises(UnknownNameError, match=r"'d'; choose from: a\.x, b\.x, c\.x"):
        ModelPool(three).load(["a.x", "d"])
    assert loads == []


def test_a_pool_must_keep_something(shelf: Path) -> None:
    with pytest.raises(UsageError, match="room for something, not 0"):
        ModelPool(shelf, limit_bytes=0)


def test_a_network_larger_than_the_pool_is_handed_over(three: Path, loads: list[str]) -> None:
    pool = ModelPool(three, limit_bytes=1000)
    assert pool.get("a.x").module is pool.get("a.x").module
    assert loads == ["a.x", "a.x"]
