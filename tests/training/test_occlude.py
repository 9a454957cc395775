import numpy as np
import pytest
import torch

from ferstudio.occlusion import list_occluders, occluder
from ferstudio.types import FaceCrop
from training.data import FaceTable
from training.occlude import aligned_landmarks, cover, draw_overlay


@pytest.mark.parametrize("name", list_occluders())
def test_overlay_covers_what_the_studio_covers(name: str, table: FaceTable) -> None:
    row = int(np.flatnonzero(table.found())[0])
    landmarks = aligned_landmarks(table, row, 64)
    drawn = draw_overlay(name, landmarks, 0.8, np.random.default_rng(5), 64)
    face = torch.rand(1, 1, 64, 64)
    covered = cover(face, torch.from_numpy(drawn).unsqueeze(0) / 255)
    crop = FaceCrop(np.full((64, 64, 3), 200, np.uint8), landmarks, np.eye(2, 3))
    studio = occluder(name).occlude(crop, 0.8, np.random.default_rng(5))
    changed = (covered != face)[0, 0].numpy()
    assert not changed[~studio.mask].any()
    assert changed.sum() > 0.9 * studio.mask.sum() > 0


def test_cover_mixes_by_opacity() -> None:
    overlays = torch.stack([torch.full((4, 4), 0.2), torch.full((4, 4), 0.25)]).unsqueeze(0)
    mixed = cover(torch.full((1, 1, 4, 4), 1.0), overlays)
    torch.testing.assert_close(mixed, torch.full((1, 1, 4, 4), 0.8))


def test_faces_without_landmarks_have_none(table: FaceTable) -> None:
    assert aligned_landmarks(table, 0, 64) is None
    found = aligned_landmarks(table, 1, 64)
    assert found is not None and found.shape == (478, 2)
