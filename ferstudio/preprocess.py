"""From a picture to a network's input: one framing and one normalisation for studio and training.

A model that answers one or two classes on photographs was nearly always shown them differently
from its training images. So the framing, the reduction of detail and the normalisation live here
and nowhere else, and `tests/test_preprocess.py` holds the two paths together.
"""

import math
import threading
from functools import cache
from weakref import WeakKeyDictionary

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ferstudio.regions import anchor_points
from ferstudio.types import FaceCrop, InputSpec

FRAMING_XY = np.array([[0.313, 0.385], [0.666, 0.385], [0.490, 0.759]])
"""Where FER2013's mean face has its right eye, left eye and mouth (unit square, y down).

Measured on 34,460 of its faces; the distance between the eyes is 0.36 of the side there.
"""

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in the luma of ITU-R BT.601, as in OpenCV's and Pillow's grey."""


def similarity(
    source_xy: NDArray[np.floating], target_xy: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the similarity transform that brings `source_xy` closest to `target_xy`.

    Least squares over rotation, one scale and shift, without reflection (Umeyama 1991, in its
    closed form for the plane).

    Args:
        source_xy: (N, 2) points, N >= 2, not all the same.
        target_xy: (N, 2) points.

    Returns:
        (2, 3) float64 affine matrix: target = matrix @ (x, y, 1).
    """
    source = source_xy[:, 0] + 1j * source_xy[:, 1]
    target = target_xy[:, 0] + 1j * target_xy[:, 1]
    centred = source - source.mean()
    turn = np.vdot(centred, target - target.mean()) / np.vdot(centred, centred).real
    shift = target.mean() - turn * source.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def framing_transform(
    landmarks_xy_px: NDArray[np.floating], size_px: int, margin_ratio: float = 0.0
) -> NDArray[np.float64]:
    """Return the affine map that brings a face into FER2013's framing.

    Args:
        landmarks_xy_px: (478, 2) mesh points in pixels of the source picture.
        size_px: side of the crop in pixels.
        margin_ratio: extra picture on each side, as a share of the side.

    Returns:
        (2, 3) float64 map from source pixels to crop pixels, both continuous.
    """
    return anchors_transform(anchor_points(landmarks_xy_px), size_px, margin_ratio)


def anchors_transform(
    anchors_xy_px: NDArray[np.floating], size_px: int, margin_ratio: float = 0.0
) -> NDArray[np.float64]:
    """Return what `framing_transform` does, of the (3, 2) right eye, left eye and mouth alone."""
    return similarity(anchors_xy_px, framed_anchors(size_px, margin_ratio))


def framed_anchors(size_px: int, margin_ratio: float = 0.0) -> NDArray[np.float64]:
    """Return where FER2013's framing has the right eye, left eye and mouth: (3, 2) pixels."""
    return np.asarray((FRAMING_XY + margin_ratio) / (1 + 2 * margin_ratio) * size_px)


