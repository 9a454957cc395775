"""Logit adjustment: its arithmetic, the choice of τ on made-up margins, and the written files."""

import dataclasses
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.labels import FERPLUS
from ferstudio.models import load_weights
from ferstudio.models.card import read_card, write_card
from tests.studio_parts import stored_tensors
from training.data.cache import load_split
from training.data.ferplus import unique_top
from training.data.table import FaceTable
from training.evaluation.evaluate import evaluate_split
from training.evaluation.shown_faces import Protocol
from training.shipping.adjustment import (
    GRID,
    Balance,
    adjust,
    best_tau,
    class_shares,
    parse_tau,
    rare_offsets,
    scores,
)

OFFSETS = np.array([0.0, 1.0])


def test_only_classes_below_half_an_even_share_are_raised() -> None:
    offsets = rare_offsets(np.array([0.6, 0.27, 0.1, 0.03, 0.0]))
    assert offsets.tolist() == pytest.approx([0, 0, 0, math.log(0.1 / 0.03), 0], abs=1e-12)
    eight = rare_offsets(np.array([0.5, 0.2, 0.1, 0.1, 0.08, 0.01, 0.008, 0.002]))
    expected = [0, 0, 0, 0, 0] + [math.log(1 / 16 / p) for p in (0.01, 0.008, 0.002)]
    assert eight.tolist() == pytest.approx(expected, abs=1e-12)


def test_shares_are_those_of_unique_top_emotions(table: FaceTable) -> None:
    votes = table.votes.copy()
    votes[0] = [5, 5, 0, 0, 0, 0, 0, 0, 0, 0]  # two emotions: not counted
    votes[1] = 0
    faces = dataclasses.replace(table, votes=votes)
    shares = class_shares(faces, "ferplus")
    labels = [label for label in unique_top(votes) if label >= 0]
    assert len(labels) == 62
    assert shares.tolist() == pytest.approx([labels.count(k) / 62 for k in range(8)])
    seven = class_shares(faces, "fer2013")
    assert seven.tolist() == pytest.approx([np.mean(table.truth == k) for k in range(7)])


def margins(
    frequent: list[float], rare: list[float]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return logits and labels: class 0 leads each face by its margin, frequent faces are 0's."""
    lead = np.array([*frequent, *rare])
    truth = np.repeat([0, 1], [len(frequent), len(rare)])
    return np.stack([lead, np.zeros(len(lead))], axis=1), truth


def test_scores_are_hits_and_the_mean_recall_of_what_occurs() -> None:
    logits = np.array([[2.0, 1, 0], [2, 1, 0], [0, 1, 0], [2, 1, 0]])
    result = scores(logits, np.array([0, 0, 1, 1]))
    assert result.correct == 3
    assert result.macro_recall == pytest.approx((1 + 0.5) / 2)


def test_auto_takes_the_highest_recall_that_accuracy_allows_and_the_smallest_of_equals() -> None:
    frequent = [9.0] * 139 + [0.75] + [0.95] * 40
    logits, truth = margins(frequent, [0.35] * 10 + [1.05] * 10)
    assert len(truth) == 200
    assert best_tau(logits, truth, OFFSETS) == 0.4  # 1.1 would raise recall, at 21 faces' cost


@pytest.mark.parametrize(("faces", "tau"), [(200, 0.6), (199, 0.0)])
def test_auto_may_cost_half_a_point_and_no_more(faces: int, tau: float) -> None:
    frequent = [0.45] * 2 + [9.0] * (faces - 3)
    logits, truth = margins(frequent, [0.55])  # from 0.6 on one face gained, two lost
    assert best_tau(logits, truth, OFFSETS) == tau


def test_the_grid_reaches_from_nothing_to_one_and_a_half() -> None:
    assert GRID[0] == 0 and GRID[-1] == 1.5 and len(GRID) == 16


@pytest.fixture
def folder(shelf: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shelf / "resnet18.test", tmp_path / "resnet18.test"))


