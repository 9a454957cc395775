"""What a guided network was shown in training, as the studio shows it."""

from dataclasses import replace

import numpy as np
import pytest

from ferstudio.guidance import ALPHA
from ferstudio.models import LoadedModel
from ferstudio.preprocess import as_seen
from ferstudio.regions import mean_face, region_masks
from ferstudio.studio.guidance import guidance_of
from ferstudio.types import FaceCrop
from tests.networks import INPUT, loaded


@pytest.fixture
def model() -> LoadedModel:
    """Return a network as if its paper guided it."""
    plain = loaded("resnet18")
    return LoadedModel(replace(plain.entry, guidance_alpha=ALPHA), plain.card, plain.module)


def test_a_network_whose_paper_guides_none_has_none(crop: FaceCrop) -> None:
    assert guidance_of(loaded("resnet18"), crop) is None


def test_the_mask_keeps_the_picture_and_the_rest_is_dimmed(
    model: LoadedModel, crop: FaceCrop
) -> None:
    guidance = guidance_of(model, crop)
    assert guidance is not None
    assert guidance.alpha == ALPHA
    assert guidance.mask.shape == (INPUT.size, INPUT.size)
    seen = as_seen(crop, INPUT)[0].permute(1, 2, 0).numpy()
    outside = seen[~guidance.mask] * ALPHA * 255
    assert np.abs(guidance.picture[~guidance.mask] - outside).max() <= 0.51
    inside = np.minimum(seen[guidance.mask] * (1 + ALPHA), 1) * 255
    assert np.abs(guidance.picture[guidance.mask] - inside).max() <= 0.51


def test_the_mask_lies_on_the_landmarks_of_the_crop(model: LoadedModel, crop: FaceCrop) -> None:
    shift_px = np.float32(0.1 * crop.size)
    moved = replace(crop, landmarks_xy_px=mean_face() * np.float32(crop.size) + shift_px)
    guidance = guidance_of(model, moved)
    assert guidance is not None
    landmarks = (mean_face() + np.float32(0.1)) * np.float32(INPUT.size)
    parts = region_masks(landmarks, INPUT.size)
    assert guidance.mask[parts["mouth"]].mean() > 0.97
    assert guidance.mask[parts["left eye"]].mean() > 0.95


def test_without_landmarks_the_mean_face_is_taken(model: LoadedModel, crop: FaceCrop) -> None:
    guidance = guidance_of(model, replace(crop, landmarks_xy_px=None))
    assert guidance is not None
    assert guidance.mask[region_masks(None, INPUT.size)["mouth"]].all()
