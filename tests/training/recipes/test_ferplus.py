"""Our recipes on FER+ votes."""

import dataclasses
from pathlib import Path

import pytest

from ferstudio.models import list_models, model_entry
from training.recipes import get_recipe

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("model", list_models())
def test_every_network_has_our_recipe(model: str) -> None:
    recipe = get_recipe(f"{model}.ferplus")
    assert (recipe.model, recipe.labels, recipe.targets) == (model, "ferplus", "votes")
    guided = model_entry(model).guidance_alpha
    assert (recipe.guidance.share > 0) == (guided is not None)
    assert guided in {None, recipe.guidance.alpha}


def test_the_clean_twin_differs_in_the_occluders_alone() -> None:
    covered, clean = get_recipe("acsinet.ferplus"), get_recipe("acsinet.ferplus_clean")
    assert clean.augmentation.occlusion.share == 0
    bare = dataclasses.replace(covered.augmentation, occlusion=clean.augmentation.occlusion)
    assert covered.augmentation.occlusion.share > 0
    assert covered.changed(name=clean.name, augmentation=bare) == clean
