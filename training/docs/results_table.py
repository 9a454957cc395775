"""The README's results from measured JSON.

Reads what `training.evaluate --json` wrote, and weights' cards, and puts one row per weights
between the README's markers; no measured number there is typed by hand. What the papers report
follows in a table of its own, from `ferstudio.reported`.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ferstudio.errors import DataError
from ferstudio.intervals import with_interval
from ferstudio.labels import label_set
from ferstudio.models import model_entry
from ferstudio.occlusion.bars import MASKS, mean_over_masks
from ferstudio.reported import REPORTED
from training.docs.goals import Row, goals_markdown
from training.docs.markdown import markdown_table

SECTION = "results"


def read_results(file: Path) -> list[Row]:
    """Return the rows of one file: what `training.evaluate` wrote, or a weights' card.

    Raises:
        DataError: if it is neither.
    """
    try:
        content = json.loads(file.read_text("utf-8"))
        if isinstance(content, dict):
            name = f"{content['model']}.{content['tag']}"
            more = {"raised": True} if content.get("recipe", {}).get("balance") else {}
            return [{**row, "weights": name, **more} for row in content["metrics"]]
        return [{**row, "weights": str(row["weights"])} for row in content]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"{file} is neither what training.evaluate --json writes nor a card: {error}."
        ) from error


def results_section(rows: Sequence[Row]) -> str:
    """Return the README's section of results: what is measured, the goals, what papers report."""
    return "\n\n".join((results_markdown(rows), goals_markdown(rows), reported_markdown()))


def results_markdown(rows: Sequence[Row]) -> str:
    """Return what is measured as Markdown: accuracy with n and interval, then under each cover.

    One table per label set, protocol and split, those with more emotions first; a column per
    occluder at full size. What was measured bare on subsets follows in a table with a column per
    subset. Averages with the mirrored face are left out, and rephotographed faces of subsets.
    """
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    parts: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row["tta"] or (row["subset"] and "rephotographed" in row):
            continue
        if row["subset"] and row["occlude"] == "none":
            parts[row["labels"], row["split"]].append(row)
        elif not row["subset"] and (row["occlude"] == "none" or row["amount"] == 1):
            groups[row["labels"], row["protocol"], row["split"]].append(row)
    ordered = sorted(groups, key=lambda key: -len(label_set(key[0])))
    tables = [_table(key, groups[key]) for key in ordered]
    return "\n\n".join(tables + [_subset_table(key, parts[key]) for key in sorted(parts)])


def reported_markdown() -> str:
    """Return what the papers report as Markdown, one table."""
    caption = (
        "**As the papers report them.** The authors' own figures, from their own data, protocols "
        "and training; none is measured here, and none can be compared with the tables above."
    )
    head = ("network", "data set", "protocol", "accuracy or drop", "source")
    rows = []
    for item in REPORTED:
        spread = "" if item.spread is None else f" ± {item.spread:.2f}"
        figure = f"{item.value:.2f}{spread} {item.unit}"
        rows.append((item.network, item.data_set, item.protocol, figure, item.source))
    return f"{caption}\n\n{markdown_table(head, rows)}"


def _table(key: tuple[str, ...], rows: Sequence[Row]) -> str:
    labels, protocol, split = key
    present = dict.fromkeys(row["occlude"] for row in rows if row["occlude"] != "none")
    covers = [*(n for n in MASKS if n in present), *(n for n in present if n not in MASKS)]
    by_weights: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        by_weights[row["weights"]][row["occlude"]] = row
    head = ["network", "weights", "accuracy (95 % interval)", "macro recall", "macro F1"]
    head += ["mean drop", *covers]
    cells = [
        [*_cells(weights, by_weights[weights]), *_covered(by_weights[weights], covers)]
        for weights in sorted(by_weights)
    ]
    caption = _caption(len(label_set(labels)), f"{split} split", protocol, rows)
    return f"{caption}\n\n{markdown_table(head, cells)}"


def _subset_table(key: tuple[str, ...], rows: Sequence[Row]) -> str:
    labels, split = key
    counts = {row["subset"]: row["n"] for row in rows}
    by_weights: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        by_weights[row["weights"]][row["subset"]] = row
    names = [f"{Path(subset).stem} (n = {n:,})" for subset, n in counts.items()]
    head = ["network", "weights", *names]
    caption = (
        f"**Parts of the {split} split**, {len(label_set(labels))} emotions, bare faces: accuracy "
        "in per cent (95 % interval). `python -m training.subsets` makes the lists and says how."
    )
    cells = []
    for weights in sorted(by_weights):
        found = by_weights[weights]
        shown = [
            with_interval(found[name]["accuracy"], found[name]["ci95"]) if name in found else ""
            for name in counts
        ]
        title = model_entry(weights.partition(".")[0]).title
        cells.append((title, f"`{weights}`", *shown))
    return f"{caption}\n\n{markdown_table(head, cells)}"


def _caption(emotions: int, where: str, protocol: str, rows: Sequence[Row]) -> str:
    counts = ", ".join(sorted({f"n = {row['n']:,}" for row in rows}))
    text = (
        f"**{emotions} emotions, measured here.** {where[0].upper()}{where[1:]}, {counts}; label: "
        f"{protocol}. In per cent; the last columns are accuracies with that cover at full size, "
        f"the mean drop is that of {', '.join(MASKS[:-1])} and {MASKS[-1]} in points."
    )
    if any(row.get("mapped") for row in rows):
        text += " † Trained on another label set and compared by the names that both share."
    if any(row.get("raised") for row in rows):
        text += (
            " ‡ Rare emotions were raised by as much as suited these very faces "
            "(`python -m training.balance`): macro recall and F1 can't be compared with the "
            "others'."
        )
    return text


def _cells(weights: str, by_cover: dict[str, Row]) -> list[str]:
    mark = " †" if any(row.get("mapped") for row in by_cover.values()) else ""
    named = [model_entry(weights.partition(".")[0]).title, f"`{weights}`{mark}"]
    bare = by_cover.get("none")
    if bare is None:
        return [*named, "", "", "", ""]
    covered = mean_over_masks({name: row["accuracy"] for name, row in by_cover.items()})
    raised = " ‡" if bare.get("raised") else ""
    return [
        *named,
        with_interval(bare["accuracy"], bare["ci95"]),
        _percent(bare["macro_recall"]) + raised,
        _percent(bare["macro_f1"]) + raised,
        "" if covered is None else _percent(bare["accuracy"] - covered),
    ]


def _covered(by_cover: dict[str, Row], names: Sequence[str]) -> list[str]:
    return [_percent(by_cover[name]["accuracy"]) if name in by_cover else "" for name in names]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
