from typing import Any

import pytest

from ferstudio.occlusion.bars import MASKS
from tests.training.docs.test_results_table import cells, row
from training.docs.goals import GOALS, PAPER_DROP, amount_of, goals_markdown, mean_drops


def masked(weights: str, amount: float, accuracy: float) -> list[dict[str, Any]]:
    return [row(weights, name, accuracy, amount=amount) for name in MASKS]


def filled(rows: list[dict[str, Any]]) -> list[str]:
    """Return the last column, below the head."""
    return [cells(line)[-1] for line in goals_markdown(rows).splitlines()[4:]]


def test_what_wasnt_measured_is_said() -> None:
    assert filled([]) == ["not measured"] * (len(GOALS) + 1)


def test_each_row_is_filled_by_the_best_single_network() -> None:
    rows = [
        row("csinet.ferplus", accuracy=0.86, subset="agreed.csv", n=3100),
        row("acsinet.ferplus", accuracy=0.85, subset="agreed.csv", n=3100),
        row("ensemble.ferplus", accuracy=0.9, subset="agreed.csv", n=3100),
        row("resnet18.ferplus", accuracy=0.89, subset="agreed.csv", tta=True),
        row("resnet18.ferplus", accuracy=0.89, subset="agreed.csv", rephotographed=[]),
        row("vgg16.ferplus", accuracy=0.95),  # of no goal: all faces
        row("vgg16.ferplus", accuracy=0.7, labels="fer2013", mapped=True),
        row("psa_resnet50.fer2013", accuracy=0.66, labels="fer2013", n=3589),
        row("vgg16.ferplus", "sunglasses", 0.75),
        row("vgg16.ferplus", "sunglasses", 0.8, amount=0.5),
        row("acsinet.ferplus", "surgical-mask", 0.6),
    ]
    agreed, occluded, pose30, pose45, fer2013, drop = filled(rows)
    assert agreed == "86.0 (85.0 to 87.0), n = 3,100, `csinet.ferplus`"
    assert occluded.startswith("no such list; drawn sunglasses 75.0 (74.0 to 76.0)")
    assert "; surgical mask 60.0" in occluded and "instead" in occluded
    assert fer2013 == "66.0 (65.0 to 67.0), n = 3,589, `psa_resnet50.fer2013`"
    assert pose30 == pose45 == drop == "not measured"


def test_the_least_drop_and_where_it_is_the_papers() -> None:
    rows = [row("a.x", accuracy=0.8), *masked("a.x", 1.0, 0.7), *masked("a.x", 0.5, 0.78)]
    rows += [row("b.x", accuracy=0.8), *masked("b.x", 1.0, 0.69)]
    share = 0.5 + 0.5 * (PAPER_DROP - 2) / (10 - 2)
    assert filled(rows)[-1] == f"10.0, `a.x`; 3.14 at {100 * share:.0f} % of the masks' full size"
    assert filled(rows[:5] + rows[9:])[-1] == "10.0, `a.x`"  # one amount says nothing of others


def test_drops_need_all_masks_the_bare_face_and_all_faces() -> None:
    rows = [row("a.x"), *masked("a.x", 1.0, 0.7), *masked("a.x", 0.5, 0.75)[:3]]
    rows += masked("b.x", 1.0, 0.7)
    rows += [row("c.x", subset="s.csv"), *masked("c.x", 1.0, 0.7)]
    drops = mean_drops(rows)
    assert list(drops) == ["a.x"]
    assert drops["a.x"] == pytest.approx({0.0: 0.0, 1.0: 10.0})


def test_an_amount_between_two_that_were_measured() -> None:
    drops = {0.0: 0.0, 0.5: 2.0, 1.0: 10.0}
    assert amount_of(drops, 1.0) == pytest.approx(0.25)
    assert amount_of(drops, 2.0) == pytest.approx(0.5)
    assert amount_of(drops, 6.0) == pytest.approx(0.75)
    assert amount_of(drops, 11.0) is None
    assert amount_of({0.0: 0.0, 0.5: -1.0, 1.0: 3.0}, 1.0) == pytest.approx(0.75)