def invert_affine(matrix: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the (2, 3) inverse of a (2, 3) affine map."""
    square = np.vstack([matrix, [0.0, 0.0, 1.0]])
    return np.linalg.inv(square)[:2]


def apply_affine(
    matrix: NDArray[np.floating], points_xy: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return (N, 2) float32 points moved by a (2, 3) affine map; NaN stays NaN."""
    return (points_xy @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def warp(
    image: NDArray[np.uint8], to_crop: NDArray[np.floating], size_px: int
) -> NDArray[np.uint8]:
    """Return the (size, size, C) cut-out of a picture under an affine map in continuous pixels.

    The picture's edge is continued by its last pixels. Where the map shrinks, the picture is
    averaged down first, so that nothing aliases.

    Args:
        image: (H, W, C) or (H, W) uint8.
        to_crop: (2, 3) map from picture pixels to crop pixels.
        size_px: side of the cut-out.
    """
    matrix = np.asarray(to_crop, dtype=np.float64)
    scale = math.sqrt(abs(np.linalg.det(matrix[:, :2])))
    if scale < 0.75:
        height, width = image.shape[:2]
        reduced = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = np.asarray(cv2.resize(image, reduced, interpolation=cv2.INTER_AREA), np.uint8)
        back = np.diag([width / reduced[0], height / reduced[1]])
        matrix = np.hstack([matrix[:, :2] @ back, matrix[:, 2:]])
    warped = cv2.warpAffine(
        image,
        from_centres(matrix),
        (size_px, size_px),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(warped, np.uint8)


def from_centres(matrix: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return a (2, 3) map of continuous pixels as OpenCV takes it, which counts from pixel centres.

    x' - 0.5 = A (x + 0.5) + b - 0.5.
    """
    centred = np.array(matrix, dtype=np.float64)
    centred[:, 2] += centred[:, :2] @ (0.5, 0.5) - 0.5
    return centred


def normalise(images: Tensor, spec: InputSpec) -> Tensor:
    """Return (N, 3, H, W) float pictures in [0, 1] with the spec's mean and std taken out."""
    mean, std = _statistics(spec, images.dtype, images.device)
    return (images - mean).div_(std)


def as_seen(crop: FaceCrop, spec: InputSpec) -> Tensor:
    """Return the crop as the network sees it, before normalisation.

    Grey where the spec says so, reduced to the spec's detail and brought to its size.

    Returns:
        (1, 3, size, size) float32 in [0, 1], RGB.
    """
    return _seen(crop, spec).clone(memory_format=torch.contiguous_format)


def to_detail(pictures: NDArray[np.uint8], spec: InputSpec) -> Tensor:
    """Return pictures in the colours and the detail of a spec: the first half of `as_seen`.

    It is the same for all specs that agree in `grayscale` and `detail_px`.

    Args:
        pictures: (N, S, S, 3) uint8 RGB.
        spec: the network's input.

    Returns:
        (N, C, D, D) float32 in [0, 1]; C is 1 where the spec wants grey and 3 elsewhere.
    """
    return _resize(_coloured(pictures, spec), *_detail_px(pictures.shape[1], spec))


def to_size(images: Tensor, spec: InputSpec) -> Tensor:
    """Return (N, 3, size, size) in [0, 1] of what `to_detail` gave: the other half of `as_seen`."""
    return _brought_to(images, spec.size)


def to_pixels(picture: Tensor) -> NDArray[np.uint8]:
    """Return a picture (1, 3, S, S) in [0, 1], cut to that, as (S, S, 3) uint8 RGB."""
    return (picture[0].permute(1, 2, 0).clamp(0, 1) * 255).round().byte().numpy()


def to_tensor(crop: FaceCrop, spec: InputSpec) -> Tensor:
    """Return the network's input for one crop: (1, 3, size, size) float32, normalised."""
    return normalise(_seen(crop, spec), spec)


def sample_faces(faces: Tensor, to_source: Tensor, size_px: int) -> Tensor:
    """Return batched cut-outs: the device-side twin of `warp`, one affine map per picture.

    Args:
        faces: (N, C, H, W) float pictures.
        to_source: (N, 2, 3) float maps from unit-square crop coordinates to unit-square picture
            coordinates.
        size_px: side of the cut-outs in pixels.

    Returns:
        (N, C, size, size) float, bilinear, edges continued.
    """
    linear, shift = to_source[:, :, :2], to_source[:, :, 2]
    centre = linear.new_tensor([0.5, 0.5])
    # grid_sample counts from -1 to 1: u = (g + 1) / 2, so g' = A g + (2 A c + 2 b - 1)
    offset = 2 * (linear @ centre) + 2 * shift - 1
    theta = torch.cat([linear, offset.unsqueeze(-1)], dim=2)  # (N, 2, 3)
    grid = functional.affine_grid(
        theta, [faces.shape[0], faces.shape[1], size_px, size_px], align_corners=False
    )
    return functional.grid_sample(faces, grid, padding_mode="border", align_corners=False)


@cache
def _statistics(spec: InputSpec, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of a spec, (1, 3, 1, 1) each."""
    with torch.inference_mode(False):
        both = torch.tensor([spec.mean, spec.std], dtype=dtype, device=device)
        mean, std = both.view(2, 1, 3, 1, 1)
        return mean, std


_SEEN: WeakKeyDictionary[FaceCrop, dict[InputSpec, Tensor]] = WeakKeyDictionary()
_SEEN_LOCK = threading.Lock()


def _seen(crop: FaceCrop, spec: InputSpec) -> Tensor:
    """Return what `as_seen` does, where it is grey as three views of one channel; to be read only.

    A face goes before all networks of one spec, and before each several times: it is made once and
    lives as long as the crop.
    """
    with _SEEN_LOCK:
        known = _SEEN.setdefault(crop, {})
    if spec not in known:
        with torch.inference_mode(False), torch.no_grad():
            images = _coloured(crop.image[None], spec)
            known[spec] = _brought_to(images, *_detail_px(crop.size, spec), spec.size)
    return known[spec]


def _brought_to(images: Tensor, *sizes_px: int) -> Tensor:
    """Return (N, 3, size, size) in [0, 1]: pictures brought to one size after the other."""
    return _resize(images, *sizes_px).clamp(0, 1).expand(-1, 3, -1, -1)


_LUMA_OF_BYTES = torch.tensor(LUMA) / 255


def _coloured(pictures: NDArray[np.uint8], spec: InputSpec) -> Tensor:
    """Return (N, C, S, S) in [0, 1] of bytes (N, S, S, 3): C is 1 where the spec wants grey."""
    images = torch.from_numpy(np.ascontiguousarray(pictures)).float()
    if spec.grayscale:
        return (images @ _LUMA_OF_BYTES).unsqueeze(1)
    return images.permute(0, 3, 1, 2) / 255


def _detail_px(size_px: int, spec: InputSpec) -> tuple[int, ...]:
    """Return the side to which pictures of `size_px` are reduced first, if to any."""
    return (spec.detail_px,) if 0 < spec.detail_px < size_px else ()


def _resize(images: Tensor, *sizes_px: int) -> Tensor:
    """Return pictures (N, C, S, S) brought to the first size, that to the next and so on.

    Products with matrices, `python -m benchmarks.resizing`, are a little faster on an idle machine
    and a hundred times slower on a busy one.
    """
    for size in sizes_px:
        if size != images.shape[-1]:
            images = functional.interpolate(
                images, size=(size, size), mode="bilinear", antialias=True, align_corners=False
            )
    return images
