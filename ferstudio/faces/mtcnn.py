"""Where upright faces may be, at any size: the three small networks of MTCNN.

Zhang, Zhang, Li and Qiao, "Joint Face Detection and Alignment Using Multitask Cascaded
Convolutional Networks", IEEE Signal Processing Letters 2016. P-Net sees the whole picture at many
sizes, in cells of 12 pixels, so that a face of 64 pixels costs little among millions; R-Net and
O-Net judge what it proposes. The weights are those of facenet-pytorch 2.6.0 as float16;
`MTCNN_LICENSE` is theirs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load
from torch import Tensor
from torch.nn import functional

from ferstudio.faces.pyramid import Pyramid

WEIGHTS_FILE = "mtcnn.safetensors"

JUDGED_PX = 48
"""Side of the squares that O-Net judges. Its squares are framed as FER2013's faces are: measured on
55 faces their centre is (0.49, 0.50) of that framing and their side 1.03."""

_CELL_PX, _STRIDE_PX = 12, 2  # of P-Net
_REFINED_PX = 24  # side of R-Net's squares
_SHRINK = 0.709  # from one size that P-Net sees to the next
_LEAST_P, _LEAST_R, _LEAST_O = 0.6, 0.7, 0.7  # scores, as the paper's authors set them
_BATCH = 128
_STRIP_PX = 100_000  # pixels that P-Net sees at a time: see benchmarks.face_search_strips

Boxes = NDArray[np.float32]
"""(N, 4) left, top, right and bottom in pixels of the picture."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A place where a face may be.

    Attributes:
        box_xyxy_px: (4,) float32 left, top, right and bottom edge in pixels of the picture.
        anchors_xy_px: (3, 2) float32 centres of the person's right eye, left eye, and mouth.
        score: probability of a face in [0, 1], by O-Net.
    """

    box_xyxy_px: NDArray[np.float32]
    anchors_xy_px: NDArray[np.float32]
    score: float


class Mtcnn:
    """The three networks, loaded once; any thread may ask."""

    def __init__(self) -> None:
        """Load the weights that come with the package."""
        stored = resources.files("ferstudio.faces").joinpath(WEIGHTS_FILE).read_bytes()
        self._weights = {name: _laid_out(tensor.float()) for name, tensor in load(stored).items()}

    @torch.inference_mode()
    def propose(self, pyramid: Pyramid, min_face_px: float) -> list[Proposal]:
        """Return where upright faces may be, the likeliest first.

        Args:
            pyramid: the picture.
            min_face_px: height of the smallest face that is looked for; the time that it takes
                grows with the square of its inverse.
        """
        boxes = self._proposed(pyramid, min_face_px)
        boxes = self._refined(pyramid, boxes)
        return self._judged(pyramid, boxes)

    @torch.inference_mode()
    def judge(self, squares: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return how likely squares in FER2013's framing show upright faces, and where.

        Args:
            squares: (N, 48, 48, 3) uint8 RGB.

        Returns:
            (N,) float32 logits and (N, 3, 2) float32 anchors in the unit square: right eye, left
            eye, mouth.
        """
        logits, _, anchors = self._onet(_normalised(squares))
        return logits.numpy(), anchors.numpy()

    def _proposed(self, pyramid: Pyramid, min_face_px: float) -> Boxes:
        """Return the square boxes that P-Net proposes."""
        scale, found = _CELL_PX / min_face_px, [np.zeros((0, 9), np.float32)]
        while min(pyramid.height_px, pyramid.width_px) * scale >= _CELL_PX:
            logits, shifts = self._pnet_in_strips(pyramid.resized(scale))
            scores = torch.sigmoid(logits)
            rows, columns = torch.nonzero(scores > _LEAST_P, as_tuple=True)
            start = torch.stack([columns, rows], dim=1) * _STRIDE_PX
            cells = torch.cat([start, start + _CELL_PX], dim=1) / scale  # (n, 4)
            told = [cells, shifts[:, rows, columns].T, scores[rows, columns, None]]
            boxes = torch.cat(told, dim=1).numpy()  # (n, 9)
            found.append(boxes[_apart(boxes[:, :4], boxes[:, 8], 0.5)])
            scale *= _SHRINK
        every = np.concatenate(found)
        every = every[_apart(every[:, :4], every[:, 8], 0.7)]
        return _squared(_moved(every[:, :4], every[:, 4:8]))

    def _refined(self, pyramid: Pyramid, boxes: Boxes) -> Boxes:
        """Return the boxes that R-Net keeps, moved and square again."""
        kept = []
        for part in _batches(boxes):
            logits, shifts = self._rnet(_normalised(pyramid.squares(part, _REFINED_PX)))
            scores = torch.sigmoid(logits).numpy()
            likely = scores > _LEAST_R
            kept.append(np.column_stack([part, shifts.numpy(), scores])[likely])
        every = np.concatenate([np.zeros((0, 9), np.float32), *kept])
        every = every[_apart(every[:, :4], every[:, 8], 0.7)]
        return _squared(_moved(every[:, :4], every[:, 4:8]))

    def _judged(self, pyramid: Pyramid, boxes: Boxes) -> list[Proposal]:
        """Return what O-Net keeps, the likeliest first."""
        found = []
        for part in _batches(boxes):
            logits, shifts, unit = self._onet(_normalised(pyramid.squares(part, JUDGED_PX)))
            sides = part[:, None, 2:] - part[:, None, :2]  # (n, 1, 2)
            anchors = part[:, None, :2] + unit.numpy() * sides
            scores, moved = torch.sigmoid(logits).numpy(), _moved(part, shifts.numpy())
            found += [
                Proposal(box, points, float(score))
                for box, points, score in zip(moved, anchors, scores, strict=True)
                if score > _LEAST_O
            ]
        if not found:
            return []
        boxes = np.stack([each.box_xyxy_px for each in found])
        apart = _apart(boxes, np.array([each.score for each in found], np.float32), 0.4)
        return [found[number] for number in apart]

    def _pnet_in_strips(self, picture: NDArray[np.uint8]) -> tuple[Tensor, Tensor]:
        """Return (h, w) logits and (4, h, w) shifts of a picture, in little memory.

        What comes out is what the whole picture gives at once: a row of cells sees `_CELL_PX` rows.
        """
        height, width = picture.shape[:2]
        rows = max(1, _STRIP_PX // (_STRIDE_PX * width))  # of cells
        starts = range(0, max(1, (height - _CELL_PX) // _STRIDE_PX + 1), rows)
        parts = []
        for start in starts:
            last = start + rows >= starts.stop
            below = height if last else (start + rows - 1) * _STRIDE_PX + _CELL_PX
            parts.append(self._pnet(_normalised(picture[None, start * _STRIDE_PX : below])))
        logits, shifts = zip(*parts, strict=True)
        return torch.cat(logits), torch.cat(shifts, dim=1)

    def _pnet(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return (h, w) logits and (4, h, w) shifts of one picture."""
        x = functional.max_pool2d(self._conv(x, "pnet", 1), 2, 2, ceil_mode=True)
        x = self._conv(self._conv(x, "pnet", 2), "pnet", 3)
        w = self._weights
        classes = functional.conv2d(x, w["pnet.conv4_1.weight"], w["pnet.conv4_1.bias"])[0]
        shifts = functional.conv2d(x, w["pnet.conv4_2.weight"], w["pnet.conv4_2.bias"])[0]
        return classes[1] - classes[0], shifts

    def _rnet(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return (n,) logits and (n, 4) shifts of (n, 3, 24, 24)."""
        x = functional.max_pool2d(self._conv(x, "rnet", 1), 3, 2, ceil_mode=True)
        x = functional.max_pool2d(self._conv(x, "rnet", 2), 3, 2, ceil_mode=True)
        x = self._conv(x, "rnet", 3).permute(0, 3, 2, 1).flatten(1)
        x = functional.prelu(self._dense(x, "rnet.dense4"), self._weights["rnet.prelu4.weight"])
        classes = self._dense(x, "rnet.dense5_1")
        return classes[:, 1] - classes[:, 0], self._dense(x, "rnet.dense5_2")

    def _onet(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return (n,) logits, (n, 4) shifts and (n, 3, 2) anchors of (n, 3, 48, 48)."""
        x = functional.max_pool2d(self._conv(x, "onet", 1), 3, 2, ceil_mode=True)
        x = functional.max_pool2d(self._conv(x, "onet", 2), 3, 2, ceil_mode=True)
        x = functional.max_pool2d(self._conv(x, "onet", 3), 2, 2, ceil_mode=True)
        x = self._conv(x, "onet", 4).permute(0, 3, 2, 1).flatten(1)
        x = functional.prelu(self._dense(x, "onet.dense5"), self._weights["onet.prelu5.weight"])
        points = self._dense(x, "onet.dense6_3").view(-1, 2, 5).transpose(1, 2)
        mouth = points[:, 3:].mean(dim=1, keepdim=True)  # of its two corners
        classes = self._dense(x, "onet.dense6_1")
        anchors = torch.cat([points[:, :2], mouth], dim=1)  # (n, 3, 2)
        return classes[:, 1] - classes[:, 0], self._dense(x, "onet.dense6_2"), anchors

    def _conv(self, x: Tensor, net: str, layer: int) -> Tensor:
        w = self._weights
        x = functional.conv2d(x, w[f"{net}.conv{layer}.weight"], w[f"{net}.conv{layer}.bias"])
        return functional.prelu(x, w[f"{net}.prelu{layer}.weight"])

    def _dense(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])


def _batches(boxes: Boxes) -> Iterator[Boxes]:
    for start in range(0, len(boxes), _BATCH):
        yield boxes[start : start + _BATCH]


def _normalised(pictures: NDArray[np.uint8]) -> Tensor:
    """Return (n, 3, h, w) float in [-1, 1] of (n, h, w, 3) bytes."""
    planes = torch.from_numpy(pictures).permute(0, 3, 1, 2).float()
    planes = planes.contiguous(memory_format=torch.channels_last)  # pools are 10 times as fast
    return planes.sub_(127.5).div_(128)


def _laid_out(weight: Tensor) -> Tensor:
    """Return a weight with its channels last, where it has any."""
    return weight.contiguous(memory_format=torch.channels_last) if weight.dim() == 4 else weight


def _apart(boxes: Boxes, scores: NDArray[np.float32], overlap: float) -> NDArray[np.int64]:
    """Return which boxes are left, the likeliest first, where of two that overlap one goes."""
    sized = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    kept = cv2.dnn.NMSBoxes(sized.tolist(), scores.tolist(), 0.0, overlap)
    return np.asarray(kept, np.int64).reshape(-1)


def _moved(boxes: Boxes, shifts: NDArray[np.float32]) -> Boxes:
    """Return boxes whose edges are moved by shares of their sides."""
    return boxes + shifts * np.tile(boxes[:, 2:] - boxes[:, :2], 2)


def _squared(boxes: Boxes) -> Boxes:
    """Return the squares around boxes."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.hstack([centres - half, centres + half])
