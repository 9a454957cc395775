"""What the studies measured, in the one form that the page reads (`ferstudio.results`)."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferstudio.distributed import is_main_process
from ferstudio.results import FOLDER, Kind, Result, Row, merged, read_results, write_result
from training.data.batches import data_name
from training.data.protocols import protocol_of
from training.data.table import FaceTable
from training.data.targets import training_rows
from training.engine.run import code_revision
from training.evaluation.scores import Evaluation
from training.recipes import Recipe


def add_results_option(parser: argparse.ArgumentParser) -> None:
    """Add `--results`, where what is measured is put for page and README."""
    parser.add_argument(
        "--results",
        type=Path,
        nargs="?",
        const=FOLDER,
        metavar="DIR",
        help="also write the result in the form that the page and the README read, into DIR "
        "(ferstudio/results)",
    )


def publish(results: Iterable[Result], folder: Path | None, *, merge: bool = False) -> list[Path]:
    """Write results where the page reads them and return the files; nothing where `folder` is None.

    Args:
        results: what was measured.
        folder: the folder of results.
        merge: whether rows that a file holds already stay, unless they were measured anew.
    """
    if folder is None or not is_main_process():
        return []
    older = read_results(folder) if merge else None
    found = (
        each if older is None else merged(older.find(each.kind, each.about), each)
        for each in results
    )
    return [write_result(each, folder) for each in found]


def counted_epochs(number: int) -> str:
    """Return how many epochs, in words."""
    return f"{number} epoch" if number == 1 else f"{number} epochs"


def recipe_text(recipe: Recipe, *, epochs: int, seed: int | None = None, seeds: int = 1) -> str:
    """Return which training a row was made by.

    Args:
        recipe: what was trained.
        epochs: those that it came to.
        seed: the first one if it isn't the recipe's.
        seeds: how many times it was trained.
    """
    limit = "" if epochs == recipe.epochs else f"{epochs} of "
    sides = " to ".join(dict.fromkeys(f"{side} px" for _, side in recipe.sizes))
    first = recipe.seed if seed is None else seed
    trained = f"seed {first}" if seeds == 1 else f"seeds {first} to {first + seeds - 1}"
    return f"{recipe.name}, {limit}{counted_epochs(recipe.epochs)} at {sides}, {trained}"


def scored_row(scores: Mapping[str, Any], *, name: str, made_from: str, **values: float) -> Row:
    """Return a row of counts and rates as `Evaluation.to_json` names them."""
    rates = {key: scores[key] for key in ("accuracy", "macro_recall", "macro_f1")}
    return Row(
        name=name,
        n=scores["n"],
        made_from=made_from,
        values={**rates, **values},
        ci95=tuple(scores["ci95"]),
        confusion=tuple(map(tuple, scores["confusion"])),
    )


def crossval_result(
    found: Mapping[str, Any], recipe: Recipe, train: FaceTable, command: str
) -> Result:
    """Return what `cross_validate` found, a row per fold of `train`."""
    rows = [
        scored_row(
            fold,
            name=fold["fold"],
            made_from=recipe_text(recipe, epochs=fold["epochs_trained"]),
            train_accuracy=fold["train_accuracy"],
        )
        for fold in found["folds"]
    ]
    return study_result("crossval", recipe, rows, train=train, command=command)


def stability_result(
    found: Mapping[str, Any], recipe: Recipe, train: FaceTable, command: str
) -> Result:
    """Return what `measure_stability` found: a row per seed, then one of all with its spread."""
    rows = [
        scored_row(
            run,
            name=f"seed-{run['seed']}",
            made_from=recipe_text(recipe, epochs=run["epochs_trained"], seed=run["seed"]),
        )
        for run in found["runs"]
    ]
    whole = Row(
        name="all",
        n=len(rows),
        made_from=f"{recipe.name}, {counted_epochs(recipe.epochs)}, {len(rows)} seeds",
        values={"accuracy": found["acc"], "sta": found["sta"]},
    )
    return study_result("stability", recipe, [*rows, whole], train=train, command=command)


def evaluation_results(
    rows: Sequence[tuple[Evaluation, str]], *, limit: int | None = None
) -> list[Result]:
    """Return evaluations as results, one for each list of faces and each cover.

    Faces that were judged by chance (`--limit`), averaged with their mirror image or photographed
    anew say so in what the result is about.

    Args:
        rows: each with the digest of its weights (`models.card.weights_digest`).
        limit: how many faces were chosen, where not all were judged.
    """
    groups: dict[tuple[str, str], list[tuple[Evaluation, str]]] = {}
    for row, digest in rows:
        groups.setdefault((row.labels, _about(row, limit)), []).append((row, digest))
    results = []
    for (labels, about), members in groups.items():
        first = members[0][0]
        images = first.split == "images"
        found = [
            scored_row(
                row.to_json(),
                name=row.weights,
                made_from=f"sha256:{digest}",
                **({} if row.missed is None else {"missed": row.missed}),
            )
            for row, digest in members
        ]
        results.append(
            Result(
                kind="photographs" if images else "evaluation",
                about=f"{labels} {about}",
                labels=labels,
                protocol=first.protocol,
                data="labelled photographs"
                if images
                else f"{first.split} split {first.subset}".strip(),
                command=evaluation_command(first, limit=limit),
                commit=code_revision(),
                rows=tuple(found),
            )
        )
    return results


def evaluation_command(row: Evaluation, *, limit: int | None = None) -> str:
    """Return the command that makes a row again, with all that decides it but names and folders.

    Args:
        row: what was measured.
        limit: how many faces were chosen, where not all were judged.
    """
    faces = "--images DIR" if row.split == "images" else "--data DIR"
    parts = ["python -m training.evaluate --weights NAMES", faces]
    parts += [f"--split {row.split}"] * (row.split not in {"images", "valid"})
    parts += [f"--labels {row.labels}"] * (row.labels != "ferplus")
    parts += [f"--subset {row.subset}"] * bool(row.subset)
    parts += [f"--limit {limit}"] * (limit is not None)
    if row.rephotographed is not None:
        parts.append(f"--rephotograph {','.join(row.rephotographed) or 'none'}")
    if row.occlude != "none":
        parts.append(f"--occlude {row.occlude} --amount {row.amount:g}")
    parts += ["--tta"] * row.tta
    parts += [f"--seed {row.seed}"] * (row.seed != 0)
    return " ".join([*parts, "--results"])


def _about(row: Evaluation, limit: int | None) -> str:
    parts = [row.split, Path(row.subset).stem]
    if limit is not None:
        parts += [f"sample {limit}", *[f"seed {row.seed}"] * (row.seed != 0)]
    parts += [f"{row.occlude} {row.amount:g}"] if row.occlude != "none" else []
    parts += ["mirrored"] if row.tta else []
    parts += ["rephotographed"] if row.rephotographed is not None else []
    return " ".join(filter(None, parts))


def study_result(
    kind: Kind,
    recipe: Recipe,
    rows: Sequence[Row],
    *,
    train: FaceTable,
    command: str,
    about: str = "",
    note: str = "",
) -> Result:
    """Return what a study of trainings measured.

    Args:
        kind: which study.
        recipe: what was trained; the first of several.
        rows: what was measured.
        train: faces that were learned from; of folds all.
        command: what makes it again.
        about: what it is about; the recipe where empty.
        note: what a reader has to know.
    """
    labels = recipe.label_sets[0]
    learned = len(training_rows(train, recipe))
    return Result(
        kind=kind,
        about=about or recipe.name,
        labels=labels,
        protocol=protocol_of(labels),
        data=f"{data_name(recipe.labels)}, {learned:,} faces",
        command=command,
        commit=code_revision(),
        rows=tuple(rows),
        note=note,
    )
