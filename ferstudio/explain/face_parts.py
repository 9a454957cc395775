"""Parts of the face as masks, and how much of a map lies on each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.explain.explainer import Heatmap
from ferstudio.regions import (
    LEFT_EYE,
    RIGHT_EYE,
    face_mask,
    hull_mask,
    landmarks_or_mean,
    region_masks,
)

REGIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "mouth": ("mouth",),
        "eyes": ("right eye", "left eye"),
        "brows": ("right brow", "left brow"),
        "nose": ("nose",),
    }
)
"""Named parts of the face and the masks of `ferstudio.regions` that make them up; where two
overlap, `region_shares` counts a pixel for the first."""

ELSEWHERE = "elsewhere"
"""Everything that is none of `REGIONS`: cheeks, forehead, chin and background."""

CHEEKS = MappingProxyType(
    {
        "right cheek": (33, 7, 163, 144, 145, 153, 154, 155, 133, 129, 61, 172, 58, 132, 93, 234),
        "left cheek": (263, 249, 390, 373, 374, 380, 381, 382, 362, 358, 291, 397, 288, 361, 323,
                       454),
    }
)  # fmt: skip
"""Mesh points whose hull holds a cheek: the lower lid, the nose's wing, the corner of the mouth and
the jaw to the ear. Eyes, nose and mouth are cut out of it."""

HALVES = ("left half", "right half")
"""Names of the masks that hold all other parts of their side."""

_NASION, _CHIN = 168, 152  # mesh points: between the eyes, and the lowest of the oval


@dataclass(frozen=True, slots=True)
class RegionShare:
    """How much of a map lies on one part of the face.

    Attributes:
        name: a key of `REGIONS`, or "elsewhere".
        share: sum of the map above its own minimum inside the part over that sum in the whole
            crop, in [0, 1]; 0 for a map that is the same everywhere.
        area: the part's share of the crop's pixels, in [0, 1]: what an even map would give it.
    """

    name: str
    share: float
    area: float

    @property
    def lift(self) -> float:
        """Share over area: 1 is as much as an even map would give, 2 twice as much."""
        return self.share / self.area if self.area > 0 else 0.0


def region_shares(
    heatmap: Heatmap, landmarks_xy_px: NDArray[np.float32] | None, size_px: int
) -> tuple[RegionShare, ...]:
    """Return how a map's mass is spread over `REGIONS` and elsewhere; the shares sum to 1.

    The mass of a pixel is its raw value less the map's minimum: a gate that is nowhere below 0.5
    would otherwise seem to look everywhere. The map is enlarged bilinearly, as it is drawn. Coarse
    maps can't be sharper than their cells, so compare a share with the part's area: see `lift`.

    Args:
        heatmap: a map over the whole crop, of any size.
        landmarks_xy_px: (478, 2) mesh points in the crop; None takes the mean face's.
        size_px: side of the crop.
    """
    raw = heatmap.raw().astype(np.float64)
    enlarged = cv2.resize(raw, (size_px, size_px), interpolation=cv2.INTER_LINEAR)
    mass = enlarged - raw.min()
    total = float(mass.sum())
    free = np.ones((size_px, size_px), dtype=bool)
    parts: dict[str, NDArray[np.bool_]] = {}
    for name, mask in _joined_masks(landmarks_xy_px, size_px).items():
        parts[name] = mask & free
        free &= ~parts[name]
    parts[ELSEWHERE] = free
    return tuple(
        RegionShare(
            name=name,
            share=float(mass[part].sum()) / total if total > 1e-12 else 0.0,
            area=float(part.mean()),
        )
        for name, part in parts.items()
    )


def part_masks(
    landmarks_xy_px: NDArray[np.float32] | None, size_px: int, *, margin_share: float = 0.0
) -> dict[str, NDArray[np.bool_]]:
    """Return one (size, size) bool mask per named part of the face.

    Brows, eyes, nose, cheeks, mouth, and the left and right half of the face's oval, divided by
    the line from between the eyes to the chin; left and right are the person's own.

    Args:
        landmarks_xy_px: (478, 2) in pixels of the crop; None takes the mean face.
        size_px: side of the crop.
        margin_share: by how much brows, eyes, nose and mouth grow, as a share of the side.
    """
    points = landmarks_or_mean(landmarks_xy_px, size_px)
    joined = _joined_masks(points, size_px)
    drawn = {name: grown(mask, margin_share) for name, mask in joined.items()}
    right, left = (hull_mask(points[list(ring)], size_px) for ring in CHEEKS.values())
    cheeks = (right | left) & ~(drawn["eyes"] | drawn["nose"] | drawn["mouth"])
    left_side, face = _left_side(points, size_px), face_mask(points, size_px)
    return {
        "brows": drawn["brows"],
        "eyes": drawn["eyes"],
        "nose": drawn["nose"],
        "cheeks": cheeks,
        "mouth": drawn["mouth"],
        **dict(zip(HALVES, (face & left_side, face & ~left_side), strict=True)),
    }


def grown(mask: NDArray[np.bool_], margin_share: float) -> NDArray[np.bool_]:
    """Return (S, S) bool `mask` grown by a margin, a share of its side, in every direction."""
    radius_px = round(margin_share * mask.shape[0])
    side = 2 * radius_px + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.dilate(mask.astype(np.uint8), kernel).astype(bool)


def _joined_masks(
    landmarks_xy_px: NDArray[np.float32] | None, size_px: int
) -> dict[str, NDArray[np.bool_]]:
    """Return one (size, size) bool mask per name in `REGIONS`; they may overlap."""
    masks = region_masks(landmarks_xy_px, size_px)
    return {
        name: np.logical_or.reduce([masks[member] for member in members])
        for name, members in REGIONS.items()
    }


def _left_side(points_xy_px: NDArray[np.float32], size_px: int) -> NDArray[np.bool_]:
    """Return (size, size) bool: the pixels on the person's left of the face's midline."""
    start, end = points_xy_px[_NASION], points_xy_px[_CHIN]
    normal = np.array([end[1] - start[1], start[0] - end[0]])
    across = (points_xy_px[list(LEFT_EYE)] - points_xy_px[list(RIGHT_EYE)]).mean(axis=0)
    if normal @ across < 0:  # in a mirrored picture the left eye lies on the left
        normal = -normal
    y, x = np.mgrid[:size_px, :size_px] + 0.5
    return np.asarray((x - start[0]) * normal[0] + (y - start[1]) * normal[1] > 0)
