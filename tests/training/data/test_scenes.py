"""Made pictures with faces at known places."""

import itertools

import numpy as np
import pytest

from ferstudio.faces.samples import read_sample, sample_landmarks
from training.data import scenes as module
from training.data.scenes import Scene, paste_sample, scenes, textured, turned


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGE_PX", (640, 600))


@pytest.mark.usefixtures("_quick")
def test_there_is_every_kind_and_the_same_seed_makes_the_same() -> None:
    first, again = list(scenes(1, 3)), list(scenes(1, 3))
    kinds = [scene.kind for scene in first]
    turns = [f"turned by {angle}" for angle in (90, 180, 270)]
    assert kinds == [*["upright"] * 6, *turns, "nobody"]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.image, other.image)
    assert [scene.height_px for scene in first][:5] == list(module.UPRIGHT_PX)
    assert first[-1].landmarks_xy_px == ()


@pytest.mark.usefixtures("_quick")
def test_faces_are_as_high_as_is_said_and_lie_in_the_picture() -> None:
    for scene in itertools.islice(scenes(1), 9):
        (points,) = scene.landmarks_xy_px
        height_px = np.linalg.norm(points[152] - points[10])
        assert height_px == pytest.approx(scene.height_px, abs=1.5)
        height, width = scene.image.shape[:2]
        assert ((points > -40) & (points < np.array([width, height]) + 40)).all()


def test_a_pasted_face_shows_the_sample_at_its_landmarks() -> None:
    picture = np.full((400, 500, 3), 90, np.uint8)
    points = paste_sample(picture, "fear", 100, 50, 256)
    np.testing.assert_allclose(points, sample_landmarks("fear") + np.array([100, 50]), atol=1e-3)
    middle = (slice(50 + 100, 50 + 160), slice(100 + 100, 100 + 160))
    sample = read_sample("fear")[100:160, 100:160]
    assert np.abs(picture[middle].astype(int) - sample.astype(int)).max() <= 1
    assert (picture[:50] == 90).all()


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_turned_scene_turns_its_points_along(quarters: int) -> None:
    image = np.zeros((30, 50, 3), np.uint8)
    image[7, 11] = 255
    scene = turned(Scene("x", 9, image, (np.array([[11.5, 7.5]], np.float32),)), quarters)
    (((x, y),),) = scene.landmarks_xy_px
    assert scene.image[int(y), int(x)].tolist() == [255, 255, 255]


def test_texture_is_of_all_sizes() -> None:
    picture = textured(320, 200, np.random.default_rng(1))
    assert picture.shape == (200, 320, 3)
    assert picture.std() > 5
