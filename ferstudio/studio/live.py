"""One frame of a camera: every face boxed, the largest covered and read by a few networks."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.alignment import align_face
from ferstudio.models import LoadedModel
from ferstudio.occlusion.occluder import Occluded
from ferstudio.preprocess import from_centres
from ferstudio.studio.results import View
from ferstudio.types import Face, FaceCrop

MODELS_LIVE = 2
"""Networks that are asked about each frame."""


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One network's answer to one frame.

    Attributes:
        name: name of the weights.
        title: the network's title.
        view: its answer and heatmap of the face, covered where there is a cover.
    """

    name: str
    title: str
    view: View


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
    find: Callable[[NDArray[np.uint8]], Sequence[Face]],
    cover: Callable[[FaceCrop], Occluded | None],
    look: Callable[[LoadedModel, FaceCrop], View],
    models: Sequence[LoadedModel],
) -> LiveFrame:
    """Return what a frame shows.

    Args:
        image: (H, W, 3) uint8 RGB.
        find: finds faces, the largest first.
        cover: covers a face; None for no cover.
        look: asks a network about a face.
        models: the networks.
    """
    started = time.perf_counter()
    faces = find(image)
    rows: tuple[LiveRow, ...] = ()
    if faces:
        crop = align_face(image, faces[0])
        occluded = cover(crop)
        if occluded is not None:
            image = put_back(image, occluded)
            crop = occluded.crop
        rows = tuple(LiveRow(model.name, model.title, look(model, crop)) for model in models)
    boxes = tuple(face.box_xyxy_px for face in faces)
    return LiveFrame(image, boxes, rows, time.perf_counter() - started)


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
