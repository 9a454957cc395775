import dataclasses

import numpy as np
import torch

from training.data.protocols import evaluation_labels, judged_rows
from training.data.table import FaceTable
from training.data.targets import answers, label_columns, target_distributions, training_rows
from training.recipes import get_recipe

RECIPE = get_recipe("resnet18.ferplus")
BOTH = get_recipe("resnet18.both")


def with_votes(table: FaceTable, votes: list[list[int]]) -> FaceTable:
    few = table.select(np.arange(len(votes)))
    return dataclasses.replace(few, votes=np.array(votes, np.uint8))


def test_target_distributions_are_vote_shares_without_single_votes(table: FaceTable) -> None:
    faces = with_votes(table, [[6, 3, 1, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 4, 0, 5, 0]])
    wanted = np.zeros((2, 8))
    wanted[0, :2] = 6 / 9, 3 / 9
    wanted[1, 6] = 1
    np.testing.assert_allclose(target_distributions(faces, RECIPE), wanted, atol=1e-6)
    kept = target_distributions(faces, RECIPE.changed(drop_single_votes=False))
    np.testing.assert_allclose(kept[0, :3], [0.6, 0.3, 0.1], atol=1e-6)
    np.testing.assert_allclose(kept.sum(axis=1), 1, atol=1e-6)


def test_unclear_faces_are_not_learned_from(table: FaceTable) -> None:
    rows = [
        [5, 0, 0, 0, 0, 0, 0, 0, 5, 0],  # half of the votes are "unknown": kept
        [4, 0, 0, 0, 0, 0, 0, 0, 3, 3],  # most are "unknown" or "NF"
        [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],  # only single votes
        [0] * 10,  # not in FER+
    ]
    assert training_rows(with_votes(table, rows), RECIPE).tolist() == [0]


def test_the_majority_is_one_hot_and_learned_from_where_it_is_judged(table: FaceTable) -> None:
    rows = [
        [6, 3, 1, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 3, 2, 2, 2, 1, 0],
        [5, 5, 0, 0, 0, 0, 0, 0, 0, 0],  # two emotions
        [4, 0, 0, 0, 0, 0, 0, 0, 6, 0],  # unknown
        [2, 0, 3, 0, 0, 0, 0, 0, 3, 2],  # an emotion and unknown
        [0] * 10,  # not in FER+
    ]
    recipe, faces = RECIPE.changed(targets="majority"), with_votes(table, rows)
    learned = training_rows(faces, recipe)
    assert learned.tolist() == [0, 1]
    wanted = np.zeros((2, 8))
    wanted[0, 0] = wanted[1, 4] = 1
    np.testing.assert_array_equal(target_distributions(faces.select(learned), recipe), wanted)
    assert np.flatnonzero(evaluation_labels(faces, "ferplus") >= 0).tolist() == [0, 1]


def test_fer2013_labels_are_one_hot_and_all_count(table: FaceTable) -> None:
    recipe = RECIPE.changed(labels="fer2013")
    targets = target_distributions(table, recipe)
    majority = target_distributions(table, recipe.changed(targets="majority"))
    np.testing.assert_array_equal(majority, targets)
    assert targets.shape == (64, 7)
    assert (targets.argmax(axis=1) == table.truth).all()
    assert len(training_rows(table, recipe)) == 64
    assert (evaluation_labels(table, "fer2013") == table.truth).all()


def test_two_label_sets_stand_side_by_side_and_teach_what_they_know(table: FaceTable) -> None:
    rows = [
        [6, 3, 1, 0, 0, 0, 0, 0, 0, 0],
        [4, 0, 0, 0, 0, 0, 0, 0, 3, 3],  # most are "unknown" or "NF"
        [5, 5, 0, 0, 0, 0, 0, 0, 0, 0],  # two emotions
        [0] * 10,  # not in FER+
    ]
    faces = with_votes(table, rows)
    assert training_rows(faces, BOTH).tolist() == [0, 1, 2, 3]
    targets = target_distributions(faces, BOTH)
    assert targets.shape == (4, 15) and targets.dtype == np.float32
    wanted = np.zeros((4, 8))
    wanted[0, :2], wanted[2, :2] = (6 / 9, 3 / 9), 0.5
    np.testing.assert_allclose(targets[:, :8], wanted, atol=1e-6)
    np.testing.assert_array_equal(targets[:, 8:], np.eye(7)[faces.truth])
    majority = target_distributions(faces, BOTH.changed(targets="majority"))
    np.testing.assert_array_equal(majority[:, :8].sum(axis=1), [1, 1, 0, 0])  # as judged


def test_logits_have_columns_per_label_set_and_the_first_set_answers() -> None:
    assert label_columns(RECIPE) == {"ferplus": slice(0, 8)}
    assert list(label_columns(BOTH).items()) == [
        ("ferplus", slice(0, 8)),
        ("fer2013", slice(8, 15)),
    ]
    logits = torch.zeros(2, 15)
    logits[0, 3], logits[0, 12] = 1, 9
    logits[1, 7], logits[1, 8] = 1, 9
    assert answers(logits, BOTH).tolist() == [3, 7]
    assert answers(logits[:, 8:], RECIPE.changed(labels="fer2013")).tolist() == [4, 0]


def test_votes_to_a_power_favour_the_most_voted(table: FaceTable) -> None:
    plain = target_distributions(table, RECIPE.changed(drop_single_votes=False))
    sharp = target_distributions(table, RECIPE.changed(drop_single_votes=False, votes_power=2.0))
    taught = plain.sum(axis=1) > 0
    assert np.allclose(sharp[taught].sum(axis=1), 1)
    squares = plain[taught] ** 2
    assert np.allclose(sharp[taught], squares / squares.sum(axis=1, keepdims=True), atol=1e-6)


def test_faces_are_chosen_at_random_among_those_that_are_judged() -> None:
    truth = np.where(np.arange(60) % 3 == 0, -1, 2)
    labelled = np.flatnonzero(truth >= 0)
    assert np.array_equal(judged_rows(truth), labelled)
    assert np.array_equal(judged_rows(truth, limit=99), labelled)
    few = [judged_rows(truth, limit=9, seed=seed) for seed in (0, 0, 1)]
    assert np.array_equal(few[0], few[1]) and not np.array_equal(few[0], few[2])
    assert len(few[0]) == 9 and set(few[0]) <= set(labelled)
    assert (np.diff(few[0]) > 0).all()
