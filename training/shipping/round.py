"""A round: a list of recipes trained side by side on one device, exported, and packed.

Each recipe is a run of its own in a process of its own, `training.train --max-minutes`, so that all
end together; one that fails leaves the others alone. A run that was broken off goes on, one that
has ended stays as it is, and then whatever has a checkpoint is exported, again side by side. The
weights become archives (`training.shipping.archives`), and `round.json` says what each scores on
bare validation faces.
"""

import csv
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ferstudio.errors import UsageError
from ferstudio.intervals import with_interval
from ferstudio.models import find_weights
from ferstudio.models.card import WeightsCard, read_card
from training.engine.checkpoint import CHECKPOINT
from training.engine.processes import Job, run_side_by_side
from training.engine.run import LOG_FILE
from training.evaluation.scores import write_json
from training.recipes import get_recipe
from training.shipping.archives import pack

ROUND_FILE = "round.json"

GPU_BATCH = 256
"""Faces per step on a GPU unless a command is told otherwise."""

START_MINUTES = 0.5
"""What a training needs at most until its first step, which its own minutes don't count: imports,
faces, the processor's share in all that. Short rounds leave a quarter of theirs."""

GRACE_MINUTES = 0.5
"""By how much a training may be late before it is stopped."""

EXPORT_MINUTES = 3.0
"""What all exports together may take."""


@dataclass(frozen=True, slots=True)
class Round:
    """What is trained together.

    Attributes:
        recipes: their names; what has no room in the archives is left out from the end.
        data: folder of the prepared cache.
        runs: folder of the runs, each called like its recipe, with logs and exported weights.
        device: "cpu" or "cuda".
        settings: further options of `training.train`, the same for all.
    """

    recipes: tuple[str, ...]
    data: Path
    runs: Path
    device: str
    settings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse unknown recipes, doubles, and none at all."""
        for name in self.recipes:
            get_recipe(name)
        if len(set(self.recipes)) != len(self.recipes) or not self.recipes:
            raise UsageError("A round needs recipes, each of them once.")

    def run(self, recipe: str) -> Path:
        """Return the folder of a recipe's run."""
        return self.runs / recipe

    def log(self, recipe: str, work: str) -> Path:
        """Return the file that has what a recipe's `work` printed."""
        return self.runs / "logs" / f"{recipe}.{work}.log"

    @property
    def weights_dir(self) -> Path:
        """Where the exported weights lie."""
        return self.runs / "weights"


