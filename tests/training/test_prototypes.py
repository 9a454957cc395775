"""Prototypes from made-up faces: the shape, the count, the files and what is refused."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ferstudio.errors import DataError
from ferstudio.labels import DISPLAY_ORDER
from ferstudio.preprocess import FRAMING_XY
from ferstudio.regions import anchor_points, face_mask, mean_face
from training.data import exemplars, prototypes
from training.data.cache import save_meta, save_split
from training.data.exemplars import Exemplars, choose
from training.data.prototype_recipes import RECIPES, PrototypeRecipe
from training.data.prototypes import (
    LEAST_FACES,
    Prototype,
    average,
    make_prototypes,
    write_prototypes,
)
from training.data.table import FACE_PX, FaceTable
from training.prototypes import main

SIZE = 64


def make_exemplars(count: int, seed: int = 0) -> Exemplars:
    """Faces whose only feature in common is a dark mouth, each at its own place and size."""
    rng = np.random.default_rng(seed)
    base = mean_face() * np.float32(FACE_PX)
    images, shapes = [], []
    for _ in range(count):
        shape = (base - 24) * rng.uniform(0.9, 1.05) + 24 + rng.uniform(-2, 2, 2)
        noise = cv2.GaussianBlur(rng.normal(150, 120, (FACE_PX, FACE_PX)), (0, 0), 1.5)
        centre = np.round(anchor_points(shape)[2] * 16).astype(int)
        image = np.clip(noise, 0, 255).astype(np.uint8)
        cv2.circle(image, tuple(centre.tolist()), 64, (20,), -1, cv2.LINE_AA, 4)
        images.append(image)
        shapes.append(shape.astype(np.float32))
    return Exemplars(np.stack(images), np.stack(shapes))


def test_mean_shape_lies_in_the_framing_of_the_training_images() -> None:
    shape = make_exemplars(10).mean_shape(SIZE)
    np.testing.assert_allclose(anchor_points(shape) / SIZE, FRAMING_XY, atol=0.01)


def test_warped_faces_are_normalised_within_the_face() -> None:
    exemplars = make_exemplars(3)
    target = exemplars.mean_shape(SIZE)
    faces = exemplars.warped(target, SIZE)[:, face_mask(target, SIZE)]
    np.testing.assert_allclose(faces.mean(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose(faces.std(axis=1), 1, atol=1e-4)


def test_average_keeps_what_the_faces_share_and_loses_the_rest() -> None:
    exemplars = make_exemplars(LEAST_FACES)
    target = exemplars.mean_shape(SIZE)
    image = average(exemplars, target, SIZE)
    assert image.shape == (SIZE, SIZE)
    assert image.dtype == np.uint8
    x, y = np.floor(anchor_points(target)[2]).astype(int)
    inside = face_mask(target, SIZE)
    assert image[y, x] < 40
    assert np.median(image[inside]) > 120


def test_too_few_faces_are_refused() -> None:
    exemplars = make_exemplars(LEAST_FACES - 1)
    with pytest.raises(DataError, match="49 faces could let a person be recognised"):
        average(exemplars, exemplars.mean_shape(SIZE), SIZE)


def test_choice_drops_duplicates_and_is_deterministic() -> None:
    unique = make_exemplars(70)
    doubled = Exemplars(
        np.concatenate([unique.images, unique.images]),
        np.concatenate([unique.shapes_xy_px, unique.shapes_xy_px]),
    )
    chosen = choose(doubled, 1.0, SIZE)
    assert len({image.tobytes() for image in chosen.images}) == len(chosen) == 70
    np.testing.assert_array_equal(choose(doubled, 1.0, SIZE).images, chosen.images)


def test_recipes_make_every_emotion_and_the_neutral_one_first() -> None:
    assert {recipe.emotion for recipe in RECIPES} == set(DISPLAY_ORDER)
    assert len(RECIPES) == len(DISPLAY_ORDER)
    assert RECIPES[0].emotion == "neutral"
    assert RECIPES[0].exaggeration == 0


def test_prototypes_count_their_faces_and_are_deterministic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prototypes, "RECIPES", (RECIPES[0], RECIPES[-1]))
    monkeypatch.setattr(prototypes, "find_exemplars", lambda table, recipe: make_exemplars(60))
    made = make_prototypes(empty_table(1), SIZE)
    again = make_prototypes(empty_table(1), SIZE)
    assert [(name, prototype.faces) for name, prototype in made.items()] == [
        ("neutral", 60),
        ("contempt", 60),
    ]
    assert all((made[name].image == again[name].image).all() for name in made)
    # both are made of the same faces here, so there is nothing to exaggerate
    np.testing.assert_allclose(made["contempt"].shape_xy_px, made["neutral"].shape_xy_px, atol=0.01)


def test_exaggeration_moves_a_shape_away_from_the_neutral_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def smiling(table: FaceTable, recipe: PrototypeRecipe) -> Exemplars:
        found = make_exemplars(60)
        if recipe.emotion == "contempt":
            found.shapes_xy_px[:, 291, 1] -= 2
        return found

    monkeypatch.setattr(prototypes, "RECIPES", (RECIPES[0], RECIPES[-1]))
    monkeypatch.setattr(prototypes, "find_exemplars", smiling)
    made = make_prototypes(empty_table(1), SIZE)
    raised = made["neutral"].shape_xy_px[291, 1] - made["contempt"].shape_xy_px[291, 1]
    plain = 2 * SIZE / FACE_PX
    assert raised > plain * 1.5


def test_written_samples_are_listed_in_display_order(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE)).astype(np.uint8)
    made = {name: Prototype(image, mean_face(), 77) for name in reversed(DISPLAY_ORDER)}
    write_prototypes(made, tmp_path / "new" / "samples")
    listed = json.loads((tmp_path / "new" / "samples" / "samples.json").read_text())
    assert [entry["emotion"] for entry in listed] == list(DISPLAY_ORDER)
    assert {entry["faces"] for entry in listed} == {77}
    for entry in listed:
        stored = cv2.imread(str(tmp_path / "new" / "samples" / entry["file"]), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(stored, image)
    assert len(list((tmp_path / "new" / "samples").iterdir())) == len(DISPLAY_ORDER) + 1


def test_command_refuses_a_folder_without_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "training.prepare" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_command_refuses_a_size_out_of_range(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "--size", "8"]) == 2
    assert "between 64 and 1024" in capsys.readouterr().err


def test_command_refuses_a_training_split_with_too_few_faces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exemplars, "find_meshes", lambda images, name: np.zeros((0, 478, 2)))
    save_split(tmp_path, "train", empty_table(3))
    save_meta(tmp_path, {"train": 3})
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "0 frontal faces with 10 votes for neutral" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def empty_table(count: int) -> FaceTable:
    """Faces without votes and without landmarks."""
    table = FaceTable(
        images=np.zeros((count, FACE_PX, FACE_PX), np.uint8),
        fer2013=np.zeros(count, np.int64),
        votes=np.zeros((count, 10), np.uint8),
        names=np.array([""] * count),
        landmarks_xy_px=np.full((count, 1, 2), np.nan, np.float32),
    )
    assert not table.found().any()
    return table
