"""The studio's own occluders drawn for batches of aligned training and validation faces.

Which of them a recipe uses, and how often, says `training.recipes.training_occluders`.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.errors import UsageError
from ferstudio.occlusion.occluder import Need, Occluder, occluder
from ferstudio.preprocess import LUMA
from ferstudio.types import FaceCrop
from training.data.alignment import aligned_landmarks
from training.data.table import FaceTable
from training.recipes.settings import Occlusion

OVERLAY_PX = 64


def draw_cover(
    thing: Occluder,
    landmarks_xy_px: NDArray[np.float32] | None,
    amount: float,
    rng: np.random.Generator,
    size_px: int = OVERLAY_PX,
    *,
    face: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Return what `thing` draws over an aligned grey crop.

    Args:
        thing: the occluder.
        landmarks_xy_px: (478, 2) in pixels of the crop, or None.
        amount: severity in (0, 1].
        rng: source of all randomness.
        size_px: side of the crop.
        face: (size, size) uint8 grey, for an occluder that reads the picture; all others are drawn
            over mid-grey, so that what they draw fits any face.

    Returns:
        (2, size, size) uint8: luma of the covering thing, and its opacity (255 = opaque).

    Raises:
        UsageError: if the occluder reads the picture and there is none.
    """
    picture = np.full((size_px, size_px), 128, np.uint8)
    if thing.needs is Need.PICTURE:
        if face is None:
            raise _made_of_one_face(thing.name)
        picture = face
    crop = FaceCrop(np.stack([picture] * 3, axis=2), landmarks_xy_px, np.eye(2, 3))
    overlay = thing.draw(crop, amount, rng)
    luma = overlay.colour.astype(np.float32) @ np.array(LUMA, np.float32)
    return np.stack([luma, overlay.opacity * 255]).round().astype(np.uint8)


def cover(faces: Tensor, overlays: Tensor) -> Tensor:
    """Return faces (N, C, S, S) in [0, 1] under overlays (N, 2, S, S) in [0, 1]."""
    luma, opacity = overlays[:, :1], overlays[:, 1:]
    return faces * (1 - opacity) + luma * opacity


class OverlayBank:
    """Overlays drawn once for many faces, to be put on any aligned face of a batch.

    Aligned faces have their eyes and mouths in the same places, so glasses drawn for one fit
    another closely enough; drawing for each face and epoch anew would cost more than training.
    """

    def __init__(
        self,
        table: FaceTable,
        occlusion: Occlusion,
        *,
        seed: int,
        count: int = 3000,
    ) -> None:
        """Draw `count` overlays as `occlusion` mixes them, on random faces of `table`.

        Raises:
            UsageError: if one of its occluders reads the picture, so that it fits no other face.
        """
        rng = np.random.default_rng(seed)
        things = [occluder(name) for name, _ in occlusion.occluders]
        for thing in things:
            if thing.needs is Need.PICTURE:
                raise _made_of_one_face(thing.name)
        weights = np.array([weight for _, weight in occlusion.occluders], np.float64)
        overlays = np.empty((count, 2, OVERLAY_PX, OVERLAY_PX), np.uint8)
        for overlay, chosen in zip(
            overlays, rng.choice(len(things), count, p=weights / weights.sum()), strict=True
        ):
            landmarks = aligned_landmarks(table, int(rng.integers(len(table))), OVERLAY_PX)
            amount = rng.uniform(*occlusion.amount)
            overlay[:] = draw_cover(things[chosen], landmarks, amount, rng)
            shades = np.unique(overlay[0][overlay[1] > 0])  # none where it lies off the picture
            if len(shades) == 1 and rng.random() < 0.5:
                overlay[0] = rng.integers(256)  # half of the flat black bars in any flat grey
        self._overlays = torch.from_numpy(overlays)

    def to(self, device: torch.device) -> "OverlayBank":
        """Move the bank to `device` and return it."""
        self._overlays = self._overlays.to(device)
        return self

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Return `count` random overlays, (count, 2, 64, 64) float in [0, 1]."""
        device = self._overlays.device
        rows = torch.randint(len(self._overlays), (count,), generator=generator, device=device)
        return self._overlays[rows].float() / 255


def _made_of_one_face(name: str) -> UsageError:
    return UsageError(
        f"{name!r} is made of the face it covers and can't be drawn once for many; "
        "leave it out of the training's occluders."
    )
