"""A run's weights to a weights folder with its card.

A run that learned two label sets becomes two weights folders, `<model>.ferplus` and
`<model>.fer2013`: one backbone, each with the outputs of its own set.

The numbers on a card are those of the written files: they're loaded again, checksums and int8 and
all, and evaluated on the validation split.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ferstudio.files import replaced_folder
from ferstudio.labels import described, label_set
from ferstudio.models import LoadedModel
from ferstudio.models.card import WeightsCard
from ferstudio.models.weights import fill_folder
from training.data.table import FaceTable
from training.data.targets import label_columns
from training.engine.checkpoint import read_checkpoint
from training.engine.heads import check_separable, with_outputs
from training.engine.run import earlier_commands
from training.evaluation.scores import Evaluation
from training.recipes import Recipe
from training.shipping.adjustment import Balance, adjust
from training.shipping.calibration import calibrate
from training.shipping.measure import CARD_OCCLUDERS, measure

LICENCE = "MIT; trained on {}, whose images are for research use"


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
    calibrated: bool = True,
    device: torch.device | None = None,
    occluders: Sequence[str] = CARD_OCCLUDERS,
) -> dict[Path, list[Evaluation]]:
    """Write the weights folders of a run and return each with what it scores.

    The folders appear whole, with their measured cards, or not at all.

    Args:
        run: folder of the run.
        weights_dir: where the folders appear; those of the same names are replaced.
        valid: faces to measure on.
        balance: how rare emotions are raised; None for not at all.
        calibrated: whether the logits are divided by the temperature that suits `valid`.
        device: where they are measured; the CPU where None.
        occluders: what they are measured under.

    Raises:
        DataError: if the run has no readable checkpoint.
        UsageError: if it learned two label sets and its network can't be cut in two.
    """
    saved = read_checkpoint(run)
    written = {}
    with ExitStack() as together:
        for labels, state in states(saved).items():
            card, _ = _built(saved, labels, state)
            folder = weights_dir / card.name
            part = together.enter_context(replaced_folder(folder))
            fill_folder(part, card, state)
            if balance is not None:
                adjust(part, balance)
            if calibrated:
                calibrate(part, valid)
            written[folder] = measure(part, valid, device=device, occluders=occluders)
    return written


def shipped_model(run: Path) -> LoadedModel:
    """Return the network that a run ships, as if loaded from weights, but not rounded to int8.

    Of a run that learned two label sets, it is the network of the set that judges; it bears the
    recipe's name, as no weights folder has it.

    Raises:
        DataError: if the folder holds no readable checkpoint.
    """
    saved = read_checkpoint(run)
    recipe = Recipe.from_json(saved["recipe"])
    labels = recipe.label_sets[0]
    card, module = _built(saved, labels, states(saved)[labels])
    module.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    named = replace(card, tag=recipe.name.partition(".")[2])
    return LoadedModel(recipe.entry, named, module)


def _trained_on(recipe: Recipe) -> str:
    """Return whose pictures a recipe learns from."""
    titles = [described(labels).title for labels in recipe.label_sets]
    return "FER2013 and FER+" if {"FER+", "FER2013"} & set(titles) else " and ".join(titles)


def _built(
    saved: dict[str, Any], labels: str, state: dict[str, Tensor]
) -> tuple[WeightsCard, nn.Module]:
    """Return a run's network for one label set, and its card, as yet without files and metrics."""
    recipe = Recipe.from_json(saved["recipe"])
    module = recipe.entry.build(num_classes=len(label_set(labels)))
    module.load_state_dict(state, strict=True)
    several = len(recipe.label_sets) > 1
    card = WeightsCard(
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
            "resumed_by": list(saved.get("resumed_by", ())),
            "epochs_trained": saved["epoch"],
            "steps": saved["step"],
            "minutes": round(saved["elapsed_s"] / 60, 1),
            "device": saved["device"],
        },
        data=saved["data"],
        commit=saved["commit"],
        licence=LICENCE.format(_trained_on(recipe)),
        params=sum(p.numel() for p in module.parameters()),
        options=dict(recipe.options),
    )
    return card, module
