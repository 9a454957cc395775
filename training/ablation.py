"""`python -m training.ablation FAMILY|RECIPE,RECIPE..`: an ablation table by one command.

A family is one paper's ablation: all members get the settings of the family's own network and the
same budget, so that they differ in the network, or in the loss where the paper varies that, and in
nothing else. What the papers report stands in columns of its own: other data, other protocols.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

import torch

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.files import write_whole
from ferstudio.models.counts import count_parameters
from training.data.table import FaceTable, load_split
from training.engine.distributed import is_main_process
from training.engine.experiment import (
    Experiment,
    Trial,
    experiment_from,
    plan_of,
    run_command,
    with_options,
)
from training.engine.run import read_checkpoint
from training.evaluation.scores import Evaluation, write_json
from training.recipes import Recipe, get_recipe
from training.recipes.settings import Loss

RESULT, TABLE = "ablation.json", "ablation.md"


@dataclass(frozen=True, slots=True)
class Member:
    """One row of an ablation table.

    Attributes:
        row: what the paper calls it.
        model: registry name of its network.
        reported: the paper's own accuracies in per cent, by the family's columns; None for none.
        loss: kind of its loss where the paper varies it; None keeps the recipe's.
    """

    row: str
    model: str
    reported: tuple[float | None, ...] = ()
    loss: str | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """One paper's ablation.

    Attributes:
        source: paper and tables.
        columns: what the paper's own columns hold.
        members: rows in the paper's order.
        note: what a reader of the paper's figures has to know.
    """

    source: str
    columns: tuple[str, ...]
    members: tuple[Member, ...]
    note: str = ""


_PLAIN, _JOINT = "cross_entropy", "joint"

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "csinet": Family(
            "Cheng & Kong 2024, Tables 4 and 2",
            ("RAF-DB", "FERPlus"),
            (
                Member("(a) ResNet50", "resnet50", (76.43, 79.31)),
                Member("(b) ARM", "csinet_arm", (84.29, 85.19)),
                Member("(c) CSFF", "csinet_csff", (83.84, 84.38)),
                Member("(d) LGFE", "csinet_lgfe", (86.74, 88.20)),
                Member("CSINet", "csinet", (89.67, 90.83)),
            ),
            "The last row's figures are those of Table 2.",
        ),
        "acsinet": Family(
            "Li, Zhu & Zhou 2022, Tables 3 and 4",
            ("RAF-DB", "AffectNet-7"),
            (
                Member("ResNet", "resnet18", (85.88, 63.82)),
                Member("CoResNet", "coresnet18", (86.29, 64.38)),
                Member("CoResNet_CA-a", "coresnet18_ca_a", (86.45, 65.16)),
                Member("CoResNet_CA-b", "coresnet18_ca_b", (86.52, 65.60)),
                Member("ACSI-Net", "acsinet", (86.86, 65.83)),
            ),
            "CoResNet's figures are those of Table 4; Table 3 prints ACSI-Net's in its place.",
        ),
        "psa_resnet50": Family(
            "Gu & Jin 2025, Tables 3 and 4",
            ("CK+ (Table 3)", "CK+ (Table 4)", "FER2013 (Table 4)"),
            (
                Member("Basic", "resnet50", (94.80, 94.80, 69.92), _PLAIN),
                Member("SE", "resnet50_se", (96.80, None, None), _PLAIN),
                Member("CBAM", "resnet50_cbam", (97.62, None, None), _PLAIN),
                Member("ECA", "resnet50_eca", (97.82, None, None), _PLAIN),
                Member("AFF", "resnet50_aff", (98.07, None, None), _PLAIN),
                Member("PSA", "psa_resnet50", (98.35, 96.32, 72.45), _PLAIN),
                Member("Basic + joint loss", "resnet50", (None, 95.43, 71.67), _JOINT),
                Member("PSA + joint loss", "psa_resnet50", (None, 98.35, 74.26), _JOINT),
            ),
            "Table 3 gives PSA what Table 4 gives PSA with the joint loss.",
        ),
        "agfer": Family(
            "Arabian et al. 2023, section 3.2 and Table 2",
            ("OULU-CASIA", "FACES"),
            (
                Member("AGFER", "agfer", (89.19, 46.50)),
                Member("Base", "vgg16", (19.76, 18.53)),
                Member("SEFER", "sefer", (88.73, 40.48)),
                Member("CBAMFER", "cbamfer", (89.77, 45.31)),
            ),
            "Means over five folds; FACES is seen in testing only.",
        ),
        "vgg16_gcca": Family(
            "Chen & Chen, Table 1",
            ("FER2013", "CK+"),
            (
                Member("1 VGG16", "vgg16", (69.79, 92.14), _PLAIN),
                Member("2 multi-feature fusion", "vgg16_gcca_fusion", (71.53, 93.01), _PLAIN),
                Member("3 + GCCA", "vgg16_gcca_nopd", (73.85, 96.72), _PLAIN),
                Member("4 + partial decoder", "vgg16_gcca_nora", (73.84, 96.72), _PLAIN),
                Member("5 + reverse attention", "vgg16_gcca", (73.97, 97.94), _PLAIN),
                Member("6 + joint loss", "vgg16_gcca", (74.08, 98.66), _JOINT),
            ),
            "Means of ten runs.",
        ),
    }
)
"""The papers' ablations by the registry name of the network that each paper ends with."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measured row.

    Attributes:
        row: what the paper calls it, or the recipe's name.
        title: the network's name.
        model: its registry name.
        params: its trainable parameters.
        loss: kind of the loss it was trained with.
        epochs_trained: epochs that it came to within its budget.
        minutes: time that they took.
        evaluation: what it scores on the validation split.
        reported: the paper's own accuracies in per cent, by column.
    """

    row: str
    title: str
    model: str
    params: int
    loss: str
    epochs_trained: int
    minutes: float
    evaluation: Evaluation
    reported: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON values."""
        return {**asdict(self), "evaluation": self.evaluation.to_json()}


