"""Recipes come back from their JSON."""

import json
from pathlib import Path

import pytest

from training.recipes import Recipe, get_recipe, list_recipes
from training.recipes.settings import Loss, Mixing

CARDS = sorted((Path(__file__).parents[3] / "weights").glob("*/card.json"))


@pytest.mark.parametrize("name", list_recipes())
def test_json_brings_a_recipe_back(name: str) -> None:
    recipe = get_recipe(name)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_json_brings_every_setting_back() -> None:
    recipe = get_recipe("resnet18.both").changed(
        mixing=Mixing(share=0.5, alpha=0.3, cutmix_share=0.25),
        loss=Loss(label_smoothing=0.1),
        teacher="teacher.npz",
        teacher_weight=0.7,
        teacher_temperature=2.0,
        start_from="vgg16.ferplus",
    )
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_json_from_before_a_setting_has_its_default() -> None:
    recipe = get_recipe("resnet18.ferplus")
    raw = json.loads(json.dumps(recipe.to_json()))
    for name in ("mixing", "teacher", "teacher_weight", "teacher_temperature", "start_from"):
        del raw[name]
    del raw["loss"]["label_smoothing"]
    assert Recipe.from_json(raw) == recipe
    assert recipe.mixing == Mixing(share=0.0) and recipe.loss.label_smoothing == 0
    assert recipe.teacher == "" and recipe.teacher_weight == 0.5


@pytest.mark.parametrize("file", CARDS, ids=lambda file: file.parent.name)
def test_shipped_cards_quote_recipes_that_can_be_read(file: Path) -> None:
    quoted = json.loads(file.read_text("utf-8"))["recipe"]
    if "epochs" not in quoted:
        assert file.parent.name.startswith("ensemble.")
        return
    facts = {"command", "earlier", "resumed_by", "epochs_trained", "steps", "minutes", "device"}
    facts |= {"balance"}
    recipe = Recipe.from_json({key: quoted[key] for key in quoted.keys() - facts})
    assert recipe.name == quoted["name"]
    assert recipe.optimizer.lr == quoted["optimizer"]["lr"]
