"""Small crops of noise with the mean face's landmarks in several poses."""

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion import Occluded, occluder
from ferstudio.regions import mean_face
from ferstudio.types import FaceCrop

POSES = ("frontal", "rolled", "turned", "unknown")
"""The mean face; tilted by 25 degrees; its right half squeezed to 40 %; no landmarks at all."""


def noise_crop(pose: str = "frontal", size_px: int = 48, *, grey: bool = False) -> FaceCrop:
    """Return a (size, size, 3) crop of mid-tone noise with the landmarks of one of `POSES`."""
    rng = np.random.default_rng(11)
    channels = 1 if grey else 3
    image = rng.integers(60, 200, (size_px, size_px, channels), dtype=np.uint8)
    image = np.ascontiguousarray(np.broadcast_to(image, (size_px, size_px, 3)))
    return FaceCrop(image, _landmarks(pose, size_px), np.eye(2, 3))


def worn(
    name: str, pose: str, amount: float, *, size_px: int = 64, seed: int = 7, grey: bool = False
) -> Occluded:
    """Return a `noise_crop` under the occluder called `name`, drawn from a generator of `seed`."""
    crop = noise_crop(pose, size_px, grey=grey)
    return occluder(name).occlude(crop, amount, np.random.default_rng(seed))


def _landmarks(pose: str, size_px: int) -> NDArray[np.float32] | None:
    if pose == "unknown":
        return None
    points = mean_face().copy()
    if pose == "rolled":
        angle = np.deg2rad(25)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        points = (points - 0.5) @ turn.T + 0.5
    elif pose == "turned":
        middle = points[168, 0]
        right = points[:, 0] < middle
        points[right, 0] = middle + 0.4 * (points[right, 0] - middle)
    return np.asarray(points * size_px, np.float32)
