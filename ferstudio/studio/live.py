"""One frame of a camera: every face boxed, the largest covered and read by a few networks."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.alignment import align_face
from ferstudio.faces.search import FaceSearch
from ferstudio.models import LoadedModel
from ferstudio.occlusion.occluder import Occluded
from ferstudio.preprocess import from_centres
from ferstudio.studio.covers import cover_heat, covered, method_named, no_heat, no_map
from ferstudio.studio.look import look
from ferstudio.studio.results import NoMap, View
from ferstudio.studio.selection import NONE, Cover
from ferstudio.types import FaceCrop

MODELS_LIVE = 2
"""Networks that are asked about each frame."""


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One network's answer to one frame.

    Attributes:
        name: name of the weights.
        title: the network's title.
        view: its answer and heatmap of the face, covered where there is a cover.
        no_map: why there is no heatmap though one was asked for; None elsewhere.
    """

    name: str
    title: str
    view: View
    no_map: NoMap | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """What was made of one frame. Nothing of it is kept.

    Attributes:
        picture: (H, W, 3) uint8 RGB, the frame with the cover on its largest face.
        boxes_xyxy_px: all faces, the largest first, which is the one that was asked about.
        rows: one per network; () where no face was found.
        elapsed_s: seconds for all of it.
    """

    picture: NDArray[np.uint8]
    boxes_xyxy_px: tuple[tuple[float, float, float, float], ...]
    rows: tuple[LiveRow, ...]
    elapsed_s: float


def live_frame(
    image: NDArray[np.uint8],
    find: Callable[[NDArray[np.uint8]], FaceSearch],
    models: Sequence[LoadedModel],
    cover: Cover,
    explainer: str = NONE,
) -> LiveFrame:
    """Return what a frame shows.

    Args:
        image: (H, W, 3) uint8 RGB.
        find: finds faces, the largest first.
        models: the networks; the first one's heat places the cover, where heat does.
        cover: what lies over the largest face.
        explainer: registry name of the heatmap method, or "none".

    Raises:
        UnknownNameError: if the cover or the explainer doesn't exist.
    """
    started = time.perf_counter()
    method, faces = method_named(explainer), find(image).faces
    rows: tuple[LiveRow, ...] = ()
    if faces:
        crop = align_face(image, faces[0])
        if not cover.bare:
            occluded = covered(crop, cover, lambda: _heat(models, crop, explainer))
            image, crop = put_back(image, occluded), occluded.crop
        rows = tuple(
            LiveRow(each.name, each.title, look(each, crop, method), no_map(each, method))
            for each in models
        )
    boxes = tuple(face.box_xyxy_px for face in faces)
    return LiveFrame(image, boxes, rows, time.perf_counter() - started)


def _heat(models: Sequence[LoadedModel], crop: FaceCrop, explainer: str) -> NDArray[np.float32]:
    return cover_heat(models[0], crop, explainer) if models else no_heat()


def put_back(image: NDArray[np.uint8], occluded: Occluded) -> NDArray[np.uint8]:
    """Return the picture that a crop was cut from, with the crop's cover in its place.

    Args:
        image: (H, W, 3) uint8 RGB, the picture.
        occluded: the covered crop.
    """
    height, width = image.shape[:2]
    matrix = from_centres(occluded.crop.to_source)
    mask = occluded.mask.astype(np.float32)
    opacity = cv2.warpAffine(mask, matrix, (width, height), flags=cv2.INTER_LINEAR)[:, :, None]
    drawn = cv2.warpAffine(
        occluded.crop.image,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mixed = image * (1 - opacity) + drawn * opacity
    return np.where(opacity > 0, np.rint(mixed), image).astype(np.uint8)
