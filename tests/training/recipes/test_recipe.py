"""What recipes are and refuse."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.labels import label_set
from ferstudio.models import list_models
from ferstudio.occlusion import list_occluders
from training.recipes import get_recipe, list_recipes, register_recipe
from training.recipes.schedules import Plateau
from training.recipes.settings import Loss

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", list_recipes())
def test_every_recipe_names_things_that_exist(name: str) -> None:
    recipe = get_recipe(name)
    assert recipe.model in list_models()
    assert recipe.name.split(".")[0] == recipe.model
    assert recipe.label_counts == tuple(len(label_set(labels)) for labels in recipe.label_sets)
    occluders = {occluder for occluder, _ in recipe.augmentation.occlusion.occluders}
    assert occluders <= set(list_occluders())
    starts = [start for start, _ in recipe.sizes]
    assert starts == sorted(starts)
    assert recipe.entry.options.items() >= dict(recipe.options).items()


def test_size_rises_with_progress() -> None:
    recipe = get_recipe("resnet18.ferplus").with_sizes(((0.0, 64), (0.5, 112)))
    assert [recipe.size_at(p) for p in (0, 0.49, 0.5, 1)] == [64, 64, 112, 112]


def test_another_batch_size_keeps_the_step_per_face_and_the_averages_span() -> None:
    recipe = get_recipe("acsinet.ferplus")
    larger = recipe.with_batch_size(2 * recipe.batch_size)
    assert larger.batch_size == 2 * recipe.batch_size
    assert larger.optimizer.lr == pytest.approx(2 * recipe.optimizer.lr)
    assert recipe.ema_decay is not None
    assert larger.ema_decay == pytest.approx(recipe.ema_decay**2)
    assert recipe.with_batch_size(recipe.batch_size) == recipe
    adam = get_recipe("psa_resnet50.paper").with_batch_size(64)
    assert (adam.optimizer.lr, adam.ema_decay, adam.batch_size) == (0.001, None, 64)
    with pytest.raises(UsageError, match="batch_size is a whole number from 2 on"):
        recipe.with_batch_size(1)


@pytest.mark.slow
def test_naming_recipes_loads_no_network() -> None:
    script = "import sys, training.recipes; print('ferstudio.models' in sys.modules)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(UnknownNameError, match=r"resnet18\.ferplus"):
        get_recipe("resnet19.ferplus")
    with pytest.raises(UnknownNameError, match="batch_size"):
        get_recipe("resnet18.ferplus").changed(batchsize=3)
    with pytest.raises(UnknownNameError, match="happiness"):
        get_recipe("resnet18.ferplus").changed(oversampled=(("joy", 2),))


def test_contradictions_are_refused() -> None:
    recipe = get_recipe("resnet18.ferplus")
    with pytest.raises(UsageError, match="end with the input size"):
        recipe.changed(sizes=((0.0, 64),))
    with pytest.raises(UsageError, match="epochs is a whole number from 1 on"):
        recipe.changed(epochs=0)
    with pytest.raises(UsageError, match="'mean'"):
        recipe.changed(targets="mean")
    with pytest.raises(UnknownNameError, match="ferplus\\+fer2013"):
        recipe.changed(labels="fer2013+ferplus")
    for kind in ("joint", "class_weighted"):
        with pytest.raises(UsageError, match=f"not by the {kind} loss"):
            recipe.changed(labels="ferplus+fer2013", loss=Loss(kind=kind))
    for wrong in ({"teacher_weight": 1.5}, {"teacher_temperature": 0.0}):
        with pytest.raises(UsageError, match=f"{next(iter(wrong))} is a number"):
            recipe.changed(**wrong)
    with pytest.raises(UsageError, match="ema_decay lies in"):
        recipe.changed(ema_decay=1.0)
    with pytest.raises(UsageError, match=r"label_smoothing lies in \[0, 1\)"):
        Loss(label_smoothing=1.0)
    with pytest.raises(ValueError, match="registered already"):
        register_recipe(recipe)


def test_settings_change_by_their_path() -> None:
    base = get_recipe("resnet18.ferplus")
    changed = base.with_settings(
        {
            "augmentation.occlusion.share": 0.5,
            "augmentation.light.gamma": 0.5,
            "oversampled": [["fear", 2]],
            "votes_power": 2.0,
        }
    )
    assert changed.augmentation.occlusion.share == 0.5
    assert changed.augmentation.light.gamma == 0.5
    assert changed.oversampled == (("fear", 2),)
    assert changed.votes_power == 2.0
    assert changed.optimizer == base.optimizer


@pytest.mark.parametrize("path", ["nothing", "augmentation.nothing", "seed.deeper", ""])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(UnknownNameError, match="recipe setting"):
        get_recipe("resnet18.ferplus").with_settings({path: 1})


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"judged_every": 0}, "judged_every is a whole number from 1 on"),
        ({"averaged_every": 0}, "averaged_every is a whole number from 1 on"),
        ({"epochs": 2.5}, "epochs is a whole number"),
        ({"epochs": "x"}, "epochs is a whole number"),
        ({"batch_size": 1}, "batch_size is a whole number from 2 on"),
        ({"seed": -1}, "seed is a whole number from 0 on"),
        ({"votes_power": 0}, "votes_power is a number above 0"),
        ({"votes_power": None}, "votes_power is a number above 0"),
        ({"attention_spread": -1}, "attention_spread is a number from 0 on"),
        ({"ema_decay": "x"}, "ema_decay is a number"),
        ({"oversampled": [["fear", -1]]}, "oversampled fear is a whole number"),
        ({"oversampled": ["fear"]}, "doesn't fit the recipe"),
        ({"optimizer.lr": float("nan")}, "lr is a number above 0"),
        ({"optimizer.lr": "0.1"}, "lr is a number above 0"),
        ({"optimizer.momentum": 2}, r"momentum is a number in \[0, 1\]"),
        ({"optimizer": 3}, "optimizer=3 doesn't fit the recipe"),
        ({"augmentation.light.contrast": -1}, "contrast is a number"),
        ({"augmentation.occlusion.occluders": ["random"]}, "doesn't fit|occluder"),
        ({"augmentation.geometry.kind": "turns"}, "given whole"),
        ({"schedule.kind": "steps"}, "given whole"),
        ({"schedule.kind": "none"}, "doesn't fit the recipe"),
        ({"sizes": 64}, "doesn't fit the recipe"),
        ({"input.mean": 0.5}, "doesn't fit the recipe"),
        ({"labels": None}, "label set|doesn't fit"),
        ({"judged_every": 2, "schedule": dataclasses.asdict(Plateau())}, "judged_every to 1"),
        ({"augmentation.occlusion.share": 5}, r"share is a number in \[0, 1\], not 5"),
        ({"augmentation.occlusion.share": "half"}, "share is a number"),
        ({"augmentation.occlusion.begins": -0.1}, "begins is a number"),
        ({"augmentation.occlusion.amount": [0.5, 0.2]}, r"amount is a number in \[0.5, 1\]"),
        ({"augmentation.occlusion.amount": 1}, "a smallest and a largest"),
        ({"augmentation.occlusion.occluders": [["upper", -1]]}, "frequency of upper"),
        ({"augmentation.occlusion.occluders": [["upper", 0]]}, "an occluder that occurs"),
        ({"augmentation.detail.noise": -1}, "noise is a number from 0 on"),
        ({"augmentation.detail.sharpness": -1}, "sharpness is a number from 0 on"),
        ({"augmentation.detail.blur": float("nan")}, "blur is a number"),
        ({"augmentation.geometry.flip_share": 2}, "flip_share is a number"),
        ({"augmentation.geometry.rotation_deg": -1}, "rotation_deg is a number"),
        ({"augmentation.geometry.scale": [0, 1]}, "scale is a number"),
        ({"guidance.share": True}, "share is a number"),
        ({"guidance.alpha": float("inf")}, "alpha is a number"),
    ],
)
def test_numbers_out_of_range_are_refused(settings: dict[str, Any], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        get_recipe("resnet18.ferplus").with_settings(settings)
