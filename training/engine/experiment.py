"""What the experiments of this package share: several trainings in one folder.

`Experiment` keeps a run folder per `Trial` and goes on after a stop with the trial it was in. Under
torchrun several processes train each network together, as in `training.train`.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ferstudio.errors import DataError, FerStudioError, UsageError
from ferstudio.files import write_whole
from ferstudio.labels import label_set
from ferstudio.models import LoadedModel
from ferstudio.models.weights import WeightsCard
from training.data.table import FaceTable
from training.engine.device import tune
from training.engine.distributed import barrier, is_main_process, process_group
from training.engine.loop import train
from training.engine.run import CHECKPOINT, read_checkpoint, resume_run, start_run
from training.evaluate import evaluate_split
from training.evaluation.protocols import Protocol
from training.evaluation.scores import Evaluation, write_json
from training.export import LICENCE, states
from training.recipes import Recipe

PLAN = "plan.json"
EVALUATION = "evaluation.json"


@dataclass(frozen=True, slots=True)
class Trial:
    """One training of an experiment.

    Attributes:
        name: of its run folder.
        recipe: what is trained.
        train: faces that are learned from.
        judged: faces that the shipped weights are judged by, by the split's name; the first of
            them are the validation faces of the training, too.
    """

    name: str
    recipe: Recipe
    train: FaceTable
    judged: Mapping[str, FaceTable]


@dataclass(frozen=True, slots=True)
class Experiment:
    """Several trainings in one folder.

    Attributes:
        out: the folder; it holds `plan.json` and a run folder per trial.
        device: where to train and judge.
        max_minutes: time limit of each training; None for none.
        command: the command line that does the experiment.
        compiled: whether torch compiles the networks.
    """

    out: Path
    device: torch.device
    max_minutes: float | None = None
    command: str = ""
    compiled: bool = False

    def begin(self, plan: Mapping[str, Any], *, resume: bool) -> None:
        """Write down what the experiment is, or check that it is the one that goes on.

        Raises:
            UsageError: if the folder holds an experiment and `resume` is false, or another one.
            DataError: if there is none to resume.
        """
        file = self.out / PLAN
        text = json.dumps({**plan, "max_minutes": self.max_minutes}, indent=1) + "\n"
        if resume:
            if not file.exists():
                raise DataError(f"{self.out} holds nothing to go on with; start without --resume.")
            stored, wanted = dict(_read_json(file)), json.loads(text)
            changed = [key for key in wanted if stored.get(key) != wanted[key]]
            if changed:
                raise UsageError(
                    f"{self.out} was begun with other settings ({', '.join(changed)}); repeat the "
                    "command that began it with --resume, or choose another --out."
                )
        elif is_main_process():
            if file.exists():
                raise UsageError(
                    f"{self.out} holds an experiment already; add --resume to go on with it, or "
                    "choose another --out."
                )
            try:
                self.out.mkdir(parents=True, exist_ok=True)
                write_whole(file, text.encode())
            except OSError as error:
                raise UsageError(f"{self.out} can't be written: {error.strerror}.") from error
        barrier()

    def complete(self, trial: Trial) -> list[Evaluation]:
        """Return what the trial's shipped weights score, one row for each of its `judged`.

        A finished trial is read back, a broken one goes on after its last whole epoch.

        Raises:
            UsageError: if its folder holds a run of another recipe.
        """
        folder = self.out / trial.name
        file = folder / EVALUATION
        if file.exists():
            return read_evaluations(file)
        if is_main_process():
            print(f"{trial.name}: {trial.recipe.name} on {len(trial.train)} faces")
        if (folder / CHECKPOINT).exists():
            run = resume_run(folder, self.device)
            if run.recipe != trial.recipe:
                raise UsageError(f"{folder} holds a run of another recipe; choose another --out.")
        else:
            run = start_run(
                trial.recipe,
                folder,
                self.device,
                max_minutes=self.max_minutes,
                command=self.command,
            )
        train(run, trial.train, next(iter(trial.judged.values())), compiled=self.compiled)
        barrier()  # the checkpoint is whole
        model, protocol = shipped_model(folder), Protocol(labels=trial.recipe.label_sets[0])
        rows = [
            evaluate_split(model, faces, protocol, split=split, device=self.device)
            for split, faces in trial.judged.items()
        ]
        write_json(file, [row.to_json() for row in rows])
        return rows


def shipped_model(run: Path) -> LoadedModel:
    """Return the network that a run ships, as if loaded from weights, but not rounded to int8.

    Of a run that learned two label sets, it is the network of the set that judges.

    Raises:
        DataError: if the folder holds no readable checkpoint.
    """
    saved = read_checkpoint(run)
    recipe = Recipe.from_json(saved["recipe"])
    labels = recipe.label_sets[0]
    module = recipe.entry.build(num_classes=len(label_set(labels)))
    module.load_state_dict(states(saved)[labels], strict=True)
    module.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    model, _, tag = recipe.name.partition(".")
    card = WeightsCard(
        model=model,
        tag=tag,
        files=(),
        sha256=(),
        labels=labels,
        input=recipe.input,
        metrics=(),
        recipe=recipe.to_json(),
        data=saved["data"],
        commit=saved["commit"],
        licence=LICENCE,
        params=sum(p.numel() for p in module.parameters()),
        options=dict(recipe.options),
    )
    return LoadedModel(recipe.entry, card, module)


def read_evaluations(file: Path) -> list[Evaluation]:
    """Return the evaluations of a file in the form of `training.evaluate --json`.

    Raises:
        DataError: if it is no such file.
    """
    rows = _read_json(file)
    try:
        return [Evaluation(**{**row, "ci95": tuple(row["ci95"])}) for row in rows]
    except (TypeError, KeyError) as error:
        raise DataError(f"{file} isn't what training.evaluate --json writes: {error}.") from error


def _read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file} can't be read ({error}); remove it, or name another.") from None


def run_command(
    parser: argparse.ArgumentParser,
    arguments: list[str] | None,
    work: Callable[[argparse.Namespace, torch.device], str],
) -> int:
    """Return the exit status of an experiment's command.

    Args:
        parser: knows the command's own arguments; those that all share are added.
        arguments: the command line, None for the process's own.
        work: does the experiment and returns what the main process prints.
    """
    add_training_options(parser)
    options = parser.parse_args(arguments)
    try:
        with process_group(options.device) as device:
            text = work(options, device)
            if is_main_process():
                print(text)
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that all experiments share."""
    parser.add_argument("--data", type=Path, required=True, help="folder from training.prepare")
    parser.add_argument("--out", type=Path, required=True, help="folder of the experiment")
    parser.add_argument("--epochs", type=int, help="of each training, instead of the recipe's")
    parser.add_argument("--max-minutes", type=float, help="time limit of each training")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--seed", type=int, help="instead of the recipe's")
    parser.add_argument("--resume", action="store_true", help="go on after a stop")
    parser.add_argument(
        "--compile", action="store_true", help="let torch compile the networks: pays on a GPU"
    )


