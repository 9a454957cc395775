"""Our recipes on FER2013's labels."""

import pytest

from training.recipes import get_recipe
from training.recipes.settings import Loss

JOINT = Loss(kind="joint", island_weight=0.005, separation=7.0, centre_rate=0.5)


@pytest.mark.parametrize("model", ["psa_resnet50", "vgg16_gcca"])
def test_our_fer2013_recipes_join_the_losses(model: str) -> None:
    ours, votes = get_recipe(f"{model}.fer2013"), get_recipe(f"{model}.ferplus")
    assert ours.loss == JOINT
    assert votes.changed(name=ours.name, labels="fer2013", loss=JOINT) == ours
