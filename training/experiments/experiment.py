"""What the experiments of this package share: several trainings in one folder.

`Experiment` keeps a run folder per `Trial` and goes on after a stop with the trial it was in. Under
torchrun several processes train each network together, as in `training.train`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ferstudio.distributed import barrier, is_main_process
from ferstudio.errors import DataError, UsageError
from ferstudio.files import write_whole, writes_to
from training.data.table import FaceTable
from training.engine.checkpoint import CHECKPOINT, read_checkpoint
from training.engine.loop import train
from training.engine.run import RECIPE_FILE, resume_run, start_run
from training.evaluation.evaluate import evaluate_split
from training.evaluation.scores import Evaluation, read_evaluations, read_json, write_json
from training.evaluation.shown_faces import Protocol
from training.recipes import Recipe
from training.shipping.export import shipped_model

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
        start_from: folder of weights whose tensors each network begins with where they fit; the
            recipes of its trials name it, too.
    """

    out: Path
    device: torch.device
    max_minutes: float | None = None
    command: str = ""
    compiled: bool = False
    start_from: Path | None = None

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
            stored, wanted = dict(read_json(file)), json.loads(text)
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
            with writes_to(self.out):
                self.out.mkdir(parents=True, exist_ok=True)
                write_whole(file, text.encode())
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
            _check_recipe(folder, Recipe.from_json(read_json(folder / RECIPE_FILE)), trial)
            return read_evaluations(file)
        if is_main_process():
            print(f"{trial.name}: {trial.recipe.name} on {len(trial.train)} faces")
        if (folder / CHECKPOINT).exists():
            run = resume_run(folder, self.device)
            _check_recipe(folder, run.recipe, trial)
        else:
            run = start_run(
                trial.recipe,
                folder,
                self.device,
                max_minutes=self.max_minutes,
                command=self.command,
                start_from=self.start_from,
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

    def epochs_trained(self, name: str) -> int:
        """Return how many epochs the trial of that name came to, within its limit of time."""
        return int(read_checkpoint(self.out / name)["epoch"])


def _check_recipe(folder: Path, recipe: Recipe, trial: Trial) -> None:
    if recipe != trial.recipe:
        raise UsageError(f"{folder} holds a run of another recipe; choose another --out.")


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
