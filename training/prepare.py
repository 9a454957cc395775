"""`python -m training.prepare`: the two public files to one compact cache with landmarks.

FER2013: Goodfellow et al., "Challenges in Representation Learning", 2013. FER+: Barsoum et al.,
"Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label Distribution",
ICMI 2016. Row i of one file is row i of the other.
"""

import argparse
import csv
import gzip
import io
import lzma
import multiprocessing
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ferstudio.errors import DataError, FerStudioError, UsageError
from ferstudio.labels import FER2013
from ferstudio.regions import COMPACT
from training.data.table import FACE_PX, VOTE_COLUMNS, FaceTable, save_meta, save_split, start_cache

if TYPE_CHECKING:
    from ferstudio.faces.mediapipe_detector import MediapipeDetector

USAGE_SPLITS = {"Training": "train", "PublicTest": "valid", "PrivateTest": "test"}

_DETECT_PX = 192
_DETECT_PAD_PX = 48
_FER2013_COLUMNS = ["emotion", "pixels", "Usage"]
_FERPLUS_COLUMNS = ["Usage", "Image name", *VOTE_COLUMNS]


@contextmanager
def open_text(file: Path) -> Iterator[TextIO]:
    """Open a text file that may be compressed as .xz, .gz or .zip (its only .csv member).

    Raises:
        DataError: if the file is missing, or can't be decompressed or decoded while it is read.
    """
    try:
        with ExitStack() as stack:
            yield _open_stream(file, stack)
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror or error}.") from error
    except (EOFError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file} can't be read: {error}.") from error
    except (lzma.LZMAError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{file} is damaged or cut short: {error}.") from error


def _open_stream(file: Path, stack: ExitStack) -> TextIO:
    if file.suffix == ".xz":
        return stack.enter_context(lzma.open(file, "rt", encoding="utf-8", newline=""))
    if file.suffix == ".gz":
        return stack.enter_context(gzip.open(file, "rt", encoding="utf-8", newline=""))
    if file.suffix == ".zip":
        archive = stack.enter_context(zipfile.ZipFile(file))
        members = [name for name in archive.namelist() if name.endswith(".csv")]
        if len(members) != 1:
            raise DataError(f"{file} should hold one .csv file, but holds {len(members)}.")
        binary = stack.enter_context(archive.open(members[0]))
        return stack.enter_context(io.TextIOWrapper(binary, "utf-8", newline=""))
    return stack.enter_context(file.open(encoding="utf-8", newline=""))


def read_rows(file: Path, columns: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each row of a CSV with the place an error can name: "FILE, line N".

    Raises:
        DataError: if the header isn't `columns` or a row has another number of them.
    """
    with open_text(file) as stream:
        reader = csv.reader(stream)
        if next(reader, []) != columns:
            raise DataError(f"{file}, line 1: the columns should be {','.join(columns)}.")
        for row in reader:
            place = f"{file}, line {reader.line_num}"
            if len(row) != len(columns):
                raise DataError(f"{place}: {len(row)} columns where {len(columns)} are needed.")
            yield place, row


def read_fer2013(file: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64], list[str]]:
    """Return pixels (N, 48, 48) uint8, labels (N,) int64 and usages of a FER2013 CSV.

    Raises:
        DataError: naming the line, for a missing column, a short row, a wrong digit or pixel.
    """
    images, labels, usages = [], [], []
    for place, (emotion, pixels, usage) in read_rows(file, _FER2013_COLUMNS):
        if emotion not in {str(i) for i in range(len(FER2013))}:
            raise DataError(f"{place}: emotion is {emotion!r}, not a digit from 0 to 6.")
        if usage not in USAGE_SPLITS:
            raise DataError(f"{place}: Usage is {usage!r}, not one of {', '.join(USAGE_SPLITS)}.")
        images.append(_parse_pixels(place, pixels))
        labels.append(int(emotion))
        usages.append(usage)
    if not images:
        raise DataError(f"{file} holds no faces.")
    return np.stack(images), np.array(labels, np.int64), usages


def _parse_pixels(place: str, cell: str) -> NDArray[np.uint8]:
    try:
        values = np.array(cell.split(), dtype=np.int64)
    except (ValueError, OverflowError):
        raise DataError(f"{place}: a pixel is not a whole number.") from None
    if values.size != FACE_PX**2:
        raise DataError(f"{place}: {values.size} pixels where {FACE_PX**2} are needed.")
    if values.min() < 0 or values.max() > 255:
        raise DataError(f"{place}: a pixel is not between 0 and 255.")
    return values.astype(np.uint8).reshape(FACE_PX, FACE_PX)


def read_ferplus(file: Path) -> tuple[NDArray[np.uint8], list[str], list[str]]:
    """Return votes (N, 10) uint8, image names ("" where not in FER+) and usages of a FER+ CSV.

    Raises:
        DataError: naming the line, for a missing column, a short row or a wrong vote.
    """
    votes, names, usages = [], [], []
    for place, (usage, name, *cells) in read_rows(file, _FERPLUS_COLUMNS):
        try:
            counts = [int(cell) for cell in cells]
        except ValueError:
            raise DataError(f"{place}: a vote is not a whole number.") from None
        if min(counts) < 0 or max(counts) > 10:
            raise DataError(f"{place}: votes must lie between 0 and 10, found {counts}.")
        usages.append(usage)
        names.append(name.strip())
        votes.append(counts if names[-1] else [0] * len(counts))
    return np.array(votes, np.uint8).reshape(-1, len(VOTE_COLUMNS)), names, usages


def find_landmarks(face: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the `COMPACT` mesh points (K, 2) of one 48-px face in its pixels, NaN if not found.

    The face is enlarged to 192 px and its border continued, which mediapipe needs to see it.
    """
    big = cv2.resize(face, (_DETECT_PX, _DETECT_PX), interpolation=cv2.INTER_CUBIC)
    pad = _DETECT_PAD_PX
    padded = cv2.copyMakeBorder(big, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    found = _detector().detect(np.asarray(cv2.cvtColor(padded, cv2.COLOR_GRAY2RGB), np.uint8))
    if not found or found[0].landmarks_xy_px is None:
        return np.full((len(COMPACT), 2), np.nan, np.float32)
    points = found[0].landmarks_xy_px[list(COMPACT)]
    return ((points - pad) * (FACE_PX / _DETECT_PX)).astype(np.float32)


@cache
def _detector() -> "MediapipeDetector":
    from ferstudio.faces.mediapipe_detector import MediapipeDetector

    try:
        return MediapipeDetector(max_faces=1)
    except ImportError as error:
        raise UsageError(
            "Finding landmarks needs mediapipe; install requirements.txt on Python 3.10 to 3.12."
        ) from error


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
    with ExitStack() as stack:
        found: Iterator[NDArray[np.float32]] = map(find_landmarks, images)
        if workers:
            pool = stack.enter_context(multiprocessing.get_context("spawn").Pool(workers))
            found = pool.imap(find_landmarks, images, chunksize=64)
        return np.stack(list(tqdm(found, total=len(images), desc="landmarks", unit="face")))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.prepare", description=__doc__)
    parser.add_argument("--fer2013", type=Path, required=True, help="fer2013.csv[.xz|.gz|.zip]")
    parser.add_argument("--ferplus", type=Path, required=True, help="fer2013new.csv")
    parser.add_argument("--out", type=Path, required=True, help="folder for the cache")
    parser.add_argument(
        "--workers",
        type=int,
        default=multiprocessing.cpu_count(),
        help="processes that find landmarks; 0 finds them in this one",
    )
    options = parser.parse_args(arguments)
    try:
        counts = prepare(options.fer2013, options.ferplus, options.out, workers=options.workers)
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    print(", ".join(f"{split}: {count} faces" for split, count in counts.items() if count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
