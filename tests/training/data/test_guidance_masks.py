"""Guidance masks lie on the aligned face."""

import numpy as np
import pytest

from ferstudio.guidance import guidance_mask
from ferstudio.preprocess import apply_affine
from training.data.alignment import aligned_landmarks, alignment_maps
from training.data.guidance_masks import guidance_masks
from training.data.table import FaceTable


@pytest.mark.parametrize("margin_ratio", [0.0, 0.1])
def test_masks_are_the_studios_in_the_aligned_crop(table: FaceTable, margin_ratio: float) -> None:
    maps = alignment_maps(table, margin_ratio=margin_ratio)
    masks = guidance_masks(table, maps)
    assert masks.shape == (64, 64, 64) and masks.dtype == np.bool_
    for row in np.flatnonzero(table.found())[:8]:
        landmarks = aligned_landmarks(table, int(row), 64, margin_ratio)
        wrong = masks[row] != guidance_mask(landmarks, 64)
        assert wrong.mean() < 0.002  # a pixel of the edge, from float32


def test_faces_without_landmarks_have_the_mean_mask(table: FaceTable) -> None:
    masks = guidance_masks(table, alignment_maps(table))
    lost = masks[~table.found()]
    assert len(lost) > 5
    assert (lost != guidance_mask(None, 64)).mean() < 0.002


def test_a_margin_shrinks_the_mean_mask(table: FaceTable) -> None:
    plain, wide = (
        guidance_masks(table, alignment_maps(table, margin_ratio=margin))[0] for margin in (0, 0.25)
    )
    assert not table.found()[0]
    assert wide.sum() == pytest.approx(plain.sum() / 1.5**2, rel=0.2)  # edges are drawn in full


def test_unaligned_faces_have_masks_in_their_own_frame(table: FaceTable) -> None:
    masks = guidance_masks(table, alignment_maps(table, align=False), 96)
    row = int(np.flatnonzero(table.found())[0])
    landmarks = table.landmarks(row)
    assert landmarks is not None
    doubled = apply_affine(np.diag([2.0, 2.0, 1.0])[:2], landmarks)
    assert (masks[row] != guidance_mask(doubled, 96)).mean() < 0.002
