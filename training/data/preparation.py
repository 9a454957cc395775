"""The two public files to one cache with landmarks."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ferstudio.errors import DataError, UsageError
from training.data.cache import save_meta, save_split, start_cache
from training.data.fer2013 import USAGE_SPLITS, read_fer2013
from training.data.ferplus import read_ferplus
from training.data.landmarks import find_landmarks
from training.data.pairing import check_same_faces
from training.data.sharing import shared_out
from training.data.table import FaceTable


def prepare(
    fer2013_file: Path, ferplus_file: Path, out: Path, *, workers: int = 0
) -> dict[str, int]:
    """Write the cache to `out` and return the number of faces per split.

    Args:
        fer2013_file: FER2013's CSV.
        ferplus_file: FER+'s CSV, row i of which is row i of the other.
        out: folder for the cache; one that is there already is replaced.
        workers: processes that find landmarks; 0 finds them in this one.

    Raises:
        DataError: if a file is malformed or the two don't belong together.
        UsageError: if `out` can't be written or `workers` is negative.
    """
    if workers < 0:
        raise UsageError(f"The number of workers must not be negative, not {workers}.")
    images, labels, usages = read_fer2013(fer2013_file)
    votes, names, ferplus_usages = read_ferplus(ferplus_file)
    _check_same_rows(fer2013_file, usages, ferplus_file, ferplus_usages)
    check_same_faces(fer2013_file, labels, ferplus_file, votes)
    start_cache(out)
    landmarks = _find_all_landmarks(images, workers)
    table = FaceTable(images, labels, votes, np.array(names), landmarks)
    splits = np.array([USAGE_SPLITS[usage] for usage in usages])
    counts = {}
    for split in dict.fromkeys(USAGE_SPLITS.values()):
        rows = splits == split
        counts[split] = int(rows.sum())
        if counts[split]:
            save_split(out, split, table.select(rows))
    save_meta(out, counts, found=int(table.found().sum()))
    return counts


def _check_same_rows(file: Path, usages: list[str], other: Path, others: list[str]) -> None:
    if len(usages) != len(others):
        raise DataError(
            f"{file} has {len(usages)} rows but {other} has {len(others)}; take both from the "
            "same release."
        )
    for line, (usage, expected) in enumerate(zip(usages, others, strict=True), start=2):
        if usage != expected:
            raise DataError(
                f"{other}, line {line}: Usage is {expected!r}, but {usage!r} in {file}; take both "
                "from the same release."
            )


def _find_all_landmarks(images: NDArray[np.uint8], workers: int) -> NDArray[np.float32]:
    with shared_out(find_landmarks, images, workers, chunk=64) as found:
        return np.stack(list(tqdm(found, total=len(images), desc="landmarks", unit="face")))
