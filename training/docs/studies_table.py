"""The README's studies: the papers' ablations and class counts, from `ferstudio/results`.

No measured number there is typed by hand, and what wasn't measured says so.
"""

from collections.abc import Mapping

from ferstudio.intervals import with_interval
from ferstudio.reported import ABLATIONS, ReportedAblation
from ferstudio.results import Result, Results
from training.docs.markdown import markdown_table

SECTION = "studies"

NOT_MEASURED = "not measured"

NEW_FACES = "ferplus valid new"
"""What a result is about that judges faces without copies (`training.data.subsets`)."""

COUNTS: Mapping[str, str] = {
    "train": "training",
    "valid": "validation",
    "train_found": "training, landmarks found",
    "train_balanced": "training, balanced as paper 3 does",
    "weight": "weight, paper 4's Eq. 2",
}
"""Columns of the class counts."""


def studies_markdown(results: Results) -> str:
    """Return the ablations, then faces without copies, then the class counts, as Markdown."""
    counts = [_counts_table(result) for result in results.of("class-counts")]
    new = results.find("evaluation", NEW_FACES)
    tables = [_ablations_table(results), *([] if new is None else [_new_faces_table(new)])]
    return "\n\n".join([*tables, *counts])


def _ablations_table(results: Results) -> str:
    caption = (
        "**Ablations.** As printed: the authors' own accuracies in per cent, on their data and by "
        "their protocols. Here: all rows of a paper trained alike, on the validation split, in per "
        "cent (95 % interval)."
    )
    rows = [
        (reported.source, name, _printed(reported, name), _here(results, family, name))
        for family, reported in ABLATIONS.items()
        for name in reported.rows
    ]
    notes = [
        f"{reported.source}: {study.terms}"
        for family, reported in ABLATIONS.items()
        for study in results.variants("ablation", family)
    ]
    table = markdown_table(("paper", "row", "as printed", "here"), rows)
    return "\n\n".join([caption, table, *notes])


def _new_faces_table(result: Result) -> str:
    caption = (
        "**Validation faces whose very picture isn't in the training split**, bare: FER2013 holds "
        "many pictures twice, and its splits were made without regard to that. `python -m "
        "training.subsets` makes the list. Accuracy in per cent (95 % interval)."
    )
    rows = [
        (f"`{row.name}`", with_interval(row.accuracy, row.ci95), f"{row.n:,}")
        for row in result.rows
        if row.accuracy is not None and row.ci95 is not None
    ]
    return f"{caption}\n\n{markdown_table(('weights', 'accuracy', 'n'), rows)}"


def _printed(reported: ReportedAblation, name: str) -> str:
    pairs = zip(reported.columns, reported.rows[name], strict=True)
    return ", ".join(f"{column} {value:.2f}" for column, value in pairs if value is not None)


def _here(results: Results, family: str, name: str) -> str:
    rows = [study.row(name) for study in results.variants("ablation", family)]
    measured = [
        f"{with_interval(row.accuracy, row.ci95)}, n = {row.n:,}, {row.made_from}"
        for row in rows
        if row is not None and row.accuracy is not None and row.ci95 is not None
    ]
    return "; ".join(measured) or NOT_MEASURED


def _counts_table(result: Result) -> str:
    caption = f"**Faces per emotion**, {result.data}; label: {result.protocol}. {result.note}"
    known = [name for name in COUNTS if all(name in row.values for row in result.rows)]
    rows = [
        (row.name, *(f"{row.values[name]:,.{2 * (name == 'weight')}f}" for name in known))
        for row in result.rows
    ]
    head = ("emotion", *(COUNTS[name] for name in known))
    return f"{caption}\n\n{markdown_table(head, rows)}"
