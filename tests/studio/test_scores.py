"""What a card says becomes numbers, and nothing it doesn't say."""

from typing import Any

import numpy as np
import pytest

from ferstudio.intervals import wilson_interval
from ferstudio.labels import FERPLUS
from ferstudio.occlusion.bars import MASKS
from ferstudio.studio.results import ModelSummary
from ferstudio.studio.scores import scores
from tests.evaluations import evaluation_row

CONFUSION = np.diag([6, 4, 0, 3, 2, 1, 1, 1]).tolist()
CONFUSION[0][1] = 2


def row(occlude: str = "none", accuracy: float = 0.9, **changes: Any) -> dict[str, Any]:
    values = {
        "n": 20,
        "ci95": [accuracy - 0.1, accuracy + 0.05],
        "macro_recall": 0.7,
        "confusion": CONFUSION,
    }
    return evaluation_row("net.test", occlude, accuracy, **{**values, **changes})


def summary(*metrics: dict[str, Any]) -> ModelSummary:
    return ModelSummary(
        "net.test", "net", "Net", "made up", "", 1, FERPLUS, tuple(metrics), 2_000_000
    )


def test_whole_faces_at_full_size_count_alone() -> None:
    others = (
        row(subset="agreed.csv", accuracy=0.1),
        row(tta=True, accuracy=0.2),
        row(mapped=True, accuracy=0.3),
        row("upper", 0.4, amount=0.5),
    )
    found = scores(summary(*others, row(), row("upper", 0.6)))
    assert found.clean is not None
    assert found.clean.accuracy == 0.9
    assert found.clean.ci95 == pytest.approx((0.8, 0.95))
    assert {name: score.accuracy for name, score in found.covered.items()} == {"upper": 0.6}


def test_the_mean_drop_is_over_the_four_masks_only() -> None:
    masks = [
        row(name, accuracy) for name, accuracy in zip(MASKS, (0.8, 0.7, 0.6, 0.5), strict=True)
    ]
    found = scores(summary(row(), *masks, row("sunglasses", 0.1)))
    assert found.mean_drop == pytest.approx(0.9 - 0.65)
    assert scores(summary(row(), *masks[1:])).mean_drop is None
    assert scores(summary(*masks)).mean_drop is None


def test_emotions_have_recall_with_interval_where_there_are_faces() -> None:
    found = scores(summary(row()))
    assert found.clean is not None
    emotions = {each.emotion: each for each in found.clean.emotions()}
    assert set(emotions) == set(FERPLUS) - {"surprise"}
    assert (emotions["neutral"].n, emotions["neutral"].recall) == (8, 0.75)
    assert emotions["neutral"].ci95 == wilson_interval(6, 8)


def test_a_card_without_measurements_has_no_scores() -> None:
    found = scores(summary())
    assert found.clean is None
    assert found.mean_drop is None
    assert not found.covered