@pytest.fixture
def rare(cache: Path) -> FaceTable:
    """Return training faces of which three in 62 are disgusted and one shows contempt."""
    table = load_split(cache, "train")
    labels = np.array([0] * 30 + [1] * 28 + [5] * 3 + [7])
    votes = np.zeros((62, 10), np.uint8)
    votes[np.arange(62), labels] = 9
    return dataclasses.replace(table.select(np.arange(62)), votes=votes)


def test_the_bias_alone_changes_by_tau_times_the_offsets(
    folder: Path, cache: Path, rare: FaceTable
) -> None:
    before, images = stored_tensors(folder), torch.randn(3, 3, 64, 64)
    plain = load_weights(folder).module(images)
    card = adjust(folder, Balance(0.5, rare, load_split(cache, "valid")))
    added = torch.zeros(8)
    added[5] = 0.5 * math.log(62 / 16 / 3)
    added[7] = 0.5 * math.log(62 / 16 / 1)
    after = stored_tensors(folder)
    assert after.keys() == before.keys()
    for name, tensor in before.items():
        if name == "fc.bias":
            torch.testing.assert_close(after[name], tensor + added)
            assert after[name].dtype == torch.float32
        else:
            assert torch.equal(after[name], tensor), name
    torch.testing.assert_close(load_weights(folder).module(images), plain + added)
    facts = card.recipe["balance"]
    assert (facts["tau"], facts["chosen"]) == (0.5, "by hand")
    assert list(facts["added"]) == list(FERPLUS)
    assert list(facts["added"].values()) == pytest.approx(added.tolist(), abs=1e-6)
    assert 0 <= facts["accuracy_without"] <= 1 and 0 <= facts["macro_recall_without"] <= 1
    assert read_card(folder) == card


def test_a_second_adjustment_takes_the_first_one_back(
    folder: Path, cache: Path, rare: FaceTable
) -> None:
    valid, plain, recipe = (
        load_split(cache, "valid"),
        stored_tensors(folder),
        read_card(folder).recipe,
    )
    first = adjust(folder, Balance(1.0, rare, valid)).recipe["balance"]
    second = adjust(folder, Balance("auto", rare, valid)).recipe.get("balance")
    if second is not None:
        assert second["chosen"] == "on the validation split"
        assert second["accuracy_without"] == first["accuracy_without"]
    card = adjust(folder, Balance(0.0, rare, valid))
    assert card.recipe == recipe
    torch.testing.assert_close(
        stored_tensors(folder)["fc.bias"], plain["fc.bias"], rtol=0, atol=1e-6
    )


def test_the_card_says_what_the_weights_scored_without(
    folder: Path, cache: Path, rare: FaceTable
) -> None:
    valid = load_split(cache, "valid")
    plain = evaluate_split(load_weights(folder), valid, Protocol(), split="valid")
    facts = adjust(folder, Balance(5.0, rare, valid)).recipe["balance"]
    assert facts["accuracy_without"] == pytest.approx(plain.accuracy)
    assert facts["macro_recall_without"] == pytest.approx(plain.macro_recall)


def test_an_ensemble_is_told_to_balance_its_members(
    folder: Path, cache: Path, rare: FaceTable
) -> None:
    members = ("acsinet.test", "resnet18.test")
    card = dataclasses.replace(read_card(folder), members=members, files=(), sha256=())
    write_card(folder, card)
    with pytest.raises(UsageError, match=r"joins acsinet\.test, resnet18\.test: balance those"):
        adjust(folder, Balance(0.5, rare, load_split(cache, "valid")))


@pytest.mark.parametrize(("text", "tau"), [("auto", "auto"), ("0", 0.0), ("0.7", 0.7)])
def test_tau_is_read(text: str, tau: float | str) -> None:
    assert parse_tau(text) == tau


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "much", ""])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="auto or a number from 0 on"):
        parse_tau(text)
