"""Our own recipes on FER+ votes, one for every network, for a laptop's processor and for a GPU.

All networks learn the same faces with the same changes and the same steps, so that their results
tell of the networks. Families differ in the size of their pictures alone: small pictures first,
which are cheap and teach most of what is learned early, and a last size that the family can
afford. VGG's networks keep four times as many cells per picture as residual ones, so they end at
64 px with maps of 4 x 4.
"""

from dataclasses import replace

from training.recipes.augmentations import CHANGES, HALF
from training.recipes.recipe import FER2013_INPUT, Recipe, register_recipe
from training.recipes.schedules import Cosine
from training.recipes.settings import Guidance, Occlusion, Optimizer

RESIDUAL = ((0.0, 64), (0.7, 80), (0.85, 96))
"""Input side by share of training: 64 px, then 80 px from 70 %, then 96 px from 85 %: epochs buy
more than pixels, and the last steps give heatmaps their 3 x 3 cells."""

PLAIN = ((0.0, 48), (0.7, 64))
"""VGG's: 48 px, then 64 px from 70 %."""

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
    "acsinet": RESIDUAL,
    "coresnet18": RESIDUAL,
    "coresnet18_ca_a": RESIDUAL,
    "coresnet18_ca_b": RESIDUAL,
    "vgg16": PLAIN,
    "vgg16_nopool5": PLAIN,
    "vgg16_gcca": PLAIN,
    "vgg16_gcca_fusion": PLAIN,
    "vgg16_gcca_nopd": PLAIN,
    "vgg16_gcca_nora": PLAIN,
    "agfer": PLAIN,
    "agfer_stride32": PLAIN,
    "sefer": PLAIN,
    "cbamfer": PLAIN,
}
"""The sizes of every network's pictures, by the network's name in the registry."""

GUIDED = {"agfer", "agfer_stride32", "sefer", "cbamfer"}
"""Networks of the paper on guided pictures."""


def ferplus(model: str) -> Recipe:
    """Return our recipe on FER+ votes for the network called `model`."""
    return Recipe(
        name=f"{model}.ferplus",
        model=model,
        input=replace(FER2013_INPUT, size=SIZES[model][-1][1]),
        sizes=SIZES[model],
        epochs=40,
        batch_size=128,
        augmentation=CHANGES,
        guidance=HALF if model in GUIDED else Guidance(),
        optimizer=Optimizer(lr=0.1, attention_rate=5.0),
        schedule=Cosine(warmup_share=0.04),
        ema_decay=0.998,
        averaged_every=4,
        judged_every=3,
        attention_spread=1.0,
    )


for _model in SIZES:
    register_recipe(ferplus(_model))

acsinet_clean = register_recipe(
    ferplus("acsinet").changed(
        name="acsinet.ferplus_clean", augmentation=replace(CHANGES, occlusion=Occlusion())
    )
)
"""The twin that never saw anything on a face; nothing else differs."""
