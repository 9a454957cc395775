"""What decides how far the answers about a face can be trusted, each in a chip and a sentence.

The limits are what the networks learned from: FER2013's training faces, measured with the same
landmarks.
"""

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.preprocess import apply_affine, framing_transform, from_centres, invert_affine
from ferstudio.regions import FACE_OVAL, anchor_points, hull_mask
from ferstudio.types import Face, Note

NAMES = (
    "no-face", "uncertain", "turned", "outside", "small", "dark", "bright", "profile", "frame",
    "depth", "many",
)  # fmt: skip
"""Kinds of conditions; the last three are the picture's and not one face's."""

SMALL_PX = 40.0
"""Height from forehead to chin; FER2013's own faces are about this high."""

DARK, BRIGHT = 46.0, 211.0
"""Mean luma of a face in levels of 255; one in 200 training faces is darker, one brighter."""

PROFILE = 1.85
"""How far the nose's tip lies from the middle between the cheeks, in halves of their distance: 0 in
front, 1.3 at 45 degrees. One in 100 training faces is turned further."""

OUTSIDE_SHARE = 0.1
"""Of the face's oval: so much may lie outside the picture without a word."""

LEAST_SCORE = 0.8
"""A face below it is called uncertain."""

_FOREHEAD, _CHIN, _NOSE, _RIGHT_CHEEK, _LEFT_CHEEK = 10, 152, 1, 234, 454
_SEEN_PX = 64


def conditions(image: NDArray[np.uint8], face: Face) -> tuple[Note, ...]:
    """Return what is to be said of a face of an (H, W, 3) uint8 RGB picture, in order of weight."""
    return tuple(_conditions(image, face))


def no_face() -> Note:
    """Return the condition of a picture without a face."""
    said = "No face was found; the centred square of the picture is used."
    return Note("no-face", "no face found", said)


def other_frame(number: int, count: int) -> Note:
    """Return the condition of an animation of `count` frames whose frame `number` is shown."""
    said = f"The first frame of the animation shows no face, so frame {number} of {count} is used."
    return Note("frame", f"frame {number} of {count}", said)


def other_depth(bits: int) -> Note:
    """Return the condition of a picture that uses fewer bits than its file has."""
    said = f"The picture's numbers fill only {bits} bits of its file; black to white is read so."
    return Note("depth", f"{bits} bits used", said)


def at_least(count: int) -> Note:
    """Return the condition of a picture with as many faces as are looked for."""
    said = f"The picture shows at least {count} faces; the {count} largest are offered."
    return Note("many", f"at least {count} faces", said)


def _conditions(image: NDArray[np.uint8], face: Face) -> Iterator[Note]:
    if face.score < LEAST_SCORE:
        share = f"{100 * face.score:.0f} %"
        said = f"The detector is only {share} sure that this is a face in its place."
        yield Note("uncertain", f"uncertain, {share}", said)
    if face.landmarks_xy_px is None:
        return
    points = face.landmarks_xy_px
    quarters = _quarters(points)
    if quarters:
        said = f"The picture was turned by {90 * quarters}° so that this face stands upright."
        yield Note("turned", f"turned by {90 * quarters}°", said)
    luma, outside_share = _seen(image, points)
    if outside_share > OUTSIDE_SHARE:
        share = f"{100 * outside_share:.0f} %"
        said = f"{share} of the face lies outside the picture; its edge is smeared there."
        yield Note("outside", f"{share} outside the picture", said)
    height_px = float(np.linalg.norm(points[_CHIN] - points[_FOREHEAD]))
    if height_px < SMALL_PX:
        said = f"The face is only {height_px:.0f} pixels high, less than the networks learned from."
        yield Note("small", f"{height_px:.0f} pixels high", said)
    if luma < DARK:
        said = "The face is darker than nearly all that the networks learned from."
        yield Note("dark", "very dark", said)
    elif luma > BRIGHT:
        said = "The face is brighter than nearly all that the networks learned from."
        yield Note("bright", "very bright", said)
    if _turn(points) > PROFILE:
        said = "The head is turned further than nearly all that the networks learned from."
        yield Note("profile", "profile", said)


def _quarters(points: NDArray[np.float32]) -> int:
    """Return by how many quarters a picture has to be turned, clockwise, for an upright face."""
    right_eye, left_eye, _ = anchor_points(points)
    across = left_eye - right_eye
    return round(-math.degrees(math.atan2(across[1], across[0])) / 90) % 4


def _turn(points: NDArray[np.float32]) -> float:
    """Return how far the nose's tip lies from the middle between the cheeks (see `PROFILE`)."""
    across = points[_LEFT_CHEEK] - points[_RIGHT_CHEEK]
    place = (points[_NOSE] - points[_RIGHT_CHEEK]) @ across / max(float(across @ across), 1e-6)
    return abs(2 * float(place) - 1)


def _seen(image: NDArray[np.uint8], points: NDArray[np.float32]) -> tuple[float, float]:
    """Return the mean luma of the face's oval, and the share of it that lies outside the picture.

    Luma is 128 where none of it lies in the picture.
    """
    height, width = image.shape[:2]
    to_square = framing_transform(points, _SEEN_PX)
    oval = hull_mask(apply_affine(to_square, points[list(FACE_OVAL)]), _SEEN_PX)
    rows, columns = np.nonzero(oval)
    centres = np.stack([columns, rows], axis=1) + 0.5
    x, y = apply_affine(invert_affine(to_square), centres).T
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    if not inside.any():
        return 128.0, 1.0
    square = cv2.warpAffine(image, from_centres(to_square), (_SEEN_PX, _SEEN_PX))
    luma = cv2.cvtColor(square, cv2.COLOR_RGB2GRAY)[rows[inside], columns[inside]]
    return float(luma.mean()), float(1 - inside.mean())
