"""What a network was shown in training whose paper guides it: the mask and the picture under it."""

import torch

from ferstudio.guidance import guidance_mask, guided
from ferstudio.models import LoadedModel
from ferstudio.preprocess import as_seen, to_pixels
from ferstudio.studio.results import Guidance
from ferstudio.types import FaceCrop


def guidance_of(model: LoadedModel, crop: FaceCrop) -> Guidance | None:
    """Return what `model` would be shown of `crop` in training; None where its paper guides none.

    Both pictures have the side of the network's input; Eq. 1's result is cut at full brightness.
    """
    alpha, spec = model.entry.guidance_alpha, model.card.input
    if alpha is None:
        return None
    landmarks = crop.landmarks_xy_px
    if landmarks is not None:
        landmarks = landmarks * (spec.size / crop.size)
    mask = guidance_mask(landmarks, spec.size)
    picture = guided(as_seen(crop, spec), torch.from_numpy(mask)[None, None], alpha)
    return Guidance(mask, to_pixels(picture), alpha)