@dataclass(frozen=True, slots=True)
class Scored:
    """Exported weights and what they score on bare validation faces, in [0, 1]."""

    weights: str
    labels: str
    n: int
    accuracy: float
    ci95: tuple[float, float]
    macro_recall: float
    packed: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a recipe.

    Attributes:
        recipe: its name.
        epochs: that it was trained for, in all.
        minutes: of training, in all.
        problem: what went wrong, in words; empty for nothing.
        weights: what came of it.
    """

    recipe: str
    epochs: int
    minutes: float
    problem: str
    weights: tuple[Scored, ...]


def shipped_recipes(root: Path) -> tuple[str, ...]:
    """Return the recipes by which the weights below `root` were trained, in order, each once."""
    cards = [read_card(folder) for folder in find_weights(root).values()]
    return tuple(dict.fromkeys(card.recipe["name"] for card in cards if not card.members))


def train_round(plan: Round, *, minutes: float, begun: float) -> dict[str, str]:
    """Train all recipes of a round side by side and return by recipe what went wrong.

    Args:
        plan: what is trained.
        minutes: from `begun` until all have to have ended; 0 trains nothing.
        begun: when the round began, by `time.monotonic`.
    """
    end = begun + 60 * minutes
    left = (end - time.monotonic()) / 60 - min(START_MINUTES, minutes / 4)
    wanted = [recipe for recipe in plan.recipes if not _has_ended(plan.run(recipe))]
    if left <= 0 or not wanted:
        return {}
    jobs = [_training(plan, recipe, left) for recipe in wanted]
    return run_side_by_side(jobs, until=end + 60 * GRACE_MINUTES)


def export_round(plan: Round) -> dict[str, str]:
    """Export what has a checkpoint, side by side, and return by recipe what went wrong.

    Earlier exports of the round are removed.
    """
    shutil.rmtree(plan.weights_dir, ignore_errors=True)
    made = [recipe for recipe in plan.recipes if (plan.run(recipe) / CHECKPOINT).exists()]
    jobs = [_export(plan, recipe) for recipe in made]
    return run_side_by_side(jobs, until=time.monotonic() + 60 * EXPORT_MINUTES)


def pack_round(plan: Round, out: Path, problems: dict[str, str]) -> list[Outcome]:
    """Pack the exported weights into archives in `out`, with `ROUND_FILE`, and return what is what.

    Args:
        plan: what was trained and exported.
        out: where the archives appear.
        problems: by recipe what went wrong before.
    """
    found = find_weights(plan.weights_dir) if plan.weights_dir.is_dir() else {}
    cards = {folder: read_card(folder) for folder in found.values()}
    of = {
        recipe: [folder for folder, card in cards.items() if card.recipe["name"] == recipe]
        for recipe in plan.recipes
    }
    packed = pack([folder for recipe in plan.recipes for folder in of[recipe]], out)
    outcomes = []
    for recipe in plan.recipes:
        scored = tuple(_scored(cards[folder], packed.names) for folder in of[recipe])
        epochs, minutes, _ = _trained(plan.run(recipe))
        problem = problems.get(recipe, "")
        if not scored and not problem:
            problem = "it has no whole epoch yet"
        if not all(each.packed for each in scored):
            problem = f"{problem}; no room in the archives".removeprefix("; ")
        outcomes.append(Outcome(recipe, epochs, round(minutes, 1), problem, scored))
    write_json(out / ROUND_FILE, [asdict(outcome) for outcome in outcomes])
    return outcomes


def outcome_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield what became of each recipe, for people."""
    for outcome in outcomes:
        yield f"{outcome.recipe}: {outcome.epochs} epochs in {outcome.minutes:g} minutes"
        for each in outcome.weights:
            accuracy = with_interval(each.accuracy, each.ci95, digits=2, unit=" %")
            yield f"  {each.weights}: {accuracy}, n = {each.n}"
        if outcome.problem:
            yield f"  {outcome.problem}"


def _training(plan: Round, recipe: str, minutes: float) -> Job:
    run = plan.run(recipe)
    _, before, _ = _trained(run)
    arguments = ["-m", "training.train", recipe, "--data", str(plan.data), "--out", str(run)]
    arguments += ["--device", plan.device, "--max-minutes", f"{before + minutes:.3f}"]
    resumed = (run / CHECKPOINT).exists()
    arguments += ["--resume"] if resumed else plan.settings
    return Job(recipe, tuple(arguments), plan.log(recipe, "train"))


def _export(plan: Round, recipe: str) -> Job:
    arguments = ["-m", "training.export", str(plan.run(recipe)), "--data", str(plan.data), "--bare"]
    arguments += ["--uncalibrated"]  # which training.cards does, on the processor
    arguments += ["--weights-dir", str(plan.weights_dir), "--device", plan.device]
    return Job(recipe, tuple(arguments), plan.log(recipe, "export"))


def _has_ended(run: Path) -> bool:
    return (run / CHECKPOINT).exists() and _trained(run)[2] >= 1


def _trained(run: Path) -> tuple[int, float, float]:
    """Return how many epochs and minutes a run has behind it, and how much of its schedule."""
    file = run / LOG_FILE
    if not file.exists():
        return 0, 0.0, 0.0
    with file.open(newline="", encoding="utf-8") as stream:
        *_, last = csv.DictReader(stream)
    return int(last["epoch"]), float(last["elapsed_s"]) / 60, float(last["progress"])


def _scored(card: WeightsCard, packed: Sequence[str]) -> Scored:
    bare = next(row for row in card.metrics if row["occlude"] == "none")
    return Scored(
        weights=card.name,
        labels=card.labels,
        n=bare["n"],
        accuracy=bare["accuracy"],
        ci95=tuple(bare["ci95"]),
        macro_recall=bare["macro_recall"],
        packed=card.name in packed,
    )
