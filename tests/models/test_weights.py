"""Weights on disk: int8 with scales, shards, checksums, and cards that are refused."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save

from ferstudio.errors import WeightsError
from ferstudio.labels import FERPLUS
from ferstudio.models import shards
from ferstudio.models.card import (
    WeightsCard,
    is_recorded,
    read_card,
    weights_digest,
    with_record,
    write_card,
)
from ferstudio.models.shards import dequantise, quantise
from ferstudio.models.weights import read_state
from tests.made_files import lfs_pointer
from tests.networks import INPUT, SCORE, card, network, uneven_state, write_weights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a weights folder `net.test` that holds `uneven_state()`."""
    write_weights(tmp_path, card("net"), uneven_state())
    return tmp_path / "net.test"


def edit_card(folder: Path, **changes: Any) -> None:
    """Change fields of a card behind the program's back; None removes one."""
    raw = json.loads((folder / "card.json").read_text())
    raw.update(changes)
    raw = {name: value for name, value in raw.items() if value is not None}
    (folder / "card.json").write_text(json.dumps(raw))


def test_values_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    broken = {**uneven_state(), "fc.bias": torch.tensor([0.0, float("nan"), 1.0])}
    with pytest.raises(WeightsError, match=r"fc\.bias holds values that aren't finite"):
        write_weights(tmp_path, card("net"), broken)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_reads_back_as_it_was_written(folder: Path) -> None:
    written = read_card(folder)
    expected = dequantise(quantise(uneven_state()))
    actual = read_state(folder, written)
    assert actual.keys() == expected.keys()
    assert all(torch.equal(actual[name], expected[name]) for name in expected)
    assert written.name == "net.test"
    assert written.label_names == FERPLUS
    assert written.input == INPUT
    assert written.metrics == card("net").metrics
    assert written.recipe == card("net").recipe
    assert written.files == ("model-00001-of-00001.safetensors",)
    digest = hashlib.sha256((folder / written.files[0]).read_bytes()).hexdigest()
    assert written.sha256 == (digest,)
    assert sorted(p.name for p in folder.iterdir()) == ["card.json", *written.files]


def test_shards_stay_below_their_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SHARD_BYTES", 3 * 2**20)
    original = network("acsinet").state_dict()
    written = write_weights(tmp_path, card("acsinet"), original)
    folder = tmp_path / "acsinet.test"
    sizes = [(folder / name).stat().st_size for name in written.files]
    assert len(sizes) >= 4
    assert max(sizes) <= 3 * 2**20
    assert written.files[0] == f"model-00001-of-{len(sizes):05d}.safetensors"
    held = [name for file in written.files for name in load_file(folder / file)]
    assert len(held) == len(set(held))
    restored = read_state(folder, read_card(folder))
    assert restored.keys() == original.keys()


def test_no_file_is_too_large_for_a_spaces_git(tmp_path: Path) -> None:
    written = write_weights(tmp_path, card("acsinet"), network("acsinet").state_dict())
    sizes = [(tmp_path / "acsinet.test" / name).stat().st_size for name in written.files]
    assert 11e6 < sum(sizes) < 12e6 and len(sizes) == 2
    assert max(sizes) <= shards.SHARD_BYTES <= 9.5e6


def test_larger_files_of_before_are_read_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = network("acsinet").state_dict()
    monkeypatch.setattr(shards, "SHARD_BYTES", 15 * 2**20)
    written = write_weights(tmp_path, card("acsinet"), original)
    monkeypatch.undo()
    assert len(written.files) == 1
    assert (tmp_path / "acsinet.test" / written.files[0]).stat().st_size > shards.SHARD_BYTES
    restored = read_state(tmp_path / "acsinet.test", written)
    assert all(torch.equal(restored[name], t) for name, t in dequantise(quantise(original)).items())


def test_many_small_tensors_do_not_overflow_a_shard_by_its_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD_BYTES", 4096)
    many = {f"block{i}.norm.weight": torch.ones(8) for i in range(100)}
    written = write_weights(tmp_path, card("net"), many)
    sizes = [(tmp_path / "net.test" / name).stat().st_size for name in written.files]
    assert max(sizes) <= 4096
    assert len(sizes) < 20


def test_a_matrix_larger_than_a_shard_is_divided_into_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD_BYTES", 1024)
    big = {"head.weight": torch.randn(11, 300), "head.bias": torch.randn(11)}
    written = write_weights(tmp_path, card("net"), big)
    folder = tmp_path / "net.test"
    assert max((folder / name).stat().st_size for name in written.files) <= 1024
    held = [name for file in written.files for name in load_file(folder / file)]
    assert {f"head.weight:part{number}" for number in range(6)} < set(held)
    expected, restored = dequantise(quantise(big)), read_state(folder, written)
    assert restored.keys() == big.keys()
    assert all(torch.equal(restored[name], expected[name]) for name in big)


