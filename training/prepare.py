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

from ferstudio.errors import DataError, FerStudioError
from ferstudio.labels import FER2013
from ferstudio.regions import COMPACT
from training.data import FACE_PX, VOTE_COLUMNS, FaceTable, save_meta, save_split

if TYPE_CHECKING:
    from ferstudio.faces.mediapipe_detector import MediapipeDetector

USAGE_SPLITS = {"Training": "train", "PublicTest": "valid", "PrivateTest": "test"}

_DETECT_PX = 192
_DETECT_PAD_PX = 48


@contextmanager
def open_text(file: Path) -> Iterator[TextIO]:
    """Open a text file that may be compressed as .xz, .gz or .zip (its only member).

    Raises:
        DataError: if the file is missing or can't be decompressed.
    """
    try:
        with _decompressed(file) as stream:
            yield stream
    except (*_READ_ERRORS, zipfile.BadZipFile) as error:
        raise DataError(f"{file} can't be read: {error}.") from error


@contextmanager
def _decompressed(file: Path) -> Iterator[TextIO]:
    with ExitStack() as stack:
        if file.suffix == ".xz":
            raw = stack.enter_context(lzma.open(file, "rb"))
        elif file.suffix == ".gz":
            raw = stack.enter_context(gzip.open(file, "rb"))
        elif file.suffix == ".zip":
            archive = stack.enter_context(zipfile.ZipFile(file))
            members = [name for name in archive.namelist() if name.endswith(".csv")]
            if len(members) != 1:
                raise DataError(f"{file} should hold one .csv file, but holds {len(members)}.")
            raw = stack.enter_context(archive.open(members[0]))
        else:
            raw = stack.enter_context(file.open("rb"))
        yield stack.enter_context(io.TextIOWrapper(raw, "utf-8", newline=""))


def read_fer2013(file: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64], list[str]]:
    """Return pixels (N, 48, 48) uint8, labels (N,) int64 and usages of a FER2013 CSV.

    Raises:
        DataError: naming the line, for a missing column, a short row or a wrong digit.
    """
    images, labels, usages = [], [], []
    with open_text(file) as stream:
        reader = csv.reader(stream)
        header = next(reader, [])
        if header[:3] != ["emotion", "pixels", "Usage"]:
            raise DataError(f"{file} should start with the columns emotion,pixels,Usage.")
        for row in reader:
            line = f"{file}, line {reader.line_num}"
            if len(row) < 3:
                raise DataError(f"{line}: {len(row)} columns where 3 are needed.")
            if row[0] not in {str(i) for i in range(len(FER2013))}:
                raise DataError(f"{line}: emotion is {row[0]!r}, not a digit from 0 to 6.")
            if row[2] not in USAGE_SPLITS:
                raise DataError(f"{line}: Usage is {row[2]!r}, not one of {list(USAGE_SPLITS)}.")
            try:
                values = np.array(row[1].split(), dtype=np.int64)
            except ValueError:
                raise DataError(f"{line}: a pixel is not a whole number.") from None
            if values.size != FACE_PX**2 or values.min() < 0 or values.max() > 255:
                raise DataError(
                    f"{line}: {FACE_PX**2} pixels from 0 to 255 are needed, found {values.size}."
                )
            images.append(values.astype(np.uint8).reshape(FACE_PX, FACE_PX))
            labels.append(int(row[0]))
            usages.append(row[2])
    if not images:
        raise DataError(f"{file} holds no faces.")
    return np.stack(images), np.array(labels, np.int64), usages


def read_ferplus(file: Path) -> tuple[NDArray[np.uint8], list[str], list[str]]:
    """Return votes (N, 10) uint8, image names ("" where not in FER+) and usages of a FER+ CSV.

    Raises:
        DataError: naming the line, for a missing column, a short row or a wrong vote.
    """
    columns = ["Usage", "Image name", *VOTE_COLUMNS]
    votes, names, usages = [], [], []
    with open_text(file) as stream:
        reader = csv.reader(stream)
        if next(reader, []) != columns:
            raise DataError(f"{file} should start with the columns {','.join(columns)}.")
        for row in reader:
            line = f"{file}, line {reader.line_num}"
            if len(row) != len(columns):
                raise DataError(f"{line}: {len(row)} columns where {len(columns)} are needed.")
            try:
                counts = [int(cell) for cell in row[2:]]
            except ValueError:
                raise DataError(f"{line}: a vote is not a whole number.") from None
            if min(counts) < 0 or max(counts) > 10:
                raise DataError(f"{line}: votes must lie between 0 and 10, found {counts}.")
            usages.append(row[0])
            names.append(row[1].strip())
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

    return MediapipeDetector(max_faces=1)


def prepare(
    fer2013_file: Path, ferplus_file: Path, out: Path, *, workers: int = 1
) -> dict[str, int]:
    """Write the cache to `out` and return the number of faces per split.

    Raises:
        DataError: if a file is malformed or the two don't belong together.
    """
    images, labels, usages = read_fer2013(fer2013_file)
    votes, names, ferplus_usages = read_ferplus(ferplus_file)
    if usages != ferplus_usages:
        raise DataError(
            f"{fer2013_file} ({len(usages)} rows) and {ferplus_file} ({len(ferplus_usages)} rows) "
            "should have the same Usage row by row; take both from the same release."
        )
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        found = pool.imap(find_landmarks, images, chunksize=64)
        landmarks = np.stack(list(tqdm(found, total=len(images), desc="landmarks", unit="face")))
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


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.prepare", description=__doc__)
    parser.add_argument("--fer2013", type=Path, required=True, help="fer2013.csv[.xz|.gz|.zip]")
    parser.add_argument("--ferplus", type=Path, required=True, help="fer2013new.csv")
    parser.add_argument("--out", type=Path, required=True, help="folder for the cache")
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
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
