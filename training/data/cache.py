"""The prepared data cache: pixels, labels, FER+'s votes and landmarks in few files.

A cache is a folder that `python -m training.prepare` writes. Per split it holds `SPLIT.npz`
(labels, votes, names, quantised landmarks) and `SPLIT-000.webp`, ... (lossless sheets of 64 x 64
faces of FER2013, of fewer larger ones). It is meant to be carried to another machine, so it is
small: 58 MB for FER2013's training and validation splits. Other sets' pictures are grey or in
colour, of any side; `meta.json` says which, and which label set their labels are of.
"""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import DataError
from ferstudio.files import whole_file, write_whole, writes_to
from ferstudio.regions import COMPACT
from training.data.table import COLUMNS, FACE_PX, FaceTable

CACHE_VERSION = 1

META_FILE = "meta.json"

SPLITS = ("train", "valid", "test")

_SHEET_SIDE, _SHEET_PX = 64, 4096  # faces per row and column of a sheet, and its pixels at most

MAX_SIDE_PX = 512
"""Of a face in a cache."""

_QUANT_PER_PX = 4

_QUANT_OFFSET_PX = 8

_QUANT_MISSING = 255


def start_cache(folder: Path) -> None:
    """Make the folder of a cache, unfinished until `save_meta`; an older cache there ends.

    Raises:
        UsageError: if the folder can't be made or written to.
    """
    with writes_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / META_FILE).unlink(missing_ok=True)


