"""Guidance: the mask keeps brows, eyes and mouth; Eq. 1 dims the rest."""

import numpy as np
import pytest
import torch

from ferstudio.guidance import ALPHA, guidance_mask, guided
from ferstudio.models import list_models, model_entry
from ferstudio.regions import FACE_OVAL, NOSE, PARTS, hull_mask, mean_face, region_masks
from tests.drawn_face import mean_landmarks

SIZE_PX = 96
SIZES_PX = (48, SIZE_PX, 224)

CHEEKS = {"right": ((33, 133), (61, 129)), "left": ((362, 263), (358, 291))}
"""Mesh points by the person's side: corners of an eye; mouth's corner and nostril's outer edge."""


def cell(x_px: float, y_px: float) -> tuple[int, int]:
    """Return (row, column) of the pixel that holds a point."""
    return int(y_px), int(x_px)


@pytest.mark.parametrize("size_px", SIZES_PX)
def test_the_mask_covers_brows_eyes_and_mouth(size_px: int) -> None:
    mask = guidance_mask(mean_landmarks(size_px), size_px)
    assert mask.shape == (size_px, size_px)
    assert mask.dtype == np.bool_
    points = mean_landmarks(size_px)
    for name in ("right brow", "left brow", "right eye", "left eye", "mouth"):
        assert mask[cell(*points[list(PARTS[name])].mean(axis=0))], name
        assert mask[region_masks(points, size_px)[name]].all(), name


@pytest.mark.parametrize("size_px", SIZES_PX)
def test_the_mask_covers_neither_nose_nor_cheeks_nor_chin_nor_forehead(size_px: int) -> None:
    points = mean_landmarks(size_px)
    mask = guidance_mask(points, size_px)
    assert not mask[hull_mask(points[list(NOSE)], size_px)].any()
    for side, (eye, fold) in CHEEKS.items():
        cheek = (points[list(eye)].mean(axis=0) + points[list(fold)].mean(axis=0)) / 2
        assert not mask[cell(*cheek)], side
    chin = (points[17] + points[152]) / 2  # between the lower lip and the lowest point
    forehead = (points[10] + points[[105, 334]].mean(axis=0)) / 2  # above the brows
    assert not mask[cell(*chin)]
    assert not mask[cell(*forehead)]
    outside = ~hull_mask(points[list(FACE_OVAL)], size_px)
    assert mask[outside].sum() <= 0.02 * mask.sum()
    assert 0.05 < mask.mean() < 0.2


def test_without_landmarks_the_mask_is_the_mean_faces() -> None:
    expected = guidance_mask(mean_face() * np.float32(SIZE_PX), SIZE_PX)
    np.testing.assert_array_equal(guidance_mask(None, SIZE_PX), expected)


def test_the_mask_follows_the_landmarks() -> None:
    mask = guidance_mask(mean_landmarks(SIZE_PX), SIZE_PX)
    moved = guidance_mask(mean_landmarks(SIZE_PX) + np.float32(6), SIZE_PX)
    np.testing.assert_array_equal(moved[6:, 6:], mask[:-6, :-6])
    assert not np.array_equal(moved, mask)


@pytest.mark.parametrize("mask_dtype", [torch.bool, torch.float32, torch.uint8])
def test_guided_pictures_follow_the_equation(mask_dtype: torch.dtype) -> None:
    images = torch.rand(2, 3, 4, 5, dtype=torch.float64)
    masks = torch.rand(2, 1, 4, 5) > 0.5
    assert 0 < int(masks.sum()) < masks.numel()
    out = guided(images, masks.to(mask_dtype))
    for n in range(2):
        for c in range(3):
            for i in range(4):
                for j in range(5):
                    factor = 1.125 if bool(masks[n, 0, i, j]) else 0.125
                    expected = float(images[n, c, i, j]) * factor
                    assert float(out[n, c, i, j]) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("alpha", [0.0, 0.5])
def test_the_weight_of_the_rest_can_be_chosen(alpha: float) -> None:
    images = torch.full((1, 1, 1, 2), 0.8)
    masks = torch.tensor([[[[True, False]]]])
    expected = torch.tensor([[[[0.8 * (1 + alpha), 0.8 * alpha]]]])
    torch.testing.assert_close(guided(images, masks, alpha), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_guiding_keeps_dtype_and_input(dtype: torch.dtype) -> None:
    images, masks = torch.rand(2, 3, 4, 4).to(dtype), torch.rand(2, 1, 4, 4) > 0.5
    before = images.clone(), masks.clone()
    out = guided(images, masks)
    assert out.dtype is dtype
    assert out.shape == images.shape
    assert torch.equal(images, before[0])
    assert torch.equal(masks, before[1])


@pytest.mark.parametrize("name", ["agfer", "cbamfer", "sefer"])
def test_the_papers_networks_are_trained_with_its_weight(name: str) -> None:
    assert model_entry(name).guidance_alpha == ALPHA == 0.125


def test_no_other_network_is_trained_on_guided_pictures() -> None:
    guided_names = [name for name in list_models() if model_entry(name).guidance_alpha is not None]
    assert guided_names == ["agfer", "agfer_stride32", "cbamfer", "sefer"]
