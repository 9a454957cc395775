"""`python -m training.export RUN`: a run's weights to a weights folder with its card.

The numbers on the card are those of the written files: they're loaded again, checksums and int8
and all, and evaluated on the validation split.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from torch import Tensor

from ferstudio.errors import FerStudioError
from ferstudio.labels import label_set
from ferstudio.models import build_model, load_weights
from ferstudio.models.weights import WeightsCard, write_card, write_weights
from training.data import WEIGHTS_DIR, FaceTable, load_split
from training.evaluate import Evaluation, Protocol, evaluate_split, table_text
from training.recipes import Recipe
from training.run import read_checkpoint

CARD_OCCLUDERS = ("none", "upper", "middle", "lower", "random", "sunglasses", "surgical-mask")
"""What every card reports: the bare face, paper 1's Table 5, and two objects, at full size."""

LICENCE = "MIT; trained on FER2013 and FER+, whose images are for research use"

_TIMINGS = ("elapsed_s", "images_per_s", "weights")


def shipped_state(saved: dict[str, Any]) -> dict[str, Tensor]:
    """Return the state dict that a checkpoint's run ships: of the moving average, if it has one."""
    averaged, prefix = saved["averaged"], "module."
    if averaged is None:
        return dict(saved["model"])
    return {k.removeprefix(prefix): v for k, v in averaged.items() if k.startswith(prefix)}


def export(run: Path, weights_dir: Path, valid: FaceTable) -> tuple[Path, list[Evaluation]]:
    """Write `weights_dir/MODEL.TAG` from a run and return it with what it scores.

    The folder appears whole, with its measured card, or not at all.

    Raises:
        DataError: if the run has no readable checkpoint.
    """
    saved = read_checkpoint(run)
    recipe = Recipe.from_json(saved["recipe"])
    model, _, tag = recipe.name.partition(".")
    network = build_model(recipe.model, num_classes=len(label_set(recipe.labels)))
    state = shipped_state(saved)
    network.load_state_dict(state, strict=True)
    card = WeightsCard(
        model=model,
        tag=tag,
        files=(),
        sha256=(),
        labels=recipe.labels,
        input=recipe.input,
        metrics=(),
        recipe={
            **recipe.to_json(),
            "command": saved["command"],
            "epochs_trained": saved["epoch"],
            "steps": saved["step"],
            "minutes": round(saved["elapsed_s"] / 60, 1),
            "device": saved["device"],
        },
        data=saved["data"],
        commit=saved["commit"],
        licence=LICENCE,
        params=sum(p.numel() for p in network.parameters()),
    )
    weights_dir.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".export-", dir=weights_dir))
    try:
        card = write_weights(staging, card, state)
        written = staging / card.name
        evaluations = measure(written, valid, recipe.labels)
        metrics = tuple(_card_metrics(evaluation) for evaluation in evaluations)
        write_card(written, WeightsCard(**{**_values(card), "metrics": metrics}))
        final = weights_dir / card.name
        shutil.rmtree(final, ignore_errors=True)
        written.replace(final)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return final, evaluations


def measure(folder: Path, valid: FaceTable, labels: str) -> list[Evaluation]:
    """Return what the weights in `folder` score, bare and under each of `CARD_OCCLUDERS`."""
    model = load_weights(folder)
    return [
        evaluate_split(model, valid, Protocol(labels=labels, occlude=name), split="valid")
        for name in CARD_OCCLUDERS
    ]


def _card_metrics(evaluation: Evaluation) -> dict[str, Any]:
    raw = evaluation.to_json()
    return {key: value for key, value in raw.items() if key not in _TIMINGS}


def _values(card: WeightsCard) -> dict[str, Any]:
    return {name: getattr(card, name) for name in card.__dataclass_fields__}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.export", description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a training run")
    parser.add_argument("--data", type=Path, required=True, help="folder from training.prepare")
    parser.add_argument("--weights-dir", type=Path, default=WEIGHTS_DIR)
    options = parser.parse_args(arguments)
    try:
        folder, evaluations = export(
            options.run, options.weights_dir, load_split(options.data, "valid")
        )
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    print(table_text(evaluations))
    print(f"written to {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
