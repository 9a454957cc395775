"""`python -m training.prototypes`: the sample faces, each the average of many people.

Per expression, the training faces on which FER+'s votes agree are warped to their mean shape and
averaged (Benson and Perrett, "Extracting prototypical facial images from exemplars", Perception
1993). Most shapes are moved somewhat further from the neutral one, as a caricature does (Brennan,
"Caricature generator", Leonardo 1985), so that expressions which are rare or posed in many ways
stay readable. The averages are sharpened, and what surrounds the face is softened. The result
shows the expression and belongs to no one.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import ferstudio
from ferstudio.errors import DataError, FerStudioError, UsageError
from ferstudio.files import write_whole
from ferstudio.labels import DISPLAY_ORDER
from ferstudio.preprocess import FRAMING_XY, apply_affine, framing_transform, similarity
from ferstudio.regions import anchor_points, expand_compact, face_mask
from training.data.selection import (
    agreed,
    different_photographs,
    frontal,
    mouth_tilt,
    typical_looks,
    typical_shapes,
)
from training.data.table import FACE_PX, FaceTable, load_split
from training.data.warping import PiecewiseAffine

LEAST_FACES = 50
"""An average of fewer faces could let one of them be recognised, so it is refused."""

SAMPLES_DIR = Path(ferstudio.__file__).parent / "samples"

_WANTED_FACES = (60, 100)  # an average is given at least and at most so many, where there are
_CANDIDATES = 300
_DETECT_PX = 192
_DETECT_PAD_PX = 48
_SHARPEN = 1.5


@dataclass(frozen=True, slots=True)
class PrototypeRecipe:
    """How one expression's faces are chosen and shaped.

    Attributes:
        emotion: a name in `labels.FERPLUS`.
        min_votes: FER+ votes of ten that a face needs at least.
        exaggeration: how much further from the neutral shape than the mean of its faces is, as a
            share of their difference.
        one_sided: whether faces are mirrored to have the left mouth corner higher; otherwise the
            sides of a one-sided expression cancel out.
        most_turned: `selection.pose_cost` from which a face is left out.
        typical_share: share of the faces that is kept for their shape, and of these again for
            their looks.
    """

    emotion: str
    min_votes: int
    exaggeration: float = 0.0
    one_sided: bool = False
    most_turned: float = 3.0
    typical_share: float = 0.8


RECIPES = (
    PrototypeRecipe("neutral", 10),
    PrototypeRecipe("happiness", 10),
    PrototypeRecipe("surprise", 9, exaggeration=0.1),
    PrototypeRecipe("sadness", 9, exaggeration=0.2),
    PrototypeRecipe("anger", 9, exaggeration=0.2),
    PrototypeRecipe("disgust", 5, exaggeration=0.3, most_turned=9.0),
    PrototypeRecipe("fear", 5, exaggeration=0.3, typical_share=0.7),
    PrototypeRecipe("contempt", 5, exaggeration=0.8, one_sided=True, most_turned=5.0),
)
"""The neutral face comes first: the others' shapes are measured from it."""


@dataclass(frozen=True, slots=True)
class Exemplars:
    """The faces that a prototype is made of.

    Attributes:
        images: (N, 48, 48) uint8 luma.
        shapes_xy_px: (N, 478, 2) float32 mesh points in pixels of the images.
    """

    images: NDArray[np.uint8]
    shapes_xy_px: NDArray[np.float32]

    def __len__(self) -> int:
        """Return the number of faces."""
        return len(self.images)

    def select(self, rows: NDArray[np.generic]) -> "Exemplars":
        """Return the faces of the given rows (indices or a bool mask)."""
        return Exemplars(self.images[rows], self.shapes_xy_px[rows])

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


@dataclass(frozen=True, slots=True)
class Prototype:
    """One averaged face.

    Attributes:
        image: (S, S) uint8 luma.
        shape_xy_px: (478, 2) float32 mesh points in pixels of the image.
        faces: number of faces averaged.
    """

    image: NDArray[np.uint8]
    shape_xy_px: NDArray[np.float32]
    faces: int


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
    return Exemplars(images, shapes).select(~np.isnan(shapes[:, 0, 0]))


