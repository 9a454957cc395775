"""The faces that a prototype averages, and their shapes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ferstudio.preprocess import FRAMING_XY, apply_affine, framing_transform, similarity
from ferstudio.regions import anchor_points, expand_compact, face_mask
from training.data.landmarks import find_mesh
from training.data.prototype_recipes import PrototypeRecipe
from training.data.selection import (
    agreed,
    different_photographs,
    frontal,
    mouth_tilt,
    typical_looks,
    typical_shapes,
)
from training.data.table import FaceTable
from training.data.warping import PiecewiseAffine

_WANTED_FACES = (60, 100)  # an average is given at least and at most so many, where there are

_CANDIDATES = 300


@dataclass(frozen=True, slots=True)
class Exemplars:
    """The faces that a prototype is made of.

    Attributes:
        images: (N, 48, 48) uint8 luma.
        shapes_xy_px: (N, 478, 2) float32 mesh points in pixels of the images.
        votes: (N, 10) uint8 FER+ votes in `VOTE_COLUMNS` order.
    """

    images: NDArray[np.uint8]
    shapes_xy_px: NDArray[np.float32]
    votes: NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of faces."""
        return len(self.images)

    def select(self, rows: NDArray[np.generic]) -> "Exemplars":
        """Return the faces of the given rows (indices or a bool mask)."""
        return Exemplars(self.images[rows], self.shapes_xy_px[rows], self.votes[rows])

    def mean_shape(self, size_px: int) -> NDArray[np.float32]:
        """Return the (478, 2) mean of the shapes, aligned by the eyes, in FER2013's framing."""
        return framed(self.aligned(FRAMING_XY[:2] * float(size_px)).mean(axis=0), size_px)

    def aligned(self, eyes_xy_px: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return (N, 478, 2) shapes whose eye centres lie on `eyes_xy_px`, the right one first."""
        maps = [similarity(anchor_points(shape)[:2], eyes_xy_px) for shape in self.shapes_xy_px]
        pairs = zip(maps, self.shapes_xy_px, strict=True)
        return np.stack([apply_affine(to_eyes, shape) for to_eyes, shape in pairs])

    def warped(self, target_xy_px: NDArray[np.float32], size_px: int) -> NDArray[np.float32]:
        """Return (N, S, S) float32 faces in the target's shape, mean 0 and s.d. 1 within it."""
        onto = PiecewiseAffine(
            target_xy_px, size_px, spacing_px=size_px / 50, smooth_px=size_px / 128
        )
        inside = face_mask(target_xy_px, size_px)
        eyes = anchor_points(target_xy_px)[:2]
        faces = np.empty((len(self), size_px, size_px), np.float32)
        for row, (image, shape) in enumerate(zip(self.images, self.shapes_xy_px, strict=True)):
            face = onto.warp(image, shape, similarity(eyes, anchor_points(shape)[:2]))
            within = face[inside]
            faces[row] = (face - within.mean()) / max(float(within.std()), 1e-3)
        return faces


def framed(shape_xy_px: NDArray[np.floating], size_px: int) -> NDArray[np.float32]:
    """Return one shape (478, 2) brought into FER2013's framing."""
    return apply_affine(framing_transform(shape_xy_px, size_px), shape_xy_px)


def find_exemplars(table: FaceTable, recipe: PrototypeRecipe) -> Exemplars:
    """Return the faces that `recipe` may average, most frontal first, with their full mesh."""
    rows = agreed(table, recipe.emotion, recipe.min_votes)
    rows = frontal(table, rows, recipe.most_turned, _CANDIDATES)
    images = table.images[rows]
    if recipe.one_sided and len(rows):
        known = np.stack([expand_compact(points) for points in table.landmarks_xy_px[rows]])
        mirrored = mouth_tilt(known) < 0
        images[mirrored] = images[mirrored][:, :, ::-1]
    shapes = find_meshes(images, recipe.emotion)
    return Exemplars(images, shapes, table.votes[rows]).select(~np.isnan(shapes[:, 0, 0]))


def find_meshes(images: NDArray[np.uint8], name: str) -> NDArray[np.float32]:
    """Return (N, 478, 2) float32 mesh points in pixels of 48-px faces, NaN where none is found."""
    meshes = np.full((len(images), 478, 2), np.nan, np.float32)
    for row, face in enumerate(tqdm(images, desc=f"{name}: landmarks", unit="face")):
        meshes[row] = find_mesh(face)
    return meshes


def choose(exemplars: Exemplars, typical_share: float, size_px: int) -> Exemplars:
    """Return the exemplars to average: each photograph once, then the most typical ones."""
    target = exemplars.mean_shape(size_px)
    inside = face_mask(target, size_px)
    faces = exemplars.warped(target, size_px)
    kept = different_photographs(faces, inside)
    aligned = exemplars.select(kept).aligned(anchor_points(target)[:2])
    least, most = _WANTED_FACES
    kept = kept[typical_shapes(aligned, max(least, round(typical_share * len(kept))))]
    count = min(most, max(least, round(typical_share * len(kept))))
    kept = kept[typical_looks(faces[kept], inside, count)]
    return exemplars.select(kept)
