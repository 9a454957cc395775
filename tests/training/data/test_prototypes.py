"""Prototypes from made-up faces: the count, the files and what is refused."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ferstudio.errors import DataError
from ferstudio.faces.samples import LANDMARKS_FILE
from ferstudio.labels import DISPLAY_ORDER
from ferstudio.regions import anchor_points, face_mask, mean_face
from tests.training.data.made_up_exemplars import SIZE, empty_table, make_exemplars
from training.data import prototypes
from training.data.exemplars import Exemplars
from training.data.prototype_recipes import RECIPES, PrototypeRecipe
from training.data.prototypes import (
    LEAST_FACES,
    Prototype,
    average,
    make_prototypes,
    write_prototypes,
)
from training.data.table import FACE_PX, FaceTable


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
    assert made["neutral"].votes["neutral"] == pytest.approx(7 / 9, abs=5e-4)
    assert sum(made["neutral"].votes.values()) == pytest.approx(1, abs=0.004)
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
    made = {
        name: Prototype(image, mean_face(), 77, {name: 1.0}) for name in reversed(DISPLAY_ORDER)
    }
    points = {name: mean_face() + number for number, name in enumerate(DISPLAY_ORDER)}
    write_prototypes(made, points, tmp_path / "new" / "samples")
    listed = json.loads((tmp_path / "new" / "samples" / "samples.json").read_text())
    assert [entry["emotion"] for entry in listed] == list(DISPLAY_ORDER)
    assert {entry["faces"] for entry in listed} == {77}
    assert all(entry["votes"] == {entry["emotion"]: 1.0} for entry in listed)
    for entry in listed:
        stored = cv2.imread(str(tmp_path / "new" / "samples" / entry["file"]), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(stored, image)
    assert len(list((tmp_path / "new" / "samples").iterdir())) == len(DISPLAY_ORDER) + 2
    with np.load(tmp_path / "new" / "samples" / LANDMARKS_FILE) as stored:
        assert list(stored) == list(DISPLAY_ORDER)
        np.testing.assert_array_equal(stored["anger"], points["anger"])