def test_a_tensor_larger_than_a_shard_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD_BYTES", 1024)
    with pytest.raises(WeightsError, match=r"big alone takes"):
        write_weights(tmp_path, card("net"), {"big": torch.zeros(2048)})
    assert list(tmp_path.iterdir()) == []


def test_writing_again_replaces_the_folder(folder: Path) -> None:
    (folder / "stale.txt").write_text("from before")
    write_weights(folder.parent, card("net"), {"fc.bias": torch.ones(2)})
    assert list(read_state(folder, read_card(folder))) == ["fc.bias"]
    assert [p.name for p in folder.parent.iterdir()] == ["net.test"]
    assert not (folder / "stale.txt").exists()


def test_a_write_that_fails_leaves_the_old_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def fail_for_new(self: Path, target: Path) -> Path:
        if self.name.startswith(".part-") and not self.name.endswith(".old"):
            raise OSError("the disk is full")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_for_new)
    with pytest.raises(OSError, match="disk is full"):
        write_weights(folder.parent, card("net"), {"fc.bias": torch.ones(2)})
    assert read_state(folder, read_card(folder)).keys() == uneven_state().keys()
    assert [p.name for p in folder.parent.iterdir()] == ["net.test"]


def test_a_pointer_in_place_of_a_shard_says_how_to_get_it(folder: Path) -> None:
    written = read_card(folder)
    (folder / written.files[0]).write_bytes(lfs_pointer())
    with pytest.raises(WeightsError, match="is a Git LFS pointer .* run `git lfs pull`"):
        read_state(folder, written)


def test_a_flipped_byte_is_named(folder: Path) -> None:
    written = read_card(folder)
    shard = folder / written.files[0]
    content = bytearray(shard.read_bytes())
    content[-1] ^= 1
    shard.write_bytes(bytes(content))
    with pytest.raises(WeightsError, match=rf"{shard.name} is damaged.*fetch it again"):
        read_state(folder, written)


def test_a_missing_shard_is_named(folder: Path) -> None:
    written = read_card(folder)
    (folder / written.files[0]).unlink()
    with pytest.raises(WeightsError, match=rf"{written.files[0]} can't be read"):
        read_state(folder, written)


def test_a_shard_of_another_format_is_refused(folder: Path) -> None:
    name = read_card(folder).files[0]
    (folder / name).write_bytes(b"not tensors")
    edit_card(folder, sha256=[hashlib.sha256(b"not tensors").hexdigest()])
    with pytest.raises(WeightsError, match="is not a safetensors file"):
        read_state(folder, read_card(folder))


def test_scales_that_do_not_fit_are_refused(folder: Path) -> None:
    content = save({"a": torch.zeros(3, 2, dtype=torch.int8), "a:scale": torch.ones(4)})
    (folder / read_card(folder).files[0]).write_bytes(content)
    edit_card(folder, sha256=[hashlib.sha256(content).hexdigest()])
    with pytest.raises(WeightsError, match="scales or parts that don't fit"):
        read_state(folder, read_card(folder))


def test_scales_that_are_not_finite_are_refused(folder: Path) -> None:
    scale = torch.tensor([1.0, float("nan"), 1.0])
    content = save({"a": torch.ones(3, 2, dtype=torch.int8), "a:scale": scale})
    (folder / read_card(folder).files[0]).write_bytes(content)
    edit_card(folder, sha256=[hashlib.sha256(content).hexdigest()])
    with pytest.raises(WeightsError, match="a holds values that aren't finite"):
        read_state(folder, read_card(folder))


def test_a_folder_without_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"no readable card\.json"):
        read_card(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "\x00\xff", "[]", "7", "null", "[" * 100_000])
