"""`python -m training.results_table FILE.json...`: the README's results from measured JSON.

Reads what `training.evaluate --json` wrote and puts one row per weights between the README's
markers; no number in that table is typed by hand.
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from ferstudio.errors import DataError, FerStudioError
from ferstudio.models import model_entry
from training.readme import rewrite_section

SECTION = "results"

Row = dict[str, Any]


def read_results(file: Path) -> list[Row]:
    """Return the rows of one file.

    Raises:
        DataError: if it is no list of evaluations.
    """
    try:
        content = json.loads(file.read_text("utf-8"))
        return [{**row, "weights": str(row["weights"])} for row in content]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{file} isn't what training.evaluate --json writes: {error}.") from error


def results_markdown(rows: list[Row]) -> str:
    """Return a Markdown table: bare accuracy with n and interval, then accuracy under each mask.

    One table per label set, protocol and split; a column per occluder at full size.
    """
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["labels"], row["protocol"], row["split"], row["subset"]].append(row)
    return "\n\n".join(_table(key, group) for key, group in groups.items())


def _table(key: tuple[str, ...], rows: list[Row]) -> str:
    _, protocol, split, subset = key
    bare = {row["weights"]: row for row in rows if row["occlude"] == "none" and not row["tta"]}
    covers = [row for row in rows if row["occlude"] != "none" and row["amount"] == 1.0]
    names = list(dict.fromkeys(row["occlude"] for row in covers))
    by_cover = {(row["weights"], row["occlude"]): row for row in covers}
    counts = ", ".join(sorted({f"n = {row['n']:,}" for row in bare.values()}))
    where = f"{split} split" + (f", {subset}" if subset else "")
    head = ["network", "weights", "accuracy (95 % interval)", "macro recall", *names]
    caption = f"{where[0].upper()}{where[1:]}, {counts}; label: {protocol}. In per cent; "
    caption += "the last columns are accuracies with that cover at full size."
    lines = [
        caption,
        "",
        "| " + " | ".join(head) + " |",
        "|---" * len(head) + "|",
    ]
    for weights, row in sorted(bare.items()):
        low, high = row["ci95"]
        cells = [
            model_entry(weights.split(".")[0]).title,
            f"`{weights}`",
            f"{_percent(row['accuracy'])} ({_percent(low)} to {_percent(high)})",
            _percent(row["macro_recall"]),
        ]
        covered = [by_cover.get((weights, name)) for name in names]
        cells += [_percent(found["accuracy"]) if found else "" for found in covered]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.results_table", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="what training.evaluate --json wrote")
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    options = parser.parse_args(arguments)
    try:
        table = results_markdown([row for file in options.files for row in read_results(file)])
        rewrite_section(options.readme, SECTION, table)
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
