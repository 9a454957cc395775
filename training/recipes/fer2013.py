"""Our own recipes on FER2013's labels: the joint loss of papers 3 and 5 with our steps."""

from training.recipes.ferplus import ferplus
from training.recipes.recipe import register_recipe
from training.recipes.settings import Loss

for _model in ("psa_resnet50", "vgg16_gcca"):
    register_recipe(
        ferplus(_model).changed(name=f"{_model}.fer2013", labels="fer2013", loss=Loss(kind="joint"))
    )