def test_a_card_that_is_no_json_object_is_refused(folder: Path, text: str) -> None:
    (folder / "card.json").write_text(text, "latin-1")
    with pytest.raises(WeightsError, match=r"card\.json"):
        read_card(folder)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"licence": None}, r"missing fields \['licence'\].*: an older ferstudio wrote it"),
        ({"license": "MIT"}, r"unknown fields \['license'\]: a newer ferstudio wrote it"),
        ({"input": {"size": 64}}, r"missing fields .*'mean'"),
        ({"input": "64"}, "missing fields"),
        ({"labels": "affectnet"}, "no label set named 'affectnet'"),
        ({"labels": ["neutral"]}, "labels must be of type str"),
        ({"params": "many"}, "params must be of type int"),
        ({"files": "model.safetensors"}, "files must be of type tuple"),
        ({"files": [1]}, "must be texts"),
        ({"sha256": [7]}, "must be texts"),
        ({"files": [], "sha256": []}, "either files of its own or the members"),
        ({"sha256": ["a", "b"]}, "1 files but 2 checksums"),
        ({"files": ["../net.test/model.safetensors"]}, "plain names"),
        ({"files": ["/etc/passwd"]}, "plain names"),
        ({"files": [".."]}, "plain names"),
        ({"files": ["a\\b"]}, "plain names"),
        ({"model": "../net"}, "plain names"),
        ({"tag": "a/b"}, "plain names"),
        ({"tag": ""}, "plain names"),
        ({"metrics": 7}, "metrics must be of type tuple"),
        ({"metrics": [{"accuracy": 0.5}]}, r"metrics\.0\.labels: Field required"),
        ({"metrics": [SCORE, {**SCORE, "accuracy": 7}]}, r"metrics\.1\.accuracy: .* less than or"),
        ({"metrics": [{**SCORE, "n": "many"}]}, r"metrics\.0\.n: Input should be a valid integer"),
        ({"metrics": [{**SCORE, "ci95": [0.1]}]}, r"metrics\.0\.ci95: List should have at least 2"),
        ({"metrics": [{**SCORE, "confusion": [[1, 2], [3, 4]]}]}, "8 rows of 8 are needed"),
        ({"explanations": [{"explainer": "grad-cam"}]}, r"explanations\.0\.n: Field required"),
    ],
)
def test_a_foreign_card_is_refused(folder: Path, changes: dict[str, Any], complaint: str) -> None:
    edit_card(folder, **changes)
    with pytest.raises(WeightsError, match=complaint) as caught:
        read_card(folder)
    assert str(folder / "card.json") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"size": 8},
        {"size": "64"},
        {"size": 64.5},
        {"size": 10**6},
        {"mean": 0.5},
        {"mean": ["a", "b", "c"]},
        {"mean": [0.5]},
        {"std": [0.2, 0.2, 0]},
        {"std": [0.2, 0.2, float("nan")]},
        {"margin_ratio": None},
        {"margin_ratio": 0.1},
        {"grayscale": "yes"},
        {"detail_px": -1},
    ],
)
def test_an_impossible_input_is_refused(folder: Path, changes: dict[str, Any]) -> None:
    raw = json.loads((folder / "card.json").read_text())
    edit_card(folder, input={**raw["input"], **changes})
    with pytest.raises(WeightsError, match=r"card\.json can't be used"):
        read_card(folder)


@pytest.mark.parametrize("name", ["../net", "a/b", "", ".hidden"])
def test_a_card_can_not_name_a_place_outside_its_folder(name: str) -> None:
    with pytest.raises(WeightsError, match="plain names"):
        card(name)
    with pytest.raises(WeightsError, match="plain names"):
        card("net", tag=name)


def test_a_card_of_another_framing_is_refused() -> None:
    with pytest.raises(WeightsError, match="margin_ratio 0, .* not 0.2; train"):
        replace(card("net"), input=replace(INPUT, margin_ratio=0.2))


def test_a_card_keeps_every_field(folder: Path) -> None:
    raw = json.loads((folder / "card.json").read_text())
    assert set(raw) == set(WeightsCard.__dataclass_fields__)
    assert raw["input"]["mean"] == list(INPUT.mean)


def test_a_record_holds_for_the_weights_that_it_was_made_of(folder: Path) -> None:
    plain = read_card(folder)
    assert not is_recorded(folder, plain, "metrics")
    write_card(folder, with_record(folder, plain, "metrics"))
    recorded = read_card(folder)
    assert recorded.made == {"metrics": weights_digest(folder, plain)}
    assert is_recorded(folder, recorded, "metrics")
    assert not is_recorded(folder, recorded, "explanations")
    edit_card(folder, sha256=["0" * 64])
    assert not is_recorded(folder, read_card(folder), "metrics")


def test_an_ensembles_record_is_of_its_members(tmp_path: Path) -> None:
    for tag in ("a", "b"):
        write_weights(tmp_path, card("net", tag=tag), uneven_state())
    joined = tmp_path / "ensemble.ab"
    joined.mkdir()
    members = replace(card("ensemble", tag="ab"), members=("net.a", "net.b"))
    write_card(joined, with_record(joined, members, "metrics"))
    assert is_recorded(joined, read_card(joined), "metrics")
    write_weights(tmp_path, card("net", tag="b"), {"fc.bias": torch.ones(2)})
    assert not is_recorded(joined, read_card(joined), "metrics")
