"""Labelled pictures of a data set to a cache with landmarks: its side, its colours, its labels."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ferstudio import picture_files
from ferstudio.errors import DataError, ImageError, UsageError
from ferstudio.faces.pictures import read_picture
from ferstudio.labels import described
from ferstudio.regions import COMPACT
from training.data.cache import MAX_SIDE_PX, SPLITS, save_meta, save_split, start_cache
from training.data.landmarks import find_landmarks
from training.data.picture_lists import LabelledPicture, pictures_in_folders, pictures_in_list
from training.data.sharing import shared_out
from training.data.table import FaceTable

VOTES = 10
"""Columns of FER+'s votes, of which other sets have none."""


@dataclass(frozen=True, slots=True)
class PictureSet:
    """What a cache is made of.

    Attributes:
        folder: of the pictures.
        labels: name of the label set.
        lists: the data set's own list files; none for folders SPLIT/LABEL/*.
        side_px: side of the cache's pictures.
        grey: whether they lose their colours.
        valid_share: share of the training pictures that validates, where no split does.
        seed: of its choice.
    """

    folder: Path
    labels: str
    lists: tuple[Path, ...] = ()
    side_px: int = 112
    grey: bool = False
    valid_share: float = 0.1
    seed: int = 0

    @property
    def channels(self) -> int:
        """Channels of the cache's pictures."""
        return 1 if self.grey else 3

    def __post_init__(self) -> None:
        """Refuse sides and shares that no cache has."""
        if not 32 <= self.side_px <= MAX_SIDE_PX:
            raise UsageError(f"--side is from 32 to {MAX_SIDE_PX} pixels, not {self.side_px}.")
        if not 0 < self.valid_share < 1:
            raise UsageError(f"--valid-share lies between 0 and 1, not {self.valid_share:g}.")


def prepare_pictures(asked: PictureSet, out: Path, *, workers: int = 0) -> dict[str, int]:
    """Write the cache to `out` and return the number of faces per split.

    Each picture, or the face that its list names, is cut to its centred square; landmarks are found
    in that, so that training aligns it as the studio does. A picture that can't be read is named on
    standard error and left out: official sets have some.

    Raises:
        DataError: if the pictures aren't in the form that was named, or none can be read.
        UsageError: if `out` can't be written or `workers` is negative.
    """
    if workers < 0:
        raise UsageError(f"The number of workers must not be negative, not {workers}.")
    labels = described(asked.labels)
    listed = (
        [each for file in asked.lists for each in pictures_in_list(file, asked.folder, labels)]
        if asked.lists
        else pictures_in_folders(asked.folder, labels)
    )
    start_cache(out)
    splits = _splits(listed, asked)
    counts, found = dict.fromkeys(SPLITS, 0), 0
    for split in SPLITS:
        members = [each for each, own in zip(listed, splits, strict=True) if own == split]
        table = _table(members, asked, workers)
        counts[split] = len(table)
        if len(table):
            found += int(table.found().sum())
            save_split(out, split, table)
    if not any(counts.values()):
        raise DataError(f"None of the {len(listed)} pictures can be read.")
    facts = {
        "side_px": asked.side_px,
        "channels": asked.channels,
        "labels": asked.labels,
        "unreadable": len(listed) - sum(counts.values()),
    }
    save_meta(out, counts, found=found, **facts)
    return counts


def _splits(listed: Sequence[LabelledPicture], asked: PictureSet) -> list[str]:
    """Return each picture's split; of each emotion a share of the training ones validates."""
    splits = [each.split for each in listed]
    if "valid" in splits:
        return splits
    rng = np.random.default_rng(asked.seed)
    for label in sorted({each.label for each in listed}):
        rows = [n for n, each in enumerate(listed) if (each.split, each.label) == ("train", label)]
        count = round(asked.valid_share * len(rows)) or int(len(rows) > 1)
        for row in rng.permutation(rows)[:count].tolist():
            splits[row] = "valid"
    return splits


def _table(listed: Sequence[LabelledPicture], asked: PictureSet, workers: int) -> FaceTable:
    """Return the table of those that can be read; the pictures are in memory once."""
    colours = () if asked.grey else (asked.channels,)
    images = np.empty((len(listed), asked.side_px, asked.side_px, *colours), np.uint8)
    landmarks = np.empty((len(listed), len(COMPACT), 2), np.float32)
    kept = list[LabelledPicture]()
    with shared_out(partial(_read, asked=asked), listed, workers, chunk=16) as made:
        shown = tqdm(made, total=len(listed), desc="landmarks", unit="face")
        for picture, read in zip(listed, shown, strict=True):
            if isinstance(read, str):
                tqdm.write(f"{picture.file} is left out: {read}", file=sys.stderr)
                continue
            images[len(kept)], landmarks[len(kept)] = read
            kept.append(picture)
    return FaceTable(
        images=images[: len(kept)],
        truth=np.array([each.label for each in kept], np.int64),
        votes=np.zeros((len(kept), VOTES), np.uint8),
        names=np.array([each.file.name for each in kept]),
        landmarks_xy_px=landmarks[: len(kept)],
        labels=asked.labels,
    )


def _read(
    picture: LabelledPicture, asked: PictureSet
) -> tuple[NDArray[np.uint8], NDArray[np.float32]] | str:
    """Return a picture's centred square as the cache keeps it, and the landmarks in it.

    A sentence instead where it can't be read.
    """
    try:
        image = read_picture(picture.file)
        box = _box_in(image, picture)
    except ImageError as error:
        return str(error)
    height, width = image.shape[:2]
    left, top, right, bottom = box or (0, 0, width, height)
    largest = min if box is None else max
    side = max(1, min(round(largest(right - left, bottom - top)), height, width))
    x = min(max(0, round((left + right - side) / 2)), width - side)
    y = min(max(0, round((top + bottom - side) / 2)), height - side)
    kind = cv2.INTER_AREA if side > asked.side_px else cv2.INTER_CUBIC
    square, size = image[y : y + side, x : x + side], (asked.side_px, asked.side_px)
    face = np.asarray(cv2.resize(square, size, interpolation=kind), np.uint8)
    if asked.grey:
        face = np.asarray(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), np.uint8)
    return face, find_landmarks(face)


def _box_in(
    image: NDArray[np.uint8], picture: LabelledPicture
) -> tuple[float, float, float, float] | None:
    """Return the face's box in pixels of the picture as read: large ones are read smaller."""
    if picture.box_xyxy_px is None or max(image.shape[:2]) < picture_files.MAX_SIDE_PX:
        return picture.box_xyxy_px
    with picture_files.opened_picture(picture.file, None) as whole:
        scale = max(image.shape[:2]) / max(whole.size)
    left, top, right, bottom = picture.box_xyxy_px
    return left * scale, top * scale, right * scale, bottom * scale