def family_recipes(name: str, tag: str) -> list[Recipe]:
    """Return a recipe for each member of a family, in order, with the settings of `name.tag`.

    Raises:
        UnknownNameError: if there is no such family or recipe.
    """
    if name not in FAMILIES:
        raise UnknownNameError("ablation", name, list(FAMILIES))
    base = get_recipe(f"{name}.{tag}")
    recipes = []
    for member in FAMILIES[name].members:
        suffix = f"_{_JOINT}" if member.loss == _JOINT else ""
        loss = base.loss if member.loss in {None, base.loss.kind} else Loss(kind=str(member.loss))
        recipes.append(
            base.changed(name=f"{member.model}.{tag}{suffix}", model=member.model, loss=loss)
        )
    return recipes


def compare(
    experiment: Experiment,
    recipes: Sequence[Recipe],
    train_table: FaceTable,
    valid: FaceTable,
    family: Family | None = None,
) -> list[Row]:
    """Return a measured row for each recipe, in order.

    Args:
        experiment: where it is done; `begin` has been called.
        recipes: what is trained, each in a run folder of its name.
        train_table: faces that are learned from.
        valid: faces that the shipped weights are judged by.
        family: whose members the recipes are; None for recipes chosen by hand.
    """
    rows = []
    for index, recipe in enumerate(recipes):
        [evaluation] = experiment.complete(
            Trial(recipe.name, recipe, train_table, {"valid": valid})
        )
        saved = read_checkpoint(experiment.out / recipe.name)
        member = family.members[index] if family else Member(recipe.name, recipe.model)
        reported = zip(family.columns if family else (), member.reported, strict=True)
        rows.append(
            Row(
                row=member.row,
                title=recipe.entry.title,
                model=recipe.model,
                params=count_parameters(
                    recipe.model,
                    num_classes=len(evaluation.confusion),
                    options=dict(recipe.options),
                ),
                loss=recipe.loss.kind,
                epochs_trained=saved["epoch"],
                minutes=round(saved["elapsed_s"] / 60, 1),
                evaluation=evaluation,
                reported={column: value for column, value in reported if value is not None},
            )
        )
    return rows


