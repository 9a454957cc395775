"""Our own recipes on FER+ votes, one for every network, for a laptop's processor and for a GPU.

All networks learn the same faces with the same changes and the same steps, so that their results
tell of the networks. Families differ in the size of their pictures alone: small pictures first,
which are cheap and teach most of what is learned early, and a last size that the family can
afford. VGG's networks keep four times as many cells per picture as residual ones, so they end at
64 px with maps of 4 x 4.
"""

from dataclasses import replace

from training.recipes.recipe import FER2013_INPUT, Recipe, register_recipe
from training.recipes.settings import Augmentation, Guidance, Occlusion

RESIDUAL = ((0.0, 64), (0.4, 80), (0.7, 112))
"""Input side by share of training: 64 px, then 80 px from 40 %, then 112 px from 70 %."""

DILATED = ((0.0, 64), (0.4, 80), (0.75, 96))
"""Ends at 96 px: dilated convolutions take a quarter longer than plain ones on a processor."""

PLAIN = ((0.0, 64),)
"""VGG's: 64 px throughout."""

SIZES = {
    "resnet18": RESIDUAL,
    "resnet50": RESIDUAL,
    "resnet50_se": RESIDUAL,
    "resnet50_cbam": RESIDUAL,
    "resnet50_eca": RESIDUAL,
    "resnet50_aff": RESIDUAL,
    "psa_resnet50": RESIDUAL,
    "csinet": RESIDUAL,
    "csinet_arm": RESIDUAL,
    "csinet_csff": RESIDUAL,
    "csinet_lgfe": RESIDUAL,
    "acsinet": DILATED,
    "coresnet18": DILATED,
    "coresnet18_ca_a": DILATED,
    "coresnet18_ca_b": DILATED,
    "vgg16": PLAIN,
    "vgg16_gcca": PLAIN,
    "vgg16_gcca_fusion": PLAIN,
    "vgg16_gcca_nopd": PLAIN,
    "vgg16_gcca_nora": PLAIN,
    "agfer": PLAIN,
    "sefer": PLAIN,
    "cbamfer": PLAIN,
}
"""The sizes of every network's pictures, by the network's name in the registry."""

GUIDED = {"agfer", "sefer", "cbamfer"}
"""Networks of the paper on guided pictures."""

OCCLUDED = Augmentation(occlusion=Occlusion(share=0.35, begins=0.1))
"""Bare faces for the first tenth of the training, then a third of them with something on."""

HALF = Guidance(share=0.5)
"""Half of the faces guided: the network is asked about ordinary pictures, so it has to see some."""


def ferplus(model: str) -> Recipe:
    """Return our recipe on FER+ votes for the network called `model`."""
    return Recipe(
        name=f"{model}.ferplus",
        model=model,
        input=replace(FER2013_INPUT, size=SIZES[model][-1][1]),
        sizes=SIZES[model],
        augmentation=OCCLUDED,
        guidance=HALF if model in GUIDED else Guidance(),
    )


for _model in SIZES:
    register_recipe(ferplus(_model))

acsinet_clean = register_recipe(
    ferplus("acsinet").changed(name="acsinet.ferplus_clean", augmentation=Augmentation())
)
"""The twin that never saw anything on a face; nothing else differs."""
