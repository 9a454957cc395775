"""Subsets of a split: by agreement of the votes and by the head's pose."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.errors import DataError
from ferstudio.labels import FERPLUS
from ferstudio.regions import COMPACT
from tests.training.conftest import make_table
from training.data.cache import save_meta, save_split
from training.data.ferplus import VOTE_COLUMNS, majority_labels
from training.data.head_pose import (
    FACE_MODEL_FILE,
    PAIRS,
    RIGID,
    head_angles,
    load_face_model,
    mean_rigid_face,
    save_face_model,
)
from training.data.subsets import find_subsets, read_subset, save_subset
from training.data.table import FaceTable
from training.subsets import main

Array = NDArray[np.float64]

MIRRORED = {right: left for pair in PAIRS for right, left in (pair, pair[::-1])}


def turned(model: Array, yaw: float, pitch: float, roll: float) -> Array:
    """Return the model, nose to the picture's right by yaw, up by pitch, then rolled."""
    y, p, r = np.radians([-yaw, -pitch, roll])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return model @ (about_z @ about_y @ about_x).T


def as_compact(points: Array) -> Array:
    """Return (N, K, 2) mesh points of which only the rigid ones are set, to (N, P, 2)."""
    full = np.zeros((len(points), len(COMPACT), 2))
    full[:, [COMPACT.index(point) for point in RIGID]] = points
    return full


def pictures(model: Array, angles: Array, seed: int, noise_px: float) -> Array:
    """Return (N, K, 2) pictures of faces with the given yaw and pitch, otherwise random."""
    rng = np.random.default_rng(seed)
    seen = []
    for yaw, pitch in angles:
        solid = turned(model, yaw, pitch, rng.uniform(-40, 40))
        seen.append(rng.uniform(12, 30) * solid[:, :2] + rng.uniform(15, 33, 2))
    return as_compact(np.array(seen) + rng.normal(0, noise_px, (len(angles), len(RIGID), 2)))


def posed_table(angles: Array) -> FaceTable:
    landmarks = pictures(load_face_model(), angles, seed=0, noise_px=0)
    return replace(make_table(len(angles)), landmarks_xy_px=landmarks.astype(np.float32))


@pytest.mark.parametrize(
    ("votes", "label"),
    [
        ({"anger": 6, "neutral": 4}, "anger"),
        ({"anger": 5, "neutral": 5}, None),
        ({"anger": 5, "neutral": 4, "fear": 1}, "anger"),
        ({"anger": 4, "neutral": 2, "fear": 2, "disgust": 2}, None),
        ({"contempt": 4, "neutral": 3, "fear": 1, "disgust": 1, "NF": 1}, "contempt"),
        ({"contempt": 4, "neutral": 2, "unknown": 2}, None),
        ({"unknown": 6, "neutral": 4}, None),
        ({"NF": 10}, None),
        (dict.fromkeys(VOTE_COLUMNS, 1), None),
        ({}, None),
    ],
)
def test_the_majority_is_of_the_votes_without_single_ones(
    votes: dict[str, int], label: str | None
) -> None:
    row = np.array([[votes.get(name, 0) for name in VOTE_COLUMNS]], np.uint8)
    assert majority_labels(row).tolist() == [FERPLUS.index(label) if label else -1]


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


def test_pose_subsets_take_the_turned_of_the_labelled() -> None:
    angles = np.array([[0, 0], [-29, 0], [31, 5], [0, -31], [50, 0], [5, 46], [60, 0], [-46, 0]])
    table = posed_table(angles.astype(np.float64))
    table.landmarks_xy_px[6] = np.nan
    table.votes[7] = 0
    agreed, beyond_30, beyond_45 = find_subsets(table, load_face_model())
    assert [agreed.name, beyond_30.name, beyond_45.name] == [
        "agreed.csv",
        "pose30.csv",
        "pose45.csv",
    ]
    assert np.flatnonzero(agreed.taken).tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert np.flatnonzero(beyond_30.taken).tolist() == [2, 3, 4, 5]
    assert np.flatnonzero(beyond_45.taken).tolist() == [4, 5]
    assert "; 1 without landmarks left out" in beyond_30.rule


def test_a_subset_file_is_what_evaluation_reads(tmp_path: Path) -> None:
    table = make_table(10)
    taken = np.arange(10) % 3 == 1
    save_subset(tmp_path / "part.csv", table, taken)
    assert (tmp_path / "part.csv").read_text("utf-8").startswith("name,label\nfer0000001.png,")
    truth = read_subset(tmp_path / "part.csv", table, "ferplus")
    np.testing.assert_array_equal(truth, np.where(taken, table.votes.argmax(axis=1), -1))


def test_the_command_writes_each_subset_and_its_count(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(cache), "--split", "valid", "--out", str(tmp_path / "new")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" labelled")[0] for line in lines] == [
        "agreed.csv: 40 of 40",
        "pose30.csv: 0 of 40",
        "pose45.csv: 0 of 40",
    ]
    assert "; 6 without landmarks left out" in lines[1]
    written = {file.name: file.read_text("utf-8") for file in (tmp_path / "new").iterdir()}
    assert written["agreed.csv"].count("\n") == 41
    assert written["pose30.csv"] == written["pose45.csv"] == "name,label\n"


def test_the_command_makes_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(7)
    angles = np.stack([rng.uniform(-50, 50, 60), rng.uniform(-30, 30, 60)], axis=1)
    table = posed_table(angles - np.median(angles, axis=0))
    save_split(tmp_path, "train", table)
    save_meta(tmp_path, {"train": len(table)})
    file = tmp_path / "face.csv"
    command = ["--data", str(tmp_path), "--split", "train", "--make-model", str(file)]
    assert main(command) == 0
    assert capsys.readouterr().out == f"{file}: {len(RIGID)} points, the mean of 60 faces\n"
    np.testing.assert_allclose(load_face_model(file), load_face_model(), atol=0.05)


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


def test_what_went_wrong_is_a_sentence(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(cache), "--split", "test", "--out", str(tmp_path)]) == 2
    assert "no 'test' split" in capsys.readouterr().err
    shutil.copy(FACE_MODEL_FILE, tmp_path / "file")
    assert main(["--data", str(cache), "--out", str(tmp_path / "file")]) == 2
    assert "can't be written" in capsys.readouterr().err