def ablation_markdown(rows: Sequence[Row], settings: str, family: Family | None = None) -> str:
    """Return the table in Markdown: ours measured, the paper's figures apart and labelled.

    Args:
        rows: measured rows, in order.
        settings: how they were trained, a phrase.
        family: whose members they are; None for recipes chosen by hand.
    """
    judged = rows[0].evaluation
    caption = (
        f"Measured here: {settings}; {judged.split} split, n = {judged.n:,}; label: "
        f"{judged.protocol}. Accuracies, recall and F1 in per cent."
    )
    columns = family.columns if family else ()
    if family:
        caption += (
            f" The columns “paper” are the authors' own figures ({family.source}) on the data they "
            "name, with their protocol and training; they can't be compared with ours."
        )
        caption += f" {family.note}" if family.note else ""
    head = ["row", "network", "loss", "parameters", "epochs", "accuracy (95 % interval)"]
    head += ["macro recall", "macro F1", *(f"paper: {column}" for column in columns)]
    lines = [caption, "", _line(head), "|---" * len(head) + "|"]
    for row in rows:
        low, high = row.evaluation.ci95
        lines.append(
            _line(
                [
                    row.row,
                    f"{row.title} (`{row.model}`)",
                    row.loss.replace("_", " "),
                    f"{row.params / 1e6:.2f} M",
                    str(row.epochs_trained),
                    f"{100 * row.evaluation.accuracy:.1f} ({100 * low:.1f} to {100 * high:.1f})",
                    f"{100 * row.evaluation.macro_recall:.1f}",
                    f"{100 * row.evaluation.macro_f1:.1f}",
                    *(_reported(row.reported.get(column)) for column in columns),
                ]
            )
        )
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _reported(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.ablation", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "members", help=f"{', '.join(FAMILIES)}, or names of recipes, comma-separated"
    )
    parser.add_argument(
        "--tag", help="settings of a family: FAMILY.TAG is a recipe; ferplus unless given"
    )
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace, device: torch.device) -> str:
    family, recipes = _chosen(options.members, options.tag)
    recipes = [with_options(recipe, options) for recipe in recipes]
    first = recipes[0]
    alike = {(recipe.label_sets[0], recipe.epochs, recipe.seed) for recipe in recipes}
    if len(alike) > 1:
        raise UsageError(
            "Compared recipes need the same labels, epochs and seed; give --epochs and --seed, and "
            "recipes that are judged by one label set."
        )
    experiment = experiment_from(options, device, f"ablation {options.members}")
    train_table, valid = load_split(options.data, "train"), load_split(options.data, "valid")
    members = {recipe.name: recipe.to_json() for recipe in recipes}
    experiment.begin(plan_of(first, train_table, members=members), resume=options.resume)
    rows = compare(experiment, recipes, train_table, valid, family)
    text = ablation_markdown(rows, _settings(first, options, family), family)
    result = {
        "ablation": options.members,
        "settings": _settings(first, options, family),
        "source": family.source if family else None,
        "note": family.note if family else None,
        "epochs": first.epochs,
        "max_minutes": options.max_minutes,
        "seed": first.seed,
        "rows": [row.to_json() for row in rows],
    }
    write_json(experiment.out / RESULT, result)
    if is_main_process():
        write_whole(experiment.out / TABLE, f"{text}\n".encode())
    return text


def _chosen(members: str, tag: str | None) -> tuple[Family | None, list[Recipe]]:
    if "." not in members:
        return FAMILIES.get(members), family_recipes(members, tag or "ferplus")
    if tag is not None:
        raise UsageError("--tag is for families; recipes named one by one have their own.")
    return None, [get_recipe(name) for name in dict.fromkeys(members.split(","))]


def _settings(first: Recipe, options: argparse.Namespace, family: Family | None) -> str:
    limit = f" within {options.max_minutes:g} minutes" if options.max_minutes else ""
    tag = options.tag or "ferplus"
    of = f"settings of `{options.members}.{tag}` for all" if family else "each recipe's settings"
    return f"{of}, {first.epochs} epochs{limit}, seed {first.seed}"


if __name__ == "__main__":
    sys.exit(main())
