"""An ablation table: the networks or losses that a paper compares, trained alike.

A family is one paper's ablation: all members get the settings of the family's own network and the
same budget, so that they differ in the network, or in the loss where the paper varies that, and in
nothing else. What the papers report stands in columns of its own: other data, other protocols.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ferstudio.distributed import is_main_process
from ferstudio.errors import UsageError
from ferstudio.files import write_whole
from ferstudio.intervals import wilson_interval, with_interval
from ferstudio.models.counts import count_parameters
from ferstudio.results import Result
from training.data.table import FaceTable
from training.docs.markdown import markdown_table
from training.engine.checkpoint import read_checkpoint
from training.evaluation.scores import Evaluation, write_json
from training.experiments.experiment import Experiment, Trial, plan_of
from training.experiments.families import FAMILIES, Family, Member, family_recipes
from training.experiments.published import counted_epochs, recipe_text, scored_row, study_result
from training.experiments.stability import accuracy_stability, average_accuracy
from training.recipes import Recipe, get_recipe, list_recipes

RESULT, TABLE = "ablation.json", "ablation.md"


@dataclass(frozen=True, slots=True)
class Row:
    """One measured row.

    Attributes:
        row: what the paper calls it, or the recipe's name.
        title: the network's name.
        model: its registry name.
        params: its trainable parameters.
        loss: kind of the loss it was trained with.
        epochs_trained: epochs that it came to within its budget; the fewest of several seeds.
        minutes: time that they took, all seeds together.
        evaluation: what it scores on the validation split; of several seeds the first.
        reported: the paper's own accuracies in per cent, by column.
        accuracies: in [0, 1], one for each seed.
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
    accuracies: tuple[float, ...] = ()

    @property
    def accuracy(self) -> float:
        """Mean accuracy over the seeds (paper 5, Eq. 8)."""
        return average_accuracy(self.accuracies)

    @property
    def ci95(self) -> tuple[float, float]:
        """95 % Wilson interval of the mean accuracy as if the faces were asked once."""
        return wilson_interval(round(self.accuracy * self.evaluation.n), self.evaluation.n)

    @property
    def sta(self) -> float | None:
        """Standard deviation over the seeds (paper 5, Eq. 9); None of one seed."""
        return accuracy_stability(self.accuracies) if len(self.accuracies) > 1 else None

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON values."""
        return {**asdict(self), "evaluation": self.evaluation.to_json(), "sta": self.sta}


@dataclass(frozen=True, slots=True)
class Ablation:
    """What is compared.

    Attributes:
        members: as the command line names them.
        recipes: what is trained, in the table's order.
        family: whose members they are; None for recipes chosen by hand.
        tag: of the settings that a family's members share; empty for recipes chosen by hand.
        seeds: how many times each is trained; seeds count up from the recipes' own.
    """

    members: str
    recipes: tuple[Recipe, ...]
    family: Family | None = None
    tag: str = ""
    seeds: int = 1

    def __post_init__(self) -> None:
        """Refuse recipes that differ in more than networks and losses should, and no seed."""
        if self.seeds < 1:
            raise UsageError(f"--seeds must be 1 or more, not {self.seeds}.")
        alike = {(recipe.label_sets[0], recipe.epochs, recipe.seed) for recipe in self.recipes}
        if len(alike) > 1:
            raise UsageError(
                "Compared recipes need the same labels, epochs and seed; give --epochs and "
                "--seed, and recipes that are judged by one label set."
            )

    def settings(self, max_minutes: float | None) -> str:
        """Return how the members are trained, a phrase."""
        first = self.recipes[0]
        limit = f" within {max_minutes:g} minutes" if max_minutes else ""
        of = "each recipe's settings"
        if self.family:
            of = f"settings of `{self.members}.{self.tag}` for all"
        sides = " to ".join(dict.fromkeys(f"{side} px" for _, side in first.sizes))
        start = f", begun with `{first.start_from}` where it fits" if first.start_from else ""
        seeds = f"seed {first.seed}"
        if self.seeds > 1:
            seeds = f"mean over seeds {first.seed} to {first.seed + self.seeds - 1}"
        return f"{of}, {counted_epochs(first.epochs)}{limit} at {sides}, {seeds}{start}"

    def plan(self, train_table: FaceTable) -> dict[str, Any]:
        """Return what decides the outcome, for `Experiment.begin`."""
        members = {recipe.name: recipe.to_json() for recipe in self.recipes}
        return plan_of(self.recipes[0], train_table, members=members)


def choose_ablation(
    members: str,
    tag: str | None,
    changed: Callable[[Recipe], Recipe] = lambda recipe: recipe,
    *,
    seeds: int = 1,
) -> Ablation:
    """Return the ablation that a command line names.

    Args:
        members: a family's name, or names of recipes, comma-separated.
        tag: of the family's settings; "ferplus" where None.
        changed: gives each recipe the settings of the command line.
        seeds: how many times each is trained.

    Raises:
        UnknownNameError: if there is no such family or recipe.
        UsageError: if recipes chosen by hand come with a tag, or can't be compared.
    """
    if "." not in members:
        tag = tag or "ferplus"
        recipes = tuple(changed(recipe) for recipe in family_recipes(members, tag))
        return Ablation(members, recipes, FAMILIES[members], tag, seeds)
    if tag is not None:
        raise UsageError("--tag is for families; recipes named one by one have their own.")
    names = dict.fromkeys(members.split(","))
    return Ablation(members, tuple(changed(get_recipe(name)) for name in names), seeds=seeds)


def compare(
    experiment: Experiment, ablation: Ablation, train_table: FaceTable, valid: FaceTable
) -> list[Row]:
    """Return a measured row for each recipe, in order.

    Args:
        experiment: where it is done; `begin` has been called.
        ablation: what is trained, each recipe in a run folder of its name; further seeds in folders
            that say theirs.
        train_table: faces that are learned from.
        valid: faces that the shipped weights are judged by.
    """
    rows, family = [], ablation.family
    for index, recipe in enumerate(ablation.recipes):
        evaluations, saved = list[Evaluation](), list[dict[str, Any]]()
        for seed in range(recipe.seed, recipe.seed + ablation.seeds):
            name = recipe.name if seed == recipe.seed else f"{recipe.name}-seed-{seed}"
            trial = Trial(name, recipe.changed(seed=seed), train_table, {"valid": valid})
            evaluations += experiment.complete(trial)
            saved.append(read_checkpoint(experiment.out / name))
        member = family.members[index] if family else Member(recipe.name, recipe.model)
        rows.append(
            Row(
                row=member.row,
                title=recipe.entry.title,
                model=recipe.model,
                params=count_parameters(
                    recipe.model,
                    num_classes=len(evaluations[0].confusion),
                    options=dict(recipe.options),
                ),
                loss=recipe.loss.kind,
                epochs_trained=min(each["epoch"] for each in saved),
                minutes=round(sum(each["elapsed_s"] for each in saved) / 60, 1),
                evaluation=evaluations[0],
                reported=family.figures(member) if family else {},
                accuracies=tuple(each.accuracy for each in evaluations),
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
    columns = family.reported.columns if family else ()
    if family:
        caption += (
            f" The columns “paper” are the authors' own figures ({family.reported.source}) on the "
            "data they name, with their protocol and training; they can't be compared with ours."
        )
        caption += f" {family.reported.note}" if family.reported.note else ""
    several = len(rows[0].accuracies) > 1
    if several:
        caption += " Sta is the standard deviation over seeds; recall and F1 are of the first seed."
    head = ["row", "network", "loss", "parameters", "epochs", "accuracy (95 % interval)"]
    head += [*["Sta"] * several, "macro recall", "macro F1"]
    head += [f"paper: {column}" for column in columns]
    return f"{caption}\n\n{markdown_table(head, [_cells(row, columns) for row in rows])}"


def all_families(
    tag: str | None,
    changed: Callable[[Recipe], Recipe] = lambda recipe: recipe,
    *,
    seeds: int = 1,
) -> list[Ablation]:
    """Return every family's ablation; a network that two of them train alike is trained once.

    Args:
        tag: of the families' settings, those that have some by that name; "ferplus" where None.
        changed: gives each recipe the settings of the command line.
        seeds: how many times each is trained.
    """
    known = [name for name in FAMILIES if f"{name}.{tag or 'ferplus'}" in list_recipes()]
    return [choose_ablation(name, tag, changed, seeds=seeds) for name in known]


def write_result(
    experiment: Experiment, ablation: Ablation, rows: Sequence[Row], *, folder: Path | None = None
) -> str:
    """Write the rows as JSON and Markdown and return the Markdown.

    Args:
        experiment: where they were trained.
        ablation: what was compared.
        rows: what was measured.
        folder: where the files appear; the experiment's own where None.
    """
    folder = folder or experiment.out
    if is_main_process():
        folder.mkdir(parents=True, exist_ok=True)
    family, first = ablation.family, ablation.recipes[0]
    settings = ablation.settings(experiment.max_minutes)
    text = ablation_markdown(rows, settings, family)
    result = {
        "ablation": ablation.members,
        "settings": settings,
        "source": family.reported.source if family else None,
        "note": family.reported.note if family else None,
        "epochs": first.epochs,
        "max_minutes": experiment.max_minutes,
        "seed": first.seed,
        "seeds": ablation.seeds,
        "rows": [row.to_json() for row in rows],
    }
    write_json(folder / RESULT, result)
    if is_main_process():
        write_whole(folder / TABLE, f"{text}\n".encode())
    return text


def ablation_result(
    experiment: Experiment, ablation: Ablation, rows: Sequence[Row], train_table: FaceTable
) -> Result:
    """Return the measured rows in the form that the page reads, each family's tag a result.

    Of several seeds a row holds their mean accuracy and spread, with recall, F1 and confusion of
    the first.
    """
    found = [
        scored_row(
            {**row.evaluation.to_json(), "accuracy": row.accuracy, "ci95": row.ci95},
            name=row.row,
            made_from=recipe_text(recipe, epochs=row.epochs_trained, seeds=ablation.seeds),
            epochs=row.epochs_trained,
            minutes=row.minutes,
            parameters=row.params,
            **({} if row.sta is None else {"sta": row.sta, "seeds": ablation.seeds}),
        )
        for row, recipe in zip(rows, ablation.recipes, strict=True)
    ]
    return study_result(
        "ablation",
        ablation.recipes[0],
        found,
        train=train_table,
        about=" ".join([ablation.members, *[ablation.tag] * (ablation.tag not in {"", "ferplus"})]),
        command=experiment.command,
        note=f"All trained alike: {ablation.settings(experiment.max_minutes)}.",
    )


def _cells(row: Row, columns: Sequence[str]) -> list[str]:
    judged = row.evaluation
    return [
        row.row,
        f"{row.title} (`{row.model}`)",
        row.loss.replace("_", " "),
        f"{row.params / 1e6:.2f} M",
        str(row.epochs_trained),
        with_interval(row.accuracy, row.ci95),
        *([] if row.sta is None else [f"{100 * row.sta:.2f}"]),
        f"{100 * judged.macro_recall:.1f}",
        f"{100 * judged.macro_f1:.1f}",
        *(_reported(row.reported.get(column)) for column in columns),
    ]


def _reported(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
