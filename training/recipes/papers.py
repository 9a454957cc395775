"""The recipes that the five papers print, on the public data.

A value in the code is the paper's unless the comment beside it says "ours": then the paper doesn't
print it. Common to all and ours:

- Training starts from scratch. Papers 2 and 3 start from other data (MS-Celeb-1M, ImageNet), and
  paper 1 doesn't say.
- The data are FER+ for paper 1 and FER2013 for the others: papers 3 and 5 use it, the sets of
  papers 2 and 4 can only be had on request. Faces are aligned by landmarks and drawn at 224 px.
- The weights after the last epoch are judged and shipped, without averaging.
- Weight decay pulls at every parameter, as the frameworks do unless told otherwise.
- Where a paper multiplies its pictures, one version of each face is drawn per epoch, so an epoch
  here is a tenth (paper 2) or a fifteenth (paper 5) of the paper's.
"""

from dataclasses import replace
from typing import Any

from training.recipes.recipe import FER2013_INPUT, Recipe, register_recipe
from training.recipes.schedules import Constant, Cosine, Plateau, Steps
from training.recipes.settings import (
    AS_THEY_ARE,
    UNLIT,
    Augmentation,
    FiveCrops,
    Guidance,
    Jitter,
    Light,
    Loss,
    Optimizer,
    Turns,
)

INPUT = replace(FER2013_INPUT, size=224)
AT_224 = ((0.0, 224),)

FERPLUS_LABELS = Recipe(
    name="",
    model="",
    labels="ferplus",
    targets="majority",
    input=INPUT,
    sizes=AT_224,
    augmentation=AS_THEY_ARE,
    ema_decay=None,
)
FER2013_LABELS = FERPLUS_LABELS.changed(labels="fer2013")


csinet = register_recipe(
    FERPLUS_LABELS.changed(
        name="csinet.paper",
        model="csinet",
        epochs=200,  # printed as "iteration"
        batch_size=32,
        optimizer=Optimizer(
            lr=0.01,
            momentum=0.9,
            nesterov=False,  # ours: plain
            weight_decay=5e-4,
            decay_all=True,
        ),
        schedule=Cosine(warmup_share=0.0, final_ratio=0.01),
    )
)
"""Paper 1, Table 1. It prints neither size nor augmentation of the pictures: 224 px and none, ours;
the cosine falls by the step."""

acsinet = register_recipe(
    FER2013_LABELS.changed(
        name="acsinet.paper",
        model="acsinet",
        epochs=60,
        batch_size=32,  # AffectNet-7's; the smaller RAF-DB was given 16
        augmentation=Augmentation(geometry=FiveCrops(picture_px=256, crop_px=224), light=UNLIT),
        optimizer=Optimizer(
            lr=0.01,
            momentum=0.9,
            nesterov=False,  # "standard"
            weight_decay=5e-4,
            decay_all=True,
        ),
        schedule=Steps(shares=(20 / 60, 40 / 60), drop=0.1),
    )
)
"""Paper 2, section 4.2. Its test crop is the central one; here that is FER2013's framing, and the
256-px picture reaches 16 px beyond it on each side (ours)."""

psa_resnet50 = register_recipe(
    FER2013_LABELS.changed(
        name="psa_resnet50.paper",
        model="psa_resnet50",
        epochs=200,
        batch_size=32,
        oversampled=(("disgust", 10),),  # ours
        augmentation=Augmentation(
            geometry=Jitter(  # the kinds are printed, the ranges are ours
                flip_share=0.5, rotation_deg=10.0, scale=(0.9, 1.1), shift_share=0.05
            ),
            light=UNLIT,
            emotions=("disgust",),
        ),
        loss=Loss(
            kind="joint",
            island_weight=0.005,  # ours, paper 5's: Eq. 8 prints none
            separation=7.0,  # ours, paper 5's
            centre_rate=0.5,  # ours, the centre loss paper's
        ),
        optimizer=Optimizer(
            kind="adam",
            lr=0.001,
            weight_decay=0.0,  # ours
            decay_all=True,
        ),
        schedule=Plateau(watch="valid_loss", patience=30, drop=0.1),
    )
)
"""Paper 3, section 3.2 and Table 2; its "30 batches" are read as epochs.

Section 3.1 multiplies the faces of disgust by random flips, rotations and affine maps "to balance
the overall data distribution" and leaves the other faces as they are: ten times 436 is as many as
the other emotions have in the middle (4,097 and 4,832). The affine map is read as zoom and shift.
Its deletion of wrong labels and of pictures without faces isn't repeated: it prints no list.
Picture size 224 px: ours."""


