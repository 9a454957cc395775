"""Guidance: pictures that show a network in training where brows, eyes and mouth are.

Arabian, Battistel, Chase and Moeller, "Attention-Guided Network Model for Image-Based Emotion
Recognition", Applied Sciences 13 (2023) 10179, section 2.3. It is applied in training only; a
network that learned so is asked about ordinary pictures. The paper cuts one predefined mask for
its tightly cropped faces; here the mask follows the landmarks of the aligned crop.
"""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.regions import region_masks

GUIDED_PARTS = ("right brow", "left brow", "right eye", "left eye", "mouth")
"""The parts of the face that the mask M keeps."""

ALPHA = 0.125
"""What is left of the rest: the paper's weight."""


def guidance_mask(landmarks_xy_px: NDArray[np.float32] | None, size_px: int) -> NDArray[np.bool_]:
    """Return the paper's binary mask M for an aligned crop of `size_px`.

    Args:
        landmarks_xy_px: (478, 2) mesh points in the crop; None takes the mean face's.
        size_px: side of the crop.

    Returns:
        (S, S) bool, True on brows, eyes and mouth.
    """
    masks = region_masks(landmarks_xy_px, size_px)
    return np.logical_or.reduce([masks[name] for name in GUIDED_PARTS])


def guided(images: Tensor, masks: Tensor, alpha: float = ALPHA) -> Tensor:
    """Return images · (M + alpha), Eq. 1.

    Args:
        images: (N, C, S, S) float in [0, 1], before normalisation.
        masks: (N, 1, S, S) bool or float in {0, 1}.
        alpha: weight of what lies outside the mask.

    Returns:
        (N, C, S, S) float in [0, 1 + alpha].
    """
    return images * (masks.to(images.dtype) + alpha)
