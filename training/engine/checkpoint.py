"""A run's checkpoint on disk: read back whole and unaltered, or refused in one sentence."""

import zipfile
from pathlib import Path
from typing import Any

import torch

from ferstudio.errors import DataError

CHECKPOINT = "last.pt"

_NEEDED = frozenset("recipe model averaged epoch step elapsed_s command data commit device".split())
"""Keys without which it is none; those of earlier versions lack some of the others."""


def read_checkpoint(out: Path) -> dict[str, Any]:
    """Return the content of a run's checkpoint, on the CPU.

    Raises:
        DataError: if there is none, it was altered, can't be read or is of something else.
    """
    file = out / CHECKPOINT
    if not file.is_file():
        raise DataError(f"{out} holds no {CHECKPOINT} to go on from; start without --resume.")
    _check_sums(file)
    try:
        saved = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen kinds for a damaged file
        raise DataError(f"{file} can't be read ({type(error).__name__}); start anew.") from error
    if not isinstance(saved, dict) or not saved.keys() >= _NEEDED:
        raise DataError(f"{file} is no checkpoint of training.train; name the folder of a run.")
    return saved


def _check_sums(file: Path) -> None:
    """Refuse a file of which a byte has changed: torch writes sums, but doesn't look at them."""
    try:
        with zipfile.ZipFile(file) as archive:
            damaged = archive.testzip()
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{file} can't be read ({type(error).__name__}); start anew.") from error
    if damaged is not None:
        raise DataError(f"{file} has changed since it was written ({damaged}); start anew.")
