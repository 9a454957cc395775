"""Angles of heads that were turned by known angles."""

from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import DataError
from ferstudio.regions import COMPACT
from tests.training.conftest import make_table
from tests.training.data.posed_faces import pictures
from training.data.head_pose import (
    FACE_MODEL_FILE,
    PAIRS,
    RIGID,
    head_angles,
    load_face_model,
    mean_rigid_face,
    save_face_model,
)

MIRRORED = {right: left for pair in PAIRS for right, left in (pair, pair[::-1])}


def test_the_stored_face_is_a_face() -> None:
    model = load_face_model()
    point = dict(zip(RIGID, model, strict=True))
    for right, left in PAIRS:
        np.testing.assert_array_equal(point[left], point[right] * (-1, 1, 1))
    assert point[263][0] - point[33][0] == 1
    np.testing.assert_allclose(model.mean(axis=0), 0, atol=1e-4)
    x, y, z = 0, 1, 2
    assert point[10][y] < point[33][y] < point[4][y] < point[2][y]
    assert point[4][z] < point[168][z] < point[33][z] < point[127][z]
    assert point[33][x] < point[133][x] < point[98][x] < 0
    assert 0.4 < point[33][z] - point[4][z] < 0.6


def test_known_angles_are_found_again() -> None:
    rng = np.random.default_rng(1)
    angles = np.stack([rng.uniform(-70, 70, 60), rng.uniform(-40, 40, 60)], axis=1)
    exact = head_angles(pictures(load_face_model(), angles, 2, noise_px=0), load_face_model())
    np.testing.assert_allclose(exact, angles, atol=0.2)
    noisy = head_angles(pictures(load_face_model(), angles, 2, noise_px=0.1), load_face_model())
    np.testing.assert_allclose(noisy, angles, atol=1.5)
    assert np.abs(noisy - angles).mean() < 0.3


def test_the_mirror_turns_the_yaw_round() -> None:
    table = make_table(12, seed=3)
    swapped = [COMPACT.index(MIRRORED.get(point, point)) for point in COMPACT if point in RIGID]
    rigid = [COMPACT.index(point) for point in COMPACT if point in RIGID]
    mirrored = table.landmarks_xy_px.copy()
    mirrored[:, rigid] = table.landmarks_xy_px[:, swapped] * (-1, 1) + (48, 0)
    straight = head_angles(table.landmarks_xy_px, load_face_model())
    np.testing.assert_allclose(
        head_angles(mirrored, load_face_model()), straight * (-1, 1), atol=0.01
    )
    assert np.abs(straight[1:7, 0]).max() > 0.1


def test_what_was_not_found_has_no_angles() -> None:
    table = make_table(9)
    angles = head_angles(table.landmarks_xy_px, load_face_model())
    np.testing.assert_array_equal(np.isnan(angles).any(axis=1), ~table.found())


@pytest.mark.parametrize("depth", [1.0, 0.7])
def test_depth_is_found_from_flat_pictures_alone(depth: float) -> None:
    model = load_face_model() * (1, 1, depth)
    rng = np.random.default_rng(4)
    angles = np.stack([rng.uniform(-50, 50, 101), np.linspace(-30, 30, 101)], axis=1)
    seen = pictures(model, angles, 5, noise_px=0)
    seen[7] = np.nan
    np.testing.assert_allclose(mean_rigid_face(seen), model, atol=0.01)


def test_pictures_from_one_side_alone_show_no_depth() -> None:
    seen = pictures(load_face_model(), np.zeros((20, 2)), 6, noise_px=0)
    with pytest.raises(DataError, match="turned too little"):
        mean_rigid_face(seen)


def test_a_face_model_survives_its_file(tmp_path: Path) -> None:
    save_face_model(tmp_path / "face.csv", load_face_model())
    assert (tmp_path / "face.csv").read_bytes() == FACE_MODEL_FILE.read_bytes()


@pytest.mark.parametrize("change", [("10,", "9,"), ("index", "point"), ("0.5000", "half")])
def test_a_damaged_face_model_is_a_sentence(tmp_path: Path, change: tuple[str, str]) -> None:
    text = FACE_MODEL_FILE.read_text("utf-8")
    (tmp_path / "face.csv").write_text(text.replace(*change, 1), "utf-8")
    with pytest.raises(DataError, match="make it anew"):
        load_face_model(tmp_path / "face.csv")


def test_a_missing_face_model_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="can't be read"):
        load_face_model(tmp_path / "face.csv")
