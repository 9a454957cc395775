import json

import pytest

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.labels import label_set
from ferstudio.models import list_models
from ferstudio.occlusion import list_occluders
from training.recipes import Recipe, get_recipe, list_recipes, register_recipe


@pytest.mark.parametrize("name", list_recipes())
def test_every_recipe_names_things_that_exist(name: str) -> None:
    recipe = get_recipe(name)
    assert recipe.model in list_models()
    assert recipe.name.split(".")[0] == recipe.model
    assert label_set(recipe.labels)
    assert {occluder for occluder, _ in recipe.augmentation.occluders} <= set(list_occluders())
    starts = [start for start, _ in recipe.sizes]
    assert starts == sorted(starts)


@pytest.mark.parametrize("name", list_recipes())
def test_json_brings_a_recipe_back(name: str) -> None:
    recipe = get_recipe(name)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_size_rises_with_progress() -> None:
    recipe = get_recipe("resnet18.ferplus").changed(sizes=((0.0, 64), (0.5, 112)))
    assert [recipe.size_at(p) for p in (0, 0.49, 0.5, 1)] == [64, 64, 112, 112]


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(UnknownNameError, match=r"resnet18\.ferplus"):
        get_recipe("resnet19.ferplus")
    with pytest.raises(UnknownNameError, match="batch_size"):
        get_recipe("resnet18.ferplus").changed(batchsize=3)


def test_contradictions_are_refused() -> None:
    recipe = get_recipe("resnet18.ferplus")
    with pytest.raises(UsageError, match="end with the input size"):
        recipe.changed(sizes=((0.0, 64),))
    with pytest.raises(UsageError, match="at least one epoch"):
        recipe.changed(epochs=0)
    with pytest.raises(ValueError, match="registered already"):
        register_recipe(recipe)
