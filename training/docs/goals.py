"""What this project set out to reach, and how far its best network has come on validation faces.

`python -m training.results_table` writes it into the README from what `training.evaluate --json`
wrote. The goals are for test splits and for lists of faces that were published for them; what
stands beside them is the nearest that the validation split allows, by the subsets that
`training.subsets` makes. No measured number is typed here.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ferstudio.intervals import with_interval
from ferstudio.occlusion.bars import MASKS, mean_over_masks
from ferstudio.reported import reported_value
from training.docs.markdown import markdown_table

PAPER_DROP = reported_value("CSINet", "photographs, not named")
"""Points that CSINet loses under paper 1's masks, whose size the paper doesn't print."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Goal:
    """An accuracy to reach, in per cent.

    Attributes:
        measure: what is measured, with n, as on the test split.
        papers: what the papers report.
        public: what can be reproduced in public.
        goal: what this project wants.
        labels: label set of the row that answers on the validation split.
        subset: its subset file; empty for all faces.
        occlude: occluders of the rows, in turn; all at full size.
        stand_in: what is shown instead, where the validation split has no counterpart.
    """

    measure: str
    papers: str
    public: str
    goal: str
    labels: str = "ferplus"
    subset: str = ""
    occlude: tuple[str, ...] = ("none",)
    stand_in: str = ""


def _csinet(data_set: str) -> str:
    return f"{reported_value('CSINet', data_set):.2f}"


GOALS = (
    Goal(
        "FER+, agreed faces (test list: 3,137)",
        f"CSINet {_csinet('FER+')}",
        "86.90",
        "≥ 88.5, stretch 90.83",
        subset="agreed.csv",
    ),
    Goal(
        "Occlusion-FER+ (test list: 605)",
        f"CSINet {_csinet('Occlusion-FER+')}, D3FER 87.60",
        "82.31",
        "≥ 85.5, stretch 87.6",
        occlude=("sunglasses", "surgical-mask"),
        stand_in="no such list; drawn {} instead",
    ),
    Goal(
        "FER+, pose > 30° (test list: 1,170)",
        f"CSINet {_csinet('FER+, pose > 30°')}",
        "87.01",
        "≥ 88.5",
        subset="pose30.csv",
    ),
    Goal(
        "FER+, pose > 45° (test list: 633)",
        f"CSINet {_csinet('FER+, pose > 45°')}",
        "85.47",
        "≥ 87.5",
        subset="pose45.csv",
    ),
    Goal(
        "FER2013 (test: 3,589)",
        f"{reported_value('PSA-ResNet', 'FER2013'):.2f}, "
        f"{reported_value('context framework', 'FER2013'):.2f}",
        "73.3 to 74.1",
        "≥ 74.3, stretch 76.8 (ensemble)",
        labels="fer2013",
    ),
)


def goals_markdown(rows: Sequence[Row]) -> str:
    """Return the table of goals as Markdown, filled by the best single network of each row.

    Args:
        rows: evaluations of single networks and ensembles; ensembles, averages with the mirrored
            face, rephotographed faces, and networks compared across label sets are left out.
    """
    single = [
        row
        for row in rows
        if not (row["tta"] or row["mapped"] or "rephotographed" in row)
        and not row["weights"].startswith("ensemble.")
    ]
    caption = (
        "**Goals, and the best network here on validation faces.** Accuracies in per cent (95 % "
        "interval). The lists of agreed and turned faces are this project's reconstructions for "
        "the validation split (`python -m training.subsets`)."
    )
    cells = [
        (goal.measure, goal.papers, goal.public, goal.goal, _reached(goal, single))
        for goal in GOALS
    ]
    drop = (
        "mean drop under upper, middle, lower and random masks of full size, points",
        f"{PAPER_DROP}, size not printed",
        "21.4 plain, 14.7 with random rectangles",
        "≤ 12, stretch 8",
        _least_drop(single),
    )
    head = ("measure", "papers", "public", "goal", "here, validation")
    return f"{caption}\n\n{markdown_table(head, [*cells, drop])}"


def mean_drops(rows: Sequence[Row]) -> dict[str, dict[float, float]]:
    """Return per weights the mean drop under `MASKS`, in points, by amount; 0 at amount 0.

    Only amounts at which all four masks were measured, on all validation faces, by FER+'s labels.
    """
    accuracies: dict[str, dict[tuple[str, float], float]] = defaultdict(dict)
    for row in rows:
        if row["labels"] == "ferplus" and not row["subset"]:
            accuracies[row["weights"]][row["occlude"], row["amount"]] = row["accuracy"]
    drops = {}
    for weights, measured in accuracies.items():
        bare = measured.get(("none", 0.0))
        amounts = {amount for name, amount in measured if name in MASKS}
        covered = {
            amount: mean_over_masks({name: a for (name, at), a in measured.items() if at == amount})
            for amount in sorted(amounts)
        }
        whole = {amount: mean for amount, mean in covered.items() if mean is not None}
        if bare is not None and whole:
            drops[weights] = {0.0: 0.0, **{at: 100 * (bare - mean) for at, mean in whole.items()}}
    return drops


def amount_of(drops: dict[float, float], points: float) -> float | None:
    """Return the smallest amount at which the drop reaches `points`, None where it never does.

    Between measured amounts the drop is taken to change linearly.

    Args:
        drops: drop in points by amount.
        points: the drop to find.
    """
    for (low, before), (high, after) in pairwise(sorted(drops.items())):
        if before < points <= after:
            return low + (high - low) * (points - before) / (after - before)
    return None


def _reached(goal: Goal, rows: Sequence[Row]) -> str:
    found = [_best(rows, goal, name) for name in goal.occlude]
    texts = [
        f"{_named(name)}{text}" for name, text in zip(goal.occlude, found, strict=True) if text
    ]
    if not texts:
        return "not measured"
    text = "; ".join(texts)
    return goal.stand_in.format(text) if goal.stand_in else text


def _best(rows: Sequence[Row], goal: Goal, occlude: str) -> str:
    fitting = [
        row
        for row in rows
        if (row["labels"], row["subset"], row["occlude"]) == (goal.labels, goal.subset, occlude)
        and (occlude == "none" or row["amount"] == 1)
    ]
    if not fitting:
        return ""
    best = max(fitting, key=lambda row: (row["accuracy"], row["weights"]))
    accuracy = with_interval(best["accuracy"], best["ci95"])
    return f"{accuracy}, n = {best['n']:,}, `{best['weights']}`"


def _named(occlude: str) -> str:
    return "" if occlude == "none" else f"{occlude.replace('-', ' ')} "


def _least_drop(rows: Sequence[Row]) -> str:
    drops = {weights: by for weights, by in mean_drops(rows).items() if 1.0 in by}
    if not drops:
        return "not measured"
    weights = min(drops, key=lambda name: (drops[name][1.0], name))
    text = f"{drops[weights][1.0]:.1f}, `{weights}`"
    amount = amount_of(drops[weights], PAPER_DROP) if len(drops[weights]) > 2 else None
    if amount is None:
        return text
    return f"{text}; {PAPER_DROP} at {100 * amount:.0f} % of the masks' full size"
