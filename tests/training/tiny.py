"""Tiny registered networks with recipes, for tests of experiments that train several of them."""

import dataclasses
from functools import partial
from typing import Any

import pytest
from torch import Tensor, nn

from ferstudio.models import registry
from ferstudio.models.registry import Head, ModelEntry
from training.recipes import Recipe, get_recipe, recipe
from training.recipes.settings import AS_THEY_ARE


class Tiny(nn.Module):
    """A network that trains in no time, with dropout, batch norm and a feature layer."""

    def __init__(self, num_classes: int, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, stride=2)
        self.bn1 = nn.BatchNorm2d(width)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.1)
        self.fc = nn.Linear(width, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.bn1(self.conv1(x)).relu())
        return self.fc(self.dropout(x.flatten(1)))


def small_recipe(side_px: int, **changes: Any) -> Recipe:
    """Return a recipe for small pictures that is averaged and judged at every chance."""
    base = get_recipe("resnet18.ferplus")
    return base.changed(
        input=dataclasses.replace(base.input, size=side_px),
        sizes=((0.0, side_px),),
        ema_decay=0.5,
        averaged_every=1,
        judged_every=1,
        **changes,
    )


def register_tiny(patch: pytest.MonkeyPatch, model: str, tag: str = "ferplus") -> Recipe:
    """Return a recipe `model.tag` of two epochs; it and its network are registered meanwhile."""
    width = 4 + len(model)
    entry = ModelEntry(
        name=model,
        build=partial(Tiny, width=width),
        title=model.replace("_", " ").capitalize(),
        summary="tiny",
        paper="none",
        cam_layers={"bn1": 2},
        feature_layer="avgpool",
        head=Head("fc"),
    )
    changed = small_recipe(
        16,
        name=f"{model}.{tag}",
        model=model,
        augmentation=AS_THEY_ARE,
        epochs=2,
        batch_size=16,
    )
    patch.setitem(registry._entries, model, entry)
    patch.setitem(recipe._recipes, changed.name, changed)
    return changed
