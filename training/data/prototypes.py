"""The sample faces, each the average of many people.

Per expression, the training faces on which FER+'s votes agree are warped to their mean shape and
averaged (Benson and Perrett, "Extracting prototypical facial images from exemplars", Perception
1993). Most shapes are moved somewhat further from the neutral one, as a caricature does (Brennan,
"Caricature generator", Leonardo 1985), so that expressions which are rare or posed in many ways
stay readable. The averages are sharpened, and what surrounds the face is softened. The result
shows the expression and belongs to no one.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import ferstudio
from ferstudio.errors import DataError
from ferstudio.faces.samples import LANDMARKS_FILE
from ferstudio.files import write_whole
from ferstudio.labels import DISPLAY_ORDER, FERPLUS
from ferstudio.regions import face_mask
from training.data.exemplars import Exemplars, choose, find_exemplars, framed
from training.data.prototype_recipes import RECIPES
from training.data.table import FaceTable

LEAST_FACES = 50
"""An average of fewer faces could let one of them be recognised, so it is refused."""

SAMPLES_DIR = Path(ferstudio.__file__).parent / "samples"

_SHARPEN = 1.5


@dataclass(frozen=True, slots=True)
class Prototype:
    """One averaged face.

    Attributes:
        image: (S, S) uint8 luma.
        shape_xy_px: (478, 2) float32 mesh points in pixels of the image.
        faces: number of faces averaged.
        votes: share of people's votes on these faces per emotion, in [0, 1], their sum 1.
    """

    image: NDArray[np.uint8]
    shape_xy_px: NDArray[np.float32]
    faces: int
    votes: Mapping[str, float]


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
        prototypes[recipe.emotion] = Prototype(image, shape, len(chosen), vote_shares(chosen.votes))
    return prototypes


def vote_shares(votes: NDArray[np.uint8]) -> dict[str, float]:
    """Return the share of all votes for an emotion that each got, to three digits.

    Args:
        votes: (N, 10) in `VOTE_COLUMNS` order; those for no emotion ("unknown", "NF") don't count.
    """
    counts = votes[:, : len(FERPLUS)].sum(axis=0, dtype=np.int64)
    shares = counts / max(1, int(counts.sum()))
    return {name: round(float(share), 3) for name, share in zip(FERPLUS, shares, strict=True)}


def write_prototypes(
    prototypes: dict[str, Prototype],
    landmarks_xy_px: Mapping[str, NDArray[np.float32]],
    out: Path,
) -> None:
    """Write one PNG per emotion, their landmarks, and `samples.json`, in display order.

    Args:
        prototypes: by their emotion.
        landmarks_xy_px: (478, 2) mesh points that a detector finds in each, by its emotion.
        out: folder that they are written to.
    """
    out.mkdir(parents=True, exist_ok=True)
    least = {recipe.emotion: recipe.min_votes for recipe in RECIPES}
    listed = []
    for emotion in DISPLAY_ORDER:
        prototype = prototypes[emotion]
        _, encoded = cv2.imencode(".png", prototype.image, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        write_whole(out / f"{emotion}.png", encoded.tobytes())
        entry = {"emotion": emotion, "file": f"{emotion}.png"}
        made_of = {"faces": prototype.faces, "min_votes": least[emotion]}
        listed.append({**entry, **made_of, "votes": dict(prototype.votes)})
    points = io.BytesIO()
    np.savez_compressed(points, **dict(landmarks_xy_px))
    write_whole(out / LANDMARKS_FILE, points.getvalue())
    write_whole(out / "samples.json", (json.dumps(listed, indent=1) + "\n").encode())


def _blur(image: NDArray[np.float32], sigma_px: float) -> NDArray[np.float32]:
    blurred = cv2.GaussianBlur(image, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32)
