import numpy as np
import pytest
import torch

from ferstudio.errors import UsageError
from ferstudio.occlusion import Need, Occluder, Overlay, list_occluders, occluder
from ferstudio.types import FaceCrop
from training.augment.occlusion import OverlayBank, cover, draw_cover
from training.data.alignment import aligned_landmarks
from training.data.table import FaceTable
from training.recipes.settings import Occlusion

READERS = [name for name in list_occluders() if occluder(name).needs is Need.PICTURE]
THINGS = [name for name in list_occluders() if name not in READERS]


@pytest.mark.parametrize("name", THINGS)
def test_overlay_covers_what_the_studio_covers(name: str, table: FaceTable) -> None:
    row = int(np.flatnonzero(table.found())[0])
    landmarks = aligned_landmarks(table, row, 64)
    drawn = draw_cover(occluder(name), landmarks, 0.8, np.random.default_rng(5), 64)
    face = torch.rand(1, 1, 64, 64)
    covered = cover(face, torch.from_numpy(drawn).unsqueeze(0) / 255)
    crop = FaceCrop(np.full((64, 64, 3), 200, np.uint8), landmarks, np.eye(2, 3))
    studio = occluder(name).occlude(crop, 0.8, np.random.default_rng(5))
    changed = (covered != face)[0, 0].numpy()
    assert not changed[~studio.mask].any()
    assert changed.sum() > 0.9 * studio.mask.sum() > 0


@pytest.mark.parametrize("name", THINGS)
def test_what_reads_no_picture_is_drawn_over_grey(name: str, table: FaceTable) -> None:
    landmarks = aligned_landmarks(table, 1, 64)
    face = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    over_grey, over_face = (
        draw_cover(occluder(name), landmarks, 0.8, np.random.default_rng(5), 64, face=picture)
        for picture in (None, face)
    )
    np.testing.assert_array_equal(over_grey, over_face)


@pytest.mark.parametrize("name", READERS)
def test_what_reads_the_picture_shows_what_the_studio_shows(name: str) -> None:
    face = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    drawn = draw_cover(occluder(name), None, 0.5, np.random.default_rng(5), 64, face=face)
    crop = FaceCrop(np.stack([face] * 3, axis=2), None, np.eye(2, 3))
    studio = occluder(name).occlude(crop, 0.5, np.random.default_rng(5))
    np.testing.assert_array_equal(drawn[0], studio.crop.image[:, :, 0])
    assert (drawn[1] == 255).all()


@pytest.mark.parametrize("name", READERS)
def test_what_reads_the_picture_is_refused_without_one(name: str, table: FaceTable) -> None:
    with pytest.raises(UsageError, match=name):
        draw_cover(occluder(name), None, 0.5, np.random.default_rng(5))
    mixed = Occlusion(occluders=(("upper", 1.0), (name, 0.0)))
    with pytest.raises(UsageError, match=f"'{name}' is made of the face"):
        OverlayBank(table, mixed, seed=0, count=2)


def test_what_lies_off_the_picture_covers_nothing(
    table: FaceTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
        return Overlay(crop.image, np.zeros((crop.size, crop.size), np.float32))

    away = Occluder(name="away", title="Away", summary="Away.", noun="It", draw=draw)
    monkeypatch.setattr("training.augment.occlusion.occluder", lambda _name: away)
    bank = OverlayBank(table, Occlusion(occluders=(("away", 1.0),)), seed=0, count=3)
    assert not bank.sample(5, torch.Generator().manual_seed(0))[:, 1].any()


def test_cover_mixes_by_opacity() -> None:
    overlays = torch.stack([torch.full((4, 4), 0.2), torch.full((4, 4), 0.25)]).unsqueeze(0)
    mixed = cover(torch.full((1, 1, 4, 4), 1.0), overlays)
    torch.testing.assert_close(mixed, torch.full((1, 1, 4, 4), 0.8))
