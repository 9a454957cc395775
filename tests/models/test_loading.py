"""Trained networks in memory: loading what fits, and giving them back as they were."""

import json
import subprocess
import sys
import threading
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from ferstudio.errors import WeightsError
from ferstudio.models import (
    LoadedModel,
    ModelEntry,
    build_model,
    find_weights,
    list_models,
    load_weights,
    model_entry,
    registry,
)
from ferstudio.models.attention import attention_taps, capture_attention
from ferstudio.models.card import read_card
from ferstudio.models.loading import weights_title
from ferstudio.models.shards import dequantise, quantise
from ferstudio.models.weights import read_state
from ferstudio.types import OptionValue
from tests.networks import card, hook_count, loaded, network, pictures, write_weights

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "weights").glob("*/card.json"))


@pytest.fixture
def folder(tmp_path: Path, tiny: ModelEntry) -> Path:
    """Return a weights folder of the tiny network."""
    torch.manual_seed(0)
    write_weights(tmp_path, card("tiny"), tiny.build(num_classes=8).state_dict())
    return tmp_path / "tiny.test"


def test_a_network_loads_ready_to_be_asked(folder: Path) -> None:
    model = load_weights(folder)
    assert model.name == "tiny.test"
    assert model.title == "Tiny"
    parameters = list(model.module.parameters())
    assert not model.module.training
    assert not any(parameter.requires_grad for parameter in parameters)
    assert {parameter.dtype for parameter in parameters} == {torch.float32}
    assert {parameter.device.type for parameter in parameters} == {"cpu"}


def test_a_network_is_built_with_the_options_of_its_card(tmp_path: Path) -> None:
    options: dict[str, OptionValue] = {"batch_norm": False, "last_pool": False}
    original = build_model("vgg16", 8, options).eval()
    write_weights(tmp_path, replace(card("vgg16"), options=options), original.state_dict())
    model = load_weights(tmp_path / "vgg16.test")
    assert model.card.options == options
    assert model.entry.head.pools == "backbone.block5"
    assert model.module.state_dict().keys() == original.state_dict().keys()
    assert isinstance(model.module.get_submodule("pool5"), nn.Identity)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"width": 2}, "no option of vgg16 named 'width'"),
        ({"batch_norm": 1}, "batch_norm of vgg16 is a value like True"),
        ({"head": "wide"}, "no head 'wide'"),
    ],
)
def test_options_that_the_network_lacks_are_refused(
    tmp_path: Path, options: dict[str, OptionValue], complaint: str
) -> None:
    write_weights(tmp_path, replace(card("vgg16"), options=options), {"fc.bias": torch.ones(1)})
    with pytest.raises(WeightsError, match=complaint):
        load_weights(tmp_path / "vgg16.test")


@pytest.mark.slow
@pytest.mark.parametrize("name", list_models())
def test_a_loaded_network_answers_as_the_quantised_one(name: str, tmp_path: Path) -> None:
    original = network(name).eval()
    write_weights(tmp_path, card(name), original.state_dict())
    model = load_weights(tmp_path / f"{name}.test")
    rounded = network(name).eval()
    rounded.load_state_dict(dequantise(quantise(original.state_dict())))
    batch = pictures(1, 64)
    with torch.no_grad():
        expected, exact = rounded(batch), original(batch)
        actual = model.module(batch)
    torch.testing.assert_close(actual, expected, rtol=1e-3, atol=1e-4)
    assert (actual - exact).norm() < 0.1 * exact.norm()


def test_an_unknown_network_is_refused(folder: Path) -> None:
    raw = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**raw, "model": "resnet19"}))
    with pytest.raises(WeightsError, match=r"no model named 'resnet19'.*acsinet"):
        load_weights(folder)


def test_weights_of_another_network_are_refused(folder: Path) -> None:
    raw = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**raw, "model": "resnet18"}))
    with pytest.raises(WeightsError, match=r"doesn't fit resnet18: \d+ tensors") as caught:
        load_weights(folder)
    assert "\n" not in str(caught.value)


def test_weights_of_another_label_set_are_refused(folder: Path) -> None:
    raw = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**raw, "labels": "fer2013"}))
    with pytest.raises(WeightsError, match=r"2 tensors .* first is fc\.bias"):
        load_weights(folder)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no readable"):
        load_weights(tmp_path / "nothing")


def test_weights_are_found_by_name(folder: Path, tmp_path: Path) -> None:
    write_weights(tmp_path, card("tiny", tag="again"), {"fc.bias": torch.ones(8)})
    (tmp_path / "empty").mkdir()
    (tmp_path / ".part-1").mkdir()
    (tmp_path / ".part-1" / "card.json").write_text("{}")
    (tmp_path / "card.json").write_text("{}")
    assert find_weights(tmp_path) == {
        "tiny.again": tmp_path / "tiny.again",
        "tiny.test": tmp_path / "tiny.test",
    }
    assert list(find_weights(tmp_path)) == ["tiny.again", "tiny.test"]


def test_a_networks_own_folder_holds_that_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_weights(folder) == {"tiny.test": folder}
    monkeypatch.chdir(folder)
    assert find_weights(".") == {"tiny.test": Path()}


