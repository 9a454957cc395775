"""Made pictures with sample faces at known places."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.samples import read_sample, sample_landmarks
from training.data.backdrops import draw_backdrop


def pasted(
    picture: NDArray[np.uint8], emotion: str, left: int, top: int, side_px: int
) -> NDArray[np.float32]:
    """Paste a sample's face, in an oval, into a picture; return its (478, 2) landmarks there."""
    sample = read_sample(emotion)
    method = cv2.INTER_AREA if side_px < len(sample) else cv2.INTER_CUBIC
    face = cv2.resize(sample, (side_px, side_px), interpolation=method)
    oval = np.zeros((side_px, side_px), np.float32)
    centre, axes = (side_px // 2, side_px // 2), (int(0.44 * side_px), int(0.49 * side_px))
    cv2.ellipse(oval, centre, axes, 0, 0, 360, (1.0,), cv2.FILLED)
    opacity = cv2.GaussianBlur(oval, (0, 0), 0.02 * side_px)[:, :, None]
    part = picture[top : top + side_px, left : left + side_px]
    part[:] = (part * (1 - opacity) + face * opacity).astype(np.uint8)
    return sample_landmarks(emotion) * np.float32(side_px / len(sample)) + np.array(
        [left, top], np.float32
    )


def backdrop(height_px: int, width_px: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return a made picture without anybody in it."""
    return draw_backdrop(width_px, height_px, np.random.default_rng(seed))
