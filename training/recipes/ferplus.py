"""Our own recipes on FER+ votes, made for a laptop's processor as well as for a GPU.

Small pictures first: ResNet-18 needs a third of the work at 64 px that it needs at 112 px, and
most of what it learns early is there already.
"""

from dataclasses import replace

from training.recipes.recipe import FER2013_INPUT, Augmentation, Recipe, register_recipe

RISING = ((0.0, 64), (0.4, 80), (0.7, 112))
"""Input side by share of training: 64 px, then 80 px from 40 %, then 112 px from 70 %."""

OCCLUDED = Augmentation(occluded_share=0.35, occluded_from=0.1)
"""Bare faces for the first tenth of the training, then a third of them with something on."""

resnet18 = register_recipe(
    Recipe(name="resnet18.ferplus", model="resnet18", sizes=RISING, augmentation=OCCLUDED)
)

acsinet = register_recipe(
    Recipe(
        name="acsinet.ferplus",
        model="acsinet",
        input=replace(FER2013_INPUT, size=96),
        sizes=((0.0, 64), (0.4, 80), (0.75, 96)),
        augmentation=OCCLUDED,
    )
)
"""Ends at 96 px: its dilated convolutions take a quarter longer than ResNet-18's plain ones."""
