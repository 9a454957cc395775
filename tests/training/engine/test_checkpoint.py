"""A checkpoint comes back whole and unaltered, or one sentence says what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest
import torch

from ferstudio.errors import DataError
from training.engine.checkpoint import CHECKPOINT, read_checkpoint

STATE: dict[str, Any] = {
    **dict.fromkeys("recipe averaged epoch step elapsed_s command data commit device".split(), 0),
    "model": {"weight": torch.arange(4096.0)},
}


def test_it_comes_back(tmp_path: Path) -> None:
    torch.save(STATE, tmp_path / CHECKPOINT)
    assert torch.equal(read_checkpoint(tmp_path)["model"]["weight"], torch.arange(4096.0))


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    torch.save(STATE, tmp_path / CHECKPOINT)
    content = bytearray((tmp_path / CHECKPOINT).read_bytes())
    place = content.index(torch.tensor([777.0]).numpy().tobytes())
    content[place] ^= 1
    (tmp_path / CHECKPOINT).write_bytes(content)
    with pytest.raises(DataError, match="has changed since it was written .*; start anew"):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04" + bytes(100)])
def test_what_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CHECKPOINT).write_bytes(content)
    with pytest.raises(DataError, match="can't be read"):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize("saved", [{"state_dict": {}}, [1, 2], {**STATE, "model": None}])
def test_a_foreign_one_is_refused(tmp_path: Path, saved: Any) -> None:
    if isinstance(saved, dict):
        saved.pop("model", None)
    torch.save(saved, tmp_path / CHECKPOINT)
    with pytest.raises(DataError, match=r"is no checkpoint of training\.train"):
        read_checkpoint(tmp_path)


def test_there_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no last\.pt to go on from"):
        read_checkpoint(tmp_path)