def test_there_must_be_a_folder_to_look_in(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no weights folder"):
        find_weights(tmp_path / "nothing")


@pytest.mark.parametrize("fails", [False, True])
def test_exclusive_gives_the_network_back_as_it_was(fails: bool) -> None:
    model = loaded("acsinet")
    model.module.train()
    model.module.get_submodule("layer1").eval()
    model.module.get_parameter("fc.weight").requires_grad_(True)
    modes = [part.training for part in model.module.modules()]

    def work() -> None:
        with model.exclusive() as module:
            assert not any(part.training for part in module.modules())
            module.requires_grad_(True)
            module.get_submodule("layer2").train()
            module(pictures(1, 64)).sum().backward()
            assert module.get_parameter("fc.weight").grad is not None
            module(pictures(1, 64) if not fails else None)

    with pytest.raises(TypeError) if fails else nullcontext():
        work()
    assert [part.training for part in model.module.modules()] == modes
    wanting = [n for n, p in model.module.named_parameters() if p.requires_grad]
    assert wanting == ["fc.weight"]
    assert all(parameter.grad is None for parameter in model.module.parameters())


def leave_hooks(model: LoadedModel, *, fail: bool = False) -> None:
    """Put two hooks on a network inside `exclusive()` and leave them there."""
    with model.exclusive() as module:
        module.get_submodule("layer1").register_forward_hook(lambda *_: None)
        module.register_forward_pre_hook(lambda *_: None)
        if fail:
            raise ArithmeticError


def test_a_leftover_listener_is_an_error_and_is_removed() -> None:
    model = loaded("acsinet")
    tap, *_ = attention_taps(model.module).values()
    heard: list[torch.Tensor] = []
    tap.listeners.append(heard.append)
    with pytest.raises(RuntimeError, match=r"1 hooks or listeners were left"), model.exclusive():
        tap.listeners.append(lambda weights: weights * 0)
    assert tap.listeners == [heard.append]
    with model.exclusive() as module, capture_attention(module) as records:
        module(pictures(1, 64))
    assert len(heard) == 1
    assert records


def test_a_leftover_hook_is_an_error_and_is_removed() -> None:
    model = loaded("resnet18")
    own = model.module.get_submodule("fc").register_forward_hook(lambda *_: None)
    with pytest.raises(RuntimeError, match=r"2 hooks or listeners were left on resnet18\.test"):
        leave_hooks(model)
    assert hook_count(model.module) == 1
    own.remove()
    assert hook_count(model.module) == 0


def test_a_leftover_hook_does_not_hide_the_error_that_left_it() -> None:
    model = loaded("resnet18")
    with pytest.raises(ArithmeticError):
        leave_hooks(model, fail=True)
    assert hook_count(model.module) == 0


def test_exclusive_is_held_by_one_thread_at_a_time_and_may_be_nested() -> None:
    model = loaded("resnet18")
    entered = threading.Event()

    def enter() -> None:
        with model.exclusive():
            entered.set()

    other = threading.Thread(target=enter)
    with model.exclusive(), model.exclusive():
        other.start()
        assert not entered.wait(0.2)
    other.join(timeout=10)
    assert entered.is_set()


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.parent.name)
def test_shipped_weights_load_and_are_what_their_card_says(file: Path) -> None:
    model = load_weights(file.parent)
    assert model.name == file.parent.name
    assert model.card.params == sum(p.numel() for p in model.module.parameters())
    assert model.card.metrics
    assert bool(model.card.files) != bool(model.card.members)  # an ensemble has no files of its own


@pytest.mark.slow
@pytest.mark.parametrize(
    "file", [file for file in SHIPPED if read_card(file.parent).files], ids=lambda f: f.parent.name
)
def test_shipped_weights_are_those_of_a_network_built_in_full(file: Path) -> None:
    model = load_weights(file.parent)
    whole = model.entry.build(num_classes=len(model.card.label_names)).eval()
    whole.load_state_dict(read_state(file.parent, model.card), strict=True)
    whole.to(memory_format=torch.channels_last)
    batch = pictures(1, 64)
    with torch.no_grad():
        assert torch.equal(model.module(batch), whole(batch))
    expected = dict([*whole.named_parameters(), *whole.named_buffers()])
    found = dict([*model.module.named_parameters(), *model.module.named_buffers()])
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in found)


def test_tensors_that_no_state_holds_are_the_builders(
    tmp_path: Path, tiny: ModelEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(num_classes: int) -> nn.Module:
        module = tiny.build(num_classes)
        module.register_buffer("level", torch.tensor([0.25, 0.5]), persistent=False)
        return module

    monkeypatch.setitem(registry._entries, "tiny", replace(tiny, build=build))
    write_weights(tmp_path, card("tiny"), build(8).state_dict())
    level = load_weights(tmp_path / "tiny.test").module.get_buffer("level")
    assert level.tolist() == [0.25, 0.5]


@pytest.mark.parametrize(
    ("tag", "title"),
    [
        ("ferplus", "ResNet-18"),
        ("test", "ResNet-18"),
        ("fer2013", "ResNet-18 FER2013"),
        ("ferplus_clean", "ResNet-18 clean"),
    ],
)
def test_variants_of_a_network_have_names_of_their_own(tag: str, title: str) -> None:
    assert weights_title(model_entry("resnet18"), tag) == title
    own = LoadedModel(model_entry("resnet18"), card("resnet18", tag=tag), nn.Identity())
    assert own.title == title


ON_META = """
import sys
import torch
from ferstudio.models import list_models, model_entry
with torch.device("meta"):
    for name in list_models():
        if model_entry(name).cam_layers:  # but an ensemble, which is no network of its own
            model_entry(name).build(num_classes=8)
print("torch._dynamo" in sys.modules)
"""


@pytest.mark.slow
def test_building_what_will_be_filled_draws_nothing() -> None:
    """Drawing on the meta device makes torch import its compiler first."""
    ran = subprocess.run(
        [sys.executable, "-c", ON_META], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert ran.stdout == "False\n"