def save_split(folder: Path, split: str, table: FaceTable) -> None:
    """Write one split of a cache; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    count, side, channels = _sheet_faces(table.side_px), table.side_px, table.images.shape[3:]
    per_sheet = count**2
    for number, start in enumerate(range(0, len(table), per_sheet)):
        faces = table.images[start : start + per_sheet]
        faces = faces[..., ::-1] if channels else faces  # OpenCV writes BGR
        grid = np.zeros((per_sheet, side, side, *channels), np.uint8)
        grid[: len(faces)] = faces
        sheet = grid.reshape(count, count, side, side, *channels)
        sheet = sheet.swapaxes(1, 2).reshape(count * side, count * side, *channels)
        lossless = [cv2.IMWRITE_WEBP_QUALITY, 101]  # above 100 means lossless in OpenCV
        ok, encoded = cv2.imencode(".webp", sheet, lossless)
        if not ok:
            raise DataError("OpenCV can't write WebP here; install opencv-python from PyPI.")
        write_whole(folder / f"{split}-{number:03d}.webp", encoded.tobytes())
    # a stream, as numpy would add its own ending to a name
    with whole_file(folder / f"{split}.npz") as part, part.open("wb") as stream:
        np.savez_compressed(
            stream,
            fer2013=table.truth.astype(np.uint8),
            votes=table.votes,
            names=table.names,
            landmarks=_quantise(table.landmarks_xy_px * np.float32(FACE_PX / side)),
        )


def save_meta(folder: Path, counts: dict[str, int], **facts: object) -> None:
    """Write the cache's facts, the last file of a cache: a folder without it is not finished.

    Args:
        folder: of the cache.
        counts: faces per split.
        facts: more; `side_px`, `channels` and `labels` where they aren't FER2013's 48, 1 and own.
    """
    meta = {"version": CACHE_VERSION, "counts": counts, "compact": list(COMPACT), **facts}
    write_whole(folder / META_FILE, (json.dumps(meta, indent=1) + "\n").encode())


def load_split(folder: str | Path, split: str) -> FaceTable:
    """Return one split of a prepared cache.

    Raises:
        DataError: if the folder is no finished cache, is damaged, lacks the split or is of another
            version.
    """
    folder = Path(folder)
    count, meta = split_size(folder, split), _read_meta(folder)
    side, channels = int(meta.get("side_px", FACE_PX)), int(meta.get("channels", 1))
    images = _load_sheets(folder, split, count, (side, channels))
    stored = _load_columns(folder / f"{split}.npz")
    table = FaceTable(
        images=images,
        truth=stored["fer2013"].astype(np.int64),
        votes=stored["votes"],
        names=stored["names"],
        landmarks_xy_px=_dequantise(stored["landmarks"]) * np.float32(side / FACE_PX),
        labels=str(meta.get("labels", "fer2013")),
    )
    if any(len(getattr(table, name)) != count for name in COLUMNS):
        raise DataError(f"{folder} holds files of two runs; run training.prepare again.")
    return table


def split_size(folder: Path, split: str) -> int:
    """Return how many faces one split of a prepared cache has; its files aren't looked at.

    Raises:
        DataError: if the folder is no finished cache, lacks the split or is of another version.
    """
    if split not in SPLITS:
        raise DataError(f"There is no split {split!r}; choose from: {', '.join(SPLITS)}.")
    count = _read_meta(folder)["counts"].get(split, 0)
    if not count:
        raise DataError(f"{folder} has no {split!r} split; its files held no such rows.")
    return int(count)


def splits_of(folder: Path) -> list[str]:
    """Return the splits that a prepared cache has faces of, in order.

    Raises:
        DataError: if the folder is no finished cache, or one of another version.
    """
    counts = _read_meta(folder)["counts"]
    return [split for split in SPLITS if counts.get(split)]


def _read_meta(folder: Path) -> dict[str, Any]:
    try:
        meta = json.loads((folder / META_FILE).read_text("utf-8"))
    except OSError:
        raise DataError(
            f"{folder} holds no prepared data; run python -m training.prepare first."
        ) from None
    except ValueError:
        raise DataError(f"{folder / META_FILE} is damaged; run training.prepare again.") from None
    if meta.get("version") != CACHE_VERSION or meta.get("compact") != list(COMPACT):
        raise DataError(f"{folder} was prepared by another version; run training.prepare again.")
    return dict(meta)


def _load_columns(file: Path) -> dict[str, NDArray[Any]]:
    try:
        with np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in ("fer2013", "votes", "names", "landmarks")}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        raise DataError(f"{file} is missing or damaged; run training.prepare again.") from None


def _sheet_faces(side_px: int) -> int:
    """Return how many faces of a side stand in a row, and in a column, of a sheet."""
    return max(1, min(_SHEET_SIDE, _SHEET_PX // side_px))


def _load_sheets(folder: Path, split: str, count: int, form: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the faces of a split, (N, S, S) or (N, S, S, 3) for the form (S, 1) or (S, 3)."""
    side, channels = form
    across, colours = _sheet_faces(side), (3,) if channels == 3 else ()
    per_sheet = across**2
    parts = []
    for number in range(-(-count // per_sheet)):
        sheet = _load_sheet(folder / f"{split}-{number:03d}.webp", across * side, colours)
        cells = sheet.reshape(across, side, across, side, *colours).swapaxes(1, 2)
        parts.append(cells.reshape(per_sheet, side, side, *colours))
    return np.concatenate(parts)[:count]


def _load_sheet(file: Path, side: int, colours: tuple[int, ...]) -> NDArray[np.uint8]:
    content = np.fromfile(file, np.uint8) if file.is_file() else np.empty(0, np.uint8)
    kind = cv2.IMREAD_COLOR if colours else cv2.IMREAD_GRAYSCALE
    sheet = cv2.imdecode(content, kind) if content.size else None
    if sheet is None or sheet.shape != (side, side, *colours):
        raise DataError(f"{file} is missing or damaged; run training.prepare again.")
    return np.ascontiguousarray(sheet[..., ::-1] if colours else sheet, np.uint8)


def _quantise(points: NDArray[np.float32]) -> NDArray[np.uint8]:
    missing = np.isnan(points)
    steps = np.round((np.nan_to_num(points) + _QUANT_OFFSET_PX) * _QUANT_PER_PX)
    steps = np.clip(steps, 0, _QUANT_MISSING - 1)
    return np.where(missing, _QUANT_MISSING, steps).astype(np.uint8)


def _dequantise(steps: NDArray[np.uint8]) -> NDArray[np.float32]:
    points = steps.astype(np.float32) / _QUANT_PER_PX - _QUANT_OFFSET_PX
    points[(steps == _QUANT_MISSING).any(axis=(1, 2))] = np.nan
    return points
