"""Faces from one picture of a camera to the next: followed, and looked for anew now and then.

To follow a face costs the same however small it is, and nothing is followed that isn't verified in
each picture; to look for faces costs several times that where they are small or there is none.
"""

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.detector import FaceDetector
from ferstudio.faces.windows import box_area_px
from ferstudio.types import Face

SEARCH_EVERY = 12
"""After so many pictures in which faces were followed others are looked for: in about a second."""

FOLLOWED = 3
"""Most faces that are followed; others stay where they were seen until the next search."""

SEARCHED_PX = 320
"""Long side of the picture in which faces are looked for."""


@runtime_checkable
class Follower(Protocol):
    """A detector that can follow: `VerifiedDetector` does."""

    def follow(self, image: NDArray[np.uint8], face: Face) -> Face | None:
        """Return where a face of the picture before is in this one; None where it is lost."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Where the faces of a camera's newest picture are: places alone, no pixels.

    Attributes:
        faces: the largest first.
        shape_px: height and width of the picture.
        followed: pictures since faces were looked for.
    """

    faces: tuple[Face, ...]
    shape_px: tuple[int, int]
    followed: int = 0


def track(image: NDArray[np.uint8], detector: FaceDetector, last: Track | None = None) -> Track:
    """Return where the faces of a picture are.

    Args:
        image: (H, W, 3) uint8 RGB.
        detector: looks for faces, and follows them where it can.
        last: of the picture before; None where there was none.
    """
    height, width = image.shape[:2]
    if (
        last is not None
        and last.shape_px == (height, width)
        and last.followed < SEARCH_EVERY
        and isinstance(detector, Follower)
        and (faces := _followed(image, detector, last.faces))
    ):
        return Track(faces, (height, width), last.followed + 1)
    return Track(_searched(image, detector), (height, width))


def _followed(
    image: NDArray[np.uint8], follower: Follower, faces: tuple[Face, ...]
) -> tuple[Face, ...]:
    """Return where faces are now; () where the largest is lost."""
    found = [follower.follow(image, face) for face in faces[:FOLLOWED]]
    if not found or found[0] is None:
        return ()
    seen = [face for face in found if face is not None]
    return tuple(sorted([*seen, *faces[FOLLOWED:]], key=box_area_px, reverse=True))


def _searched(image: NDArray[np.uint8], detector: FaceDetector) -> tuple[Face, ...]:
    """Return what is found in a reduced copy of a picture, in the picture's own pixels."""
    height, width = image.shape[:2]
    scale = SEARCHED_PX / max(height, width)
    if scale >= 1:
        return tuple(detector.detect(image))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    back = np.array([width / size[0], height / size[1]], np.float32)
    return tuple(_enlarged(face, back) for face in detector.detect(small))


def _enlarged(face: Face, back: NDArray[np.float32]) -> Face:
    """Return a face whose places are multiplied by `back`, (2,) float32 across and down."""
    left, top, right, bottom = (np.array(face.box_xyxy_px) * np.tile(back, 2)).tolist()
    points = face.landmarks_xy_px
    points = None if points is None else (points * back).astype(np.float32)
    return replace(face, box_xyxy_px=(left, top, right, bottom), landmarks_xy_px=points)
