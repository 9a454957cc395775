"""The prepared data cache: FER2013's pixels and labels, FER+'s votes and landmarks in few files.

A cache is a folder that `python -m training.prepare` writes. Per split it holds `SPLIT.npz`
(labels, votes, names, quantised landmarks) and `SPLIT-000.webp`, ... (lossless sheets of 64 x 64
faces). It is meant to be carried to another machine, so it is small: about 55 MB for the whole
set.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ferstudio.regions import expand_compact

FACE_PX = 48


@dataclass(frozen=True, slots=True)
class FaceTable:
    """One split of the data, row by row.

    Attributes:
        images: (N, 48, 48) uint8 luma.
        fer2013: (N,) int64 FER2013 label, an index into `labels.FER2013`.
        votes: (N, 10) uint8 FER+ votes in `VOTE_COLUMNS` order; all 0 where not in FER+.
        names: (N,) str FER+ image name, empty where not in FER+.
        landmarks_xy_px: (N, K, 2) float32 `COMPACT` mesh points in pixels of the 48-px image,
            NaN where no face was found.
    """

    images: NDArray[np.uint8]
    fer2013: NDArray[np.int64]
    votes: NDArray[np.uint8]
    names: NDArray[np.str_]
    landmarks_xy_px: NDArray[np.float32]

    def __len__(self) -> int:
        """Return the number of faces."""
        return len(self.images)

    def select(self, rows: NDArray[np.generic]) -> "FaceTable":
        """Return the table of the given rows (indices or a bool mask)."""
        return FaceTable(*(getattr(self, field.name)[rows] for field in fields(self)))

    def found(self) -> NDArray[np.bool_]:
        """Return (N,) bool: whether landmarks are known."""
        return ~np.isnan(self.landmarks_xy_px[:, 0, 0])

    def landmarks(self, row: int) -> NDArray[np.float32] | None:
        """Return the (478, 2) landmarks of one face, None where no face was found."""
        points = self.landmarks_xy_px[row]
        return None if np.isnan(points[0, 0]) else expand_compact(points)
