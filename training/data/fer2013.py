"""FER2013's public file: pixels, labels and usages.

Goodfellow et al., "Challenges in Representation Learning", 2013.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import DataError
from ferstudio.labels import FER2013
from training.data.csv_files import read_rows
from training.data.table import FACE_PX

USAGE_SPLITS = {"Training": "train", "PublicTest": "valid", "PrivateTest": "test"}

_COLUMNS = ["emotion", "pixels", "Usage"]


def read_fer2013(file: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64], list[str]]:
    """Return pixels (N, 48, 48) uint8, labels (N,) int64 and usages of a FER2013 CSV.

    Raises:
        DataError: naming the line, for a missing column, a short row, a wrong digit or pixel.
    """
    images, labels, usages = [], [], []
    for place, (emotion, pixels, usage) in read_rows(file, _COLUMNS):
        emotion, usage = emotion.strip(), usage.strip()
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
