"""`python -m training.export RUN`: a run's weights to a weights folder with its card.

A run that learned two label sets becomes two weights folders, `<model>.ferplus` and
`<model>.fer2013`: one backbone, each with the outputs of its own set.

The numbers on a card are those of the written files: they're loaded again, checksums and int8 and
all, and evaluated on the validation split.
"""

import argparse
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ferstudio.errors import FerStudioError
from ferstudio.files import replaced_folder
from ferstudio.labels import label_set
from ferstudio.models import load_weights
from ferstudio.models.weights import WeightsCard, fill_folder, read_card, write_card
from training.data.table import WEIGHTS_DIR, FaceTable, load_split
from training.data.targets import label_columns
from training.engine.device import pick_device
from training.engine.heads import check_separable, with_outputs
from training.engine.run import earlier_commands, read_checkpoint
from training.evaluate import evaluate_split
from training.evaluation.adjustment import Balance, adjust, parse_tau
from training.evaluation.protocols import Protocol
from training.evaluation.scores import Evaluation, table_text
from training.recipes import Recipe

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


def states(saved: dict[str, Any]) -> dict[str, dict[str, Tensor]]:
    """Return the state dicts that a checkpoint's run ships, one per label set by its name.

    Raises:
        UsageError: if there are several sets and the network can't be cut into one per set.
    """
    recipe, state = Recipe.from_json(saved["recipe"]), shipped_state(saved)
    if len(recipe.label_sets) == 1:
        return {recipe.labels: state}
    check_separable(recipe.entry)
    layer = recipe.entry.head.classifier
    return {
        labels: with_outputs(state, layer, columns)
        for labels, columns in label_columns(recipe).items()
    }


def export(
    run: Path,
    weights_dir: Path,
    valid: FaceTable,
    *,
    balance: Balance | None = None,
    device: torch.device | None = None,
) -> dict[Path, list[Evaluation]]:
    """Write the weights folders of a run and return each with what it scores.

    The folders appear whole, with their measured cards, or not at all.

    Args:
        run: folder of the run.
        weights_dir: where the folders appear; those of the same names are replaced.
        valid: faces to measure on.
        balance: how rare emotions are raised; None for not at all.
        device: where they are measured; the CPU where None.

    Raises:
        DataError: if the run has no readable checkpoint.
        UsageError: if it learned two label sets and its network can't be cut in two.
    """
    saved = read_checkpoint(run)
    written = {}
    with ExitStack() as together:
        for labels, state in states(saved).items():
            card = _card(saved, labels, state)
            folder = weights_dir / card.name
            part = together.enter_context(replaced_folder(folder))
            fill_folder(part, card, state)
            if balance is not None:
                adjust(part, balance)
            written[folder] = measure(part, valid, device=device)
    return written


def measure(
    folder: Path, valid: FaceTable, *, device: torch.device | None = None
) -> list[Evaluation]:
    """Write what the weights in `folder` score on their card, and return it.

    Bare and under each of `CARD_OCCLUDERS`, by the label set of the weights.
    """
    model, card = load_weights(folder), read_card(folder)
    evaluations = [
        evaluate_split(
            model,
            valid,
            Protocol(labels=card.labels, occlude=name),
            split="valid",
            device=device,
        )
        for name in CARD_OCCLUDERS
    ]
    metrics = tuple(_card_metrics(evaluation) for evaluation in evaluations)
    write_card(folder, replace(card, metrics=metrics))
    return evaluations


def _card(saved: dict[str, Any], labels: str, state: dict[str, Tensor]) -> WeightsCard:
    """Return the card, as yet without files and metrics, of a run's weights for one label set."""
    recipe = Recipe.from_json(saved["recipe"])
    network = recipe.entry.build(num_classes=len(label_set(labels)))
    network.load_state_dict(state, strict=True)
    several = len(recipe.label_sets) > 1
    return WeightsCard(
        model=recipe.model,
        tag=labels if several else recipe.name.partition(".")[2],
        files=(),
        sha256=(),
        labels=labels,
        input=recipe.input,
        metrics=(),
        recipe={
            **recipe.to_json(),
            "teacher": Path(recipe.teacher).name,
            "command": saved["command"],
            "earlier": list(earlier_commands(saved)),
            "epochs_trained": saved["epoch"],
            "steps": saved["step"],
            "minutes": round(saved["elapsed_s"] / 60, 1),
            "device": saved["device"],
        },
        data=saved["data"],
        commit=saved["commit"],
        licence=LICENCE,
        params=sum(p.numel() for p in network.parameters()),
        options=dict(recipe.options),
    )


def _card_metrics(evaluation: Evaluation) -> dict[str, Any]:
    raw = evaluation.to_json()
    return {key: value for key, value in raw.items() if key not in _TIMINGS}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.export", description=__doc__.splitlines()[0]
    )
    parser.add_argument("run", type=Path, help="folder of a training run")
    parser.add_argument("--data", type=Path, required=True, help="folder from training.prepare")
    parser.add_argument("--weights-dir", type=Path, default=WEIGHTS_DIR)
    parser.add_argument(
        "--balance", default="0", metavar="TAU", help="raise rare emotions: a factor, or auto"
    )
    parser.add_argument(
        "--device",
        default="cpu",
        help="where they are measured: cpu, cuda or auto; a GPU's rounding can turn a close answer",
    )
    options = parser.parse_args(arguments)
    try:
        device = pick_device(options.device)
        tau, valid = parse_tau(options.balance), load_split(options.data, "valid")
        balance = None if tau == 0 else Balance(tau, load_split(options.data, "train"), valid)
        written = export(options.run, options.weights_dir, valid, balance=balance, device=device)
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    print(table_text([evaluation for rows in written.values() for evaluation in rows]))
    for folder in written:
        print(f"written to {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
