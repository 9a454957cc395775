"""A teacher's file, and targets with its answers in them."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from ferstudio.errors import DataError, UsageError
from training.data.batches import data_sentence, training_faces
from training.data.table import FaceTable
from training.data.targets import target_distributions
from training.data.teacher import Teacher, read_teacher, softened, taught_targets, write_teacher
from training.recipes import get_recipe
from training.recipes.recipe import BOTH

CPU = torch.device("cpu")


RECIPE = get_recipe("resnet18.ferplus")


@pytest.fixture
def file(table: FaceTable, tmp_path: Path) -> Path:
    """Return a file of random answers for the faces of `table`."""
    given = np.random.default_rng(0).dirichlet(np.ones(8), len(table)).astype(np.float32)
    sha256 = ("aa", "bb")
    teacher = Teacher(given, table.names, "ferplus", ("resnet18.a", "acsinet.b"), sha256)
    write_teacher(tmp_path / "teacher.npz", teacher)
    return tmp_path / "teacher.npz"


def test_files_of_other_faces_are_refused(file: Path, table: FaceTable, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="64 other faces than the 63"):
        read_teacher(file, table.select(np.arange(63)))
    with pytest.raises(DataError, match="other faces"):
        read_teacher(file, table.select(np.arange(64)[::-1]))
    for wrong in (tmp_path / "none.npz", tmp_path / "text.npz"):
        (tmp_path / "text.npz").write_text("no archive")
        with pytest.raises(DataError, match="no teacher's file"):
            read_teacher(wrong, table)


def test_targets_are_labels_and_answers_by_weight(file: Path, table: FaceTable) -> None:
    given, own = read_teacher(file, table).probabilities, target_distributions(table, RECIPE)
    for weight in (0.0, 0.5, 0.7, 1.0):
        recipe = RECIPE.changed(teacher=str(file), teacher_weight=weight)
        mixed = taught_targets(own, table, recipe)
        for row in range(0, 64, 9):
            for k in range(8):
                expected = (1 - weight) * own[row, k] + weight * given[row, k]
                assert mixed[row, k] == pytest.approx(expected, abs=1e-6)
        np.testing.assert_allclose(mixed.sum(axis=1), 1, atol=1e-5)


def test_temperature_divides_log_probabilities() -> None:
    given = np.array([[0.64, 0.32, 0.04, 0.0]], np.float32)
    np.testing.assert_allclose(softened(given, 1.0), given, atol=1e-7)
    roots = np.sqrt(given)
    np.testing.assert_allclose(softened(given, 2.0), roots / roots.sum(), atol=1e-6)
    logits = torch.from_numpy(given).log() / 0.5
    np.testing.assert_allclose(softened(given, 0.5), logits.softmax(dim=1), atol=1e-6)


def test_the_temperature_of_the_recipe_counts(file: Path, table: FaceTable) -> None:
    recipe = RECIPE.changed(teacher=str(file), teacher_weight=1.0, teacher_temperature=3.0)
    mixed = taught_targets(target_distributions(table, recipe), table, recipe)
    given = read_teacher(file, table).probabilities
    np.testing.assert_allclose(mixed, softened(given, 3.0), atol=1e-6)


def test_one_label_set_of_two_is_taught_and_only_its_own_faces(
    file: Path, table: FaceTable
) -> None:
    votes = table.votes.copy()
    votes[3] = 0
    table = dataclasses.replace(table, votes=votes)
    recipe = RECIPE.changed(labels=BOTH, teacher=str(file))
    own = target_distributions(table, recipe)
    mixed = taught_targets(own, table, recipe)
    np.testing.assert_array_equal(mixed[:, 8:], own[:, 8:])
    assert not mixed[3, :8].any() and mixed[2, :8].sum() == pytest.approx(1, abs=1e-5)
    assert np.abs(mixed[2, :8] - own[2, :8]).max() > 0.01
    with pytest.raises(UsageError, match="teaches ferplus"):
        taught_targets(own[:, 8:], table, RECIPE.changed(labels="fer2013", teacher=str(file)))


def test_training_faces_carry_the_mixed_targets_of_their_own_rows(
    file: Path, table: FaceTable
) -> None:
    votes = table.votes.copy()
    votes[[0, 10]] = 0  # rows that aren't learned, before others
    table = dataclasses.replace(table, votes=votes)
    recipe = RECIPE.changed(teacher=str(file), oversampled=(("disgust", 2),))
    faces, plain = training_faces(table, recipe, CPU), table.votes[:, :8].argmax(axis=1)
    expected = taught_targets(target_distributions(table, recipe), table, recipe)
    rows = [r for r in range(64) if r not in {0, 10} for _ in range(2 if plain[r] == 5 else 1)]
    np.testing.assert_array_equal(faces.targets.numpy(), expected[rows])
    assert torch.equal(faces.faces[:, 0], torch.from_numpy(table.images[rows]))


def test_the_card_will_name_the_teachers(file: Path, table: FaceTable) -> None:
    assert data_sentence(table, RECIPE) == (
        "FER2013 pictures with FER+ votes, training split, 64 faces"
    )
    taught = data_sentence(table, RECIPE.changed(teacher=str(file), teacher_weight=0.4))
    assert taught.endswith(
        "64 faces; 40 % of each target are the answers of resnet18.a and acsinet.b"
    )