def find_meshes(images: NDArray[np.uint8], name: str) -> NDArray[np.float32]:
    """Return (N, 478, 2) float32 mesh points in pixels of 48-px faces, NaN where none is found."""
    from ferstudio.faces.mediapipe_detector import MediapipeDetector

    detector = MediapipeDetector(max_faces=1)
    meshes = np.full((len(images), 478, 2), np.nan, np.float32)
    for row, face in enumerate(tqdm(images, desc=f"{name}: landmarks", unit="face")):
        large = cv2.resize(face, (_DETECT_PX, _DETECT_PX), interpolation=cv2.INTER_CUBIC)
        pad = _DETECT_PAD_PX
        padded = cv2.copyMakeBorder(large, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
        found = detector.detect(np.asarray(cv2.cvtColor(padded, cv2.COLOR_GRAY2RGB), np.uint8))
        if found and found[0].landmarks_xy_px is not None:
            meshes[row] = (found[0].landmarks_xy_px - pad) * (FACE_PX / _DETECT_PX)
    detector.close()
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


def average(
    exemplars: Exemplars, target_xy_px: NDArray[np.float32], size_px: int
) -> NDArray[np.uint8]:
    """Return the (S, S) uint8 mean of the exemplars in the target's shape.

    Raises:
        DataError: if there are fewer than `LEAST_FACES`.
    """
    if len(exemplars) < LEAST_FACES:
        raise DataError(
            f"An average of {len(exemplars)} faces could let a person be recognised; "
            f"at least {LEAST_FACES} that fit are needed, so prepare a larger training split."
        )
    mean = exemplars.warped(target_xy_px, size_px).mean(axis=0)
    return finish(mean, face_mask(target_xy_px, size_px))


def finish(mean: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return an average (S, S) as a picture: face sharpened, surroundings softened, full contrast.

    The unsharp mask gives back some of what averaging and the 48-px originals have blurred.

    Args:
        mean: (S, S) float32.
        inside: (S, S) bool, where the face is.
    """
    size = len(mean)
    sharp = mean + _SHARPEN * (mean - _blur(mean, size / 100))
    face = cv2.dilate(inside.astype(np.float32), np.ones((size // 16, size // 16)))
    face = _blur(np.asarray(face, np.float32), size / 36)
    picture = face * sharp + (1 - face) * _blur(mean, size / 25)
    dark, bright = np.percentile(picture[inside], (0.5, 99.5))
    return np.clip((picture - dark) / (bright - dark) * 225 + 15, 0, 255).astype(np.uint8)


def make_prototypes(table: FaceTable, size_px: int) -> dict[str, Prototype]:
    """Return one prototype per emotion.

    Raises:
        DataError: if an emotion has too few faces.
    """
    prototypes: dict[str, Prototype] = {}
    for recipe in RECIPES:
        found = find_exemplars(table, recipe)
        if len(found) < LEAST_FACES:
            raise DataError(
                f"The training split has {len(found)} frontal faces with {recipe.min_votes} votes "
                f"for {recipe.emotion}, but {LEAST_FACES} are needed; prepare a larger one."
            )
        chosen = choose(found, recipe.typical_share, size_px)
        shape = chosen.mean_shape(size_px)
        if recipe.exaggeration:
            neutral = prototypes["neutral"].shape_xy_px
            shape = framed(shape + recipe.exaggeration * (shape - neutral), size_px)
        image = average(chosen, shape, size_px)
        prototypes[recipe.emotion] = Prototype(image, shape, len(chosen))
    return prototypes


def write_prototypes(prototypes: dict[str, Prototype], out: Path) -> None:
    """Write one PNG per emotion and `samples.json`, which lists them in display order."""
    out.mkdir(parents=True, exist_ok=True)
    votes = {recipe.emotion: recipe.min_votes for recipe in RECIPES}
    listed = []
    for emotion in DISPLAY_ORDER:
        prototype = prototypes[emotion]
        _, encoded = cv2.imencode(".png", prototype.image, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        write_whole(out / f"{emotion}.png", encoded.tobytes())
        entry = {"emotion": emotion, "file": f"{emotion}.png"}
        listed.append({**entry, "faces": prototype.faces, "min_votes": votes[emotion]})
    write_whole(out / "samples.json", (json.dumps(listed, indent=1) + "\n").encode())


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.prototypes", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of training.prepare")
    parser.add_argument("--out", type=Path, default=SAMPLES_DIR, help="default: the package's own")
    parser.add_argument("--size", type=int, default=256, help="side in pixels (default: 256)")
    options = parser.parse_args(arguments)
    try:
        if not 64 <= options.size <= 1024:
            raise UsageError(f"--size must lie between 64 and 1024 pixels, not {options.size}.")
        prototypes = make_prototypes(load_split(options.data, "train"), options.size)
        write_prototypes(prototypes, options.out)
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    print(", ".join(f"{name}: {made.faces} faces" for name, made in prototypes.items()))
    return 0


def _blur(image: NDArray[np.float32], sigma_px: float) -> NDArray[np.float32]:
    blurred = cv2.GaussianBlur(image, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32)


if __name__ == "__main__":
    sys.exit(main())