def _guided(model: str) -> Recipe:
    return FER2013_LABELS.changed(
        name=f"{model}.paper",
        model=model,
        epochs=100,
        batch_size=128,
        guidance=Guidance(share=1.0, alpha=0.125),
        loss=Loss(kind="class_weighted"),
        optimizer=Optimizer(
            lr=1e-4,
            momentum=0.9,  # ours: not printed, the default of the MATLAB that it names
            nesterov=False,
            weight_decay=1e-4,  # ours: not printed, MATLAB's default
            decay_all=True,
        ),
        schedule=Constant(),
    )


agfer, sefer, cbamfer = (register_recipe(_guided(model)) for model in ("agfer", "sefer", "cbamfer"))
"""Paper 4, sections 2.3 and 2.7; no augmentation is printed."""

agfer_stride32 = register_recipe(_guided("agfer_stride32"))
"""Paper 4, Table 4: the same network with pool5."""

vgg16_nopool5 = register_recipe(_guided("vgg16_nopool5").changed(guidance=Guidance()))
"""Paper 4's Base, without attention and so without the guidance of attention."""

agfer_exact, sefer_exact, cbamfer_exact, vgg16_nopool5_exact = (
    register_recipe(
        recipe.changed(
            name=f"{recipe.model}.paper_exact", options=(("batch_norm", False), ("head", "fc"))
        )
    )
    for recipe in (agfer, sefer, cbamfer, vgg16_nopool5)
)
"""The same with paper 4's network to the letter: no batch norm, three fully connected layers with
428 million parameters."""

vgg16_gcca = register_recipe(
    FER2013_LABELS.changed(
        name="vgg16_gcca.paper",
        model="vgg16_gcca",
        epochs=100,  # ours
        batch_size=32,  # ours
        augmentation=Augmentation(geometry=Turns(), light=UNLIT),
        loss=Loss(
            kind="joint",
            island_weight=0.005,
            separation=7.0,
            centre_rate=0.5,  # ours, the centre loss paper's
        ),
        optimizer=Optimizer(  # ours, all of it, as papers 1 and 2 have it
            lr=0.01, momentum=0.9, nesterov=False, weight_decay=5e-4, decay_all=True
        ),
        schedule=Plateau(watch="train_loss", patience=3, drop=0.5),
    )
)
"""Paper 5, sections 2.6, 3.1 and 3.3; its "three iterations" are read as epochs, its "loss rate" as
the training loss. Five angles and a mirror make ten pictures of one; the third view that
fifteen would need, perhaps an upside-down one, it doesn't name."""


IN_COLOUR = replace(
    INPUT, grayscale=False, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25), detail_px=0
)
"""Input of networks that learn photographs in colour; mean and std are round numbers (ours)."""


def _on(recipe: Recipe, labels: str, **settings: Any) -> Recipe:
    """Register a paper's recipe for another of its data sets, whose caches `prepare` makes."""
    return register_recipe(
        recipe.changed(
            name=f"{recipe.model}.paper_{labels}",
            labels=labels,
            input=IN_COLOUR,
            oversampled=(),
            augmentation=replace(recipe.augmentation, emotions=()),
            **settings,
        )
    )


on_request = (
    _on(csinet, "rafdb"),
    _on(acsinet, "rafdb", batch_size=16),
    _on(acsinet, "affectnet7"),
    _on(acsinet, "affectnet8"),
    _on(
        psa_resnet50.changed(augmentation=replace(psa_resnet50.augmentation, light=Light())),
        "ckplus",
    ),
    *(_on(recipe, "oulucasia") for recipe in (agfer, sefer, cbamfer, vgg16_nopool5)),
    _on(vgg16_gcca, "ckplus"),
)
"""The papers' recipes on their other data sets, in colour: none of them is at hand here.

Their labels are the data sets' own. Paper 4 takes the first three frames of each sequence of
OULU-CASIA as a seventh class, neutral (section 2.4), and paper 5 has neutral faces of CK+ but no
contempt (section 3.1): a label set of one file each makes the same of pictures that were so chosen.
Paper 3 changes rotation, brightness and colour of CK+ (section 3.1): here light and contrast of all
channels together (ours)."""
