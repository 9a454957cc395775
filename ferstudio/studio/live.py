"""One frame of a camera: every face boxed, the largest read by networks, clean and covered."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.explain.explainer import Explainer
from ferstudio.faces.alignment import align_face
from ferstudio.faces.tracking import Track
from ferstudio.models import LoadedModel
from ferstudio.occlusion.occluder import Occluded
from ferstudio.preprocess import apply_affine, from_centres
from ferstudio.studio.covers import cover_heat, covered, method_named, no_heat, no_map
from ferstudio.studio.look import look_together
from ferstudio.studio.results import NoMap, View
from ferstudio.studio.selection import NONE, Cover
from ferstudio.types import FaceCrop

MODELS_LIVE = 2
"""Networks that are asked about each frame where no more are wanted."""

PASSES_LIVE = 4
"""A heatmap method that asks a network more often than this is too slow for a camera's frames."""


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One network's answer to one frame.

    Attributes:
        name: name of the weights.
        title: the network's title.
        clean: its answer to the face as it is, and the heatmap of that.
        covered: the same of the face under its cover; the map explains the answer to the clean
            face, too. None where nothing covers it.
        no_map: why there is no heatmap though one was asked for; None elsewhere.
    """

    name: str
    title: str
    clean: View
    covered: View | None = None
    no_map: NoMap | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """What was made of one frame. Nothing of it is kept, but where its faces are.

    Attributes:
        picture: (H, W, 3) uint8 RGB, the frame with the cover on its largest face.
        track: where all faces are, the largest first, which is the one that was asked about.
        rows: one per network; () where no face was found.
        too_slow: title of the heatmap method where it is too slow for frames; "" elsewhere.
        elapsed_s: seconds for all of it.
    """

    picture: NDArray[np.uint8]
    track: Track
    rows: tuple[LiveRow, ...]
    too_slow: str
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class LiveQuestion:
    """What is asked about each frame of a camera.

    Attributes:
        models: names of the weights that are asked.
        cover: what lies over the largest face; its seed is the same for all frames, so that it
            doesn't flicker.
        explainer: registry name of the heatmap method, or "none".
    """

    models: tuple[str, ...]
    cover: Cover
    explainer: str = NONE


def live_frame(
    image: NDArray[np.uint8],
    find: Callable[[NDArray[np.uint8]], Track],
    models: Sequence[LoadedModel],
    question: LiveQuestion,
) -> LiveFrame:
    """Return what a frame shows.

    Each network gets the clean and the covered face at once.

    Args:
        image: (H, W, 3) uint8 RGB.
        find: says where its faces are.
        models: the networks; the first one's heat places the cover, where heat does.
        question: what they are asked.

    Raises:
        UnknownNameError: if the cover or the explainer doesn't exist.
    """
    started = time.perf_counter()
    wanted, cover = method_named(question.explainer), question.cover
    too_slow = wanted is not None and wanted.passes > PASSES_LIVE
    method = None if too_slow else wanted
    rows: tuple[LiveRow, ...] = ()
    track = find(image)
    if track.faces:
        crops = [align_face(image, track.faces[0])]
        if not cover.bare:
            explainer = NONE if method is None else question.explainer
            occluded = covered(crops[0], cover, lambda: _heat(models, crops[0], explainer))
            image = put_back(image, occluded)
            crops.append(occluded.crop)
        rows = tuple(_row(model, crops, method) for model in models)
    named = wanted.title if wanted is not None and too_slow else ""
    return LiveFrame(image, track, rows, named, time.perf_counter() - started)


def _row(model: LoadedModel, crops: Sequence[FaceCrop], method: Explainer | None) -> LiveRow:
    clean, *under = look_together(model, crops, method)
    return LiveRow(model.name, model.title, clean, next(iter(under), None), no_map(model, method))


def _heat(models: Sequence[LoadedModel], crop: FaceCrop, explainer: str) -> NDArray[np.float32]:
    return cover_heat(models[0], crop, explainer) if models else no_heat()


def put_back(image: NDArray[np.uint8], occluded: Occluded) -> NDArray[np.uint8]:
    """Return the picture that a crop was cut from, with the crop's cover in its place.

    Args:
        image: (H, W, 3) uint8 RGB, the picture.
        occluded: the covered crop.
    """
    crop, height, width = occluded.crop, *image.shape[:2]
    corners = np.array([[0, 0], [crop.size, 0], [0, crop.size], [crop.size, crop.size]], np.float64)
    around = apply_affine(crop.to_source, corners)
    (left, top), (right, bottom) = np.floor(around.min(0)) - 1, np.ceil(around.max(0)) + 1
    columns = slice(max(0, int(left)), min(width, int(right)))
    rows = slice(max(0, int(top)), min(height, int(bottom)))
    part = image[rows, columns]
    if not part.size:
        return image
    to_part = crop.to_source.copy()
    to_part[:, 2] -= (columns.start, rows.start)
    matrix, size = from_centres(to_part), (part.shape[1], part.shape[0])
    mask = occluded.mask.astype(np.float32)
    opacity = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_LINEAR)[:, :, None]
    drawn = cv2.warpAffine(
        crop.image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    mixed = part * (1 - opacity) + drawn * opacity
    covered_picture = image.copy()
    covered_picture[rows, columns] = np.where(opacity > 0, np.rint(mixed), part).astype(np.uint8)
    return covered_picture
