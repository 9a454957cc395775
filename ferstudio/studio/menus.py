"""What there is to choose from: models, covers, heatmap methods, and the layers of a network."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from ferstudio.errors import FerStudioError
from ferstudio.explain.cam import Cam, usual_layer
from ferstudio.explain.explainer import explainer, list_explainers
from ferstudio.models import LoadedModel, model_entry
from ferstudio.models.card import read_card, weights_digest
from ferstudio.models.loading import weights_summary, weights_title
from ferstudio.occlusion.kinds import kind, list_kinds
from ferstudio.studio.covers import method_named
from ferstudio.studio.results import CamLayer, MenuEntry, ModelSummary


def model_summaries(folders: Mapping[str, Path]) -> tuple[ModelSummary, ...]:
    """Return what the cards in some folders say of their networks; none is loaded.

    A folder whose card can't be used is left out (see `damaged_cards`).

    Args:
        folders: of weights, by their names.
    """
    found = (_read(name, folders) for name in folders)
    return tuple(each for each in found if isinstance(each, ModelSummary))


def damaged_cards(folders: Mapping[str, Path]) -> tuple[str, ...]:
    """Return one sentence for each of some folders whose card can't be used."""
    found = (_read(name, folders) for name in folders)
    return tuple(each for each in found if isinstance(each, str))


def _read(name: str, folders: Mapping[str, Path]) -> ModelSummary | str:
    try:
        return model_summary(name, folders)
    except FerStudioError as error:
        return f"{name} is left out: {error}"


def occluder_menu() -> tuple[MenuEntry, ...]:
    """Return the ways to hide part of a face, in menu order."""
    things = map(kind, list_kinds())
    return tuple(
        MenuEntry(thing.name, thing.title, thing.summary, thing.group.value) for thing in things
    )


def explainer_menu() -> tuple[MenuEntry, ...]:
    """Return the methods that say where a model looked, in menu order."""
    methods = map(explainer, list_explainers())
    return tuple(
        MenuEntry(method.name, method.title, method.summary, passes=method.passes)
        for method in methods
    )


def cam_layers(model: LoadedModel, method: str) -> tuple[CamLayer, ...]:
    """Return the layers of a network that a heatmap method can show, shallow to deep.

    () for a method that shows no single layer.

    Raises:
        UnknownNameError: if the method doesn't exist.
    """
    cam = method_named(method)
    if not isinstance(cam, Cam):
        return ()
    layers, size_px = cam.layers(model), model.card.input.size
    usual = usual_layer(layers, size_px) if layers else ""
    return tuple(
        CamLayer(name, math.ceil(size_px / stride), name == usual)
        for name, stride in layers.items()
    )


def model_summary(name: str, folders: Mapping[str, Path]) -> ModelSummary:
    """Return what the card of the network called `name` says of it.

    Args:
        name: of the weights, one of `folders`.
        folders: of weights, by their names: an ensemble's members are among them.

    Raises:
        WeightsError: if the card can't be used.
        UnknownNameError: if there is no such network.
    """
    card = read_card(folders[name])
    entry = model_entry(card.model)
    return ModelSummary(
        name=name,
        model=card.model,
        title=weights_title(entry, card.tag),
        summary=weights_summary(entry, card),
        paper=entry.paper,
        params=card.params,
        labels=card.label_names,
        metrics=card.metrics,
        size_bytes=_size_bytes(card.members or (name,), folders),
        attention=card.attention,
        recipe=card.recipe,
        digest="" if card.members else weights_digest(folders[name], card),
    )


def _size_bytes(names: Sequence[str], folders: Mapping[str, Path]) -> int | None:
    """Return the size of all files of some weights; None where one isn't there."""
    if not set(names) <= set(folders):
        return None
    shards = [folders[name] / file for name in names for file in read_card(folders[name]).files]
    fetched = all(shard.is_file() for shard in shards)
    return sum(shard.stat().st_size for shard in shards) if fetched else None