def with_options(recipe: Recipe, options: argparse.Namespace) -> Recipe:
    """Return the recipe with the epochs and the seed that were asked for."""
    settings = {"epochs": options.epochs, "seed": options.seed}
    return recipe.changed(**{k: v for k, v in settings.items() if v is not None})


def experiment_from(options: argparse.Namespace, device: torch.device, command: str) -> Experiment:
    """Return the experiment that the shared options describe.

    Args:
        options: what `add_training_options` parsed.
        device: where to train and judge.
        command: the module and its own arguments, for the record.
    """
    tune(device)
    if options.max_minutes is not None and options.max_minutes <= 0:
        raise UsageError(f"--max-minutes must be positive, not {options.max_minutes}.")
    given = {name: getattr(options, name) for name in ("epochs", "seed", "max_minutes")}
    settings = [
        f"--{name.replace('_', '-')} {value:g}"
        for name, value in given.items()
        if value is not None
    ]
    line = " ".join([f"python -m training.{command} --data DIR --out DIR", *settings])
    return Experiment(options.out, device, options.max_minutes, line, options.compile)


def plan_of(recipe: Recipe, table: FaceTable, **settings: Any) -> dict[str, Any]:
    """Return what decides the outcome of an experiment, for `Experiment.begin`."""
    return {
        "recipe": recipe.name,
        **settings,
        "epochs": recipe.epochs,
        "seed": recipe.seed,
        "faces": len(table),
        "settings": recipe.to_json(),
    }
