"""One split of the data, row by row."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ferstudio.regions import expand_compact

FACE_PX = 48
"""Side of FER2013's pictures."""


@dataclass(frozen=True, slots=True)
class FaceTable:
    """One split of the data, row by row.

    Attributes:
        images: (N, S, S) uint8 luma, or (N, S, S, 3) uint8 RGB; S is 48 of FER2013.
        truth: (N,) int64 label, an index into the emotions of the label set `labels`.
        votes: (N, 10) uint8 FER+ votes in `VOTE_COLUMNS` order; all 0 where not in FER+.
        names: (N,) str FER+ image name, empty where not in FER+.
        landmarks_xy_px: (N, K, 2) float32 `COMPACT` mesh points in pixels of the image, NaN where
            no face was found.
        labels: name of the label set of `truth`.
    """

    images: NDArray[np.uint8]
    truth: NDArray[np.int64]
    votes: NDArray[np.uint8]
    names: NDArray[np.str_]
    landmarks_xy_px: NDArray[np.float32]
    labels: str = "fer2013"

    def __len__(self) -> int:
        """Return the number of faces."""
        return len(self.images)

    def select(self, rows: NDArray[np.generic]) -> "FaceTable":
        """Return the table of the given rows (indices or a bool mask)."""
        return replace(self, **{name: getattr(self, name)[rows] for name in COLUMNS})

    @property
    def side_px(self) -> int:
        """Side of the pictures."""
        return int(self.images.shape[1])

    @property
    def planes(self) -> NDArray[np.uint8]:
        """The pictures with their channels first: (N, 1, S, S) luma or (N, 3, S, S) RGB."""
        if self.images.ndim == 3:
            return self.images[:, None]
        return np.ascontiguousarray(self.images.transpose(0, 3, 1, 2))

    def found(self) -> NDArray[np.bool_]:
        """Return (N,) bool: whether landmarks are known."""
        return ~np.isnan(self.landmarks_xy_px[:, 0, 0])

    def landmarks(self, row: int) -> NDArray[np.float32] | None:
        """Return the (478, 2) landmarks of one face, None where no face was found."""
        points = self.landmarks_xy_px[row]
        return None if np.isnan(points[0, 0]) else expand_compact(points)


COLUMNS = ("images", "truth", "votes", "names", "landmarks_xy_px")
"""What a table has one of for each face."""


def picture_keys(table: FaceTable) -> list[bytes]:
    """Return a key per face that is the same for pictures that are the same to the byte."""
    return [hashlib.sha256(picture.tobytes()).digest() for picture in table.images]
