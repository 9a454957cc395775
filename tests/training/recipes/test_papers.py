"""Recipes of the papers are what the papers print."""

import json
from typing import Any

import pytest

from training.recipes import Recipe, get_recipe, list_recipes
from training.recipes.schedules import Constant, Cosine, Plateau, Steps
from training.recipes.settings import (
    AS_THEY_ARE,
    UNLIT,
    Augmentation,
    FiveCrops,
    Guidance,
    Jitter,
    Loss,
    Optimizer,
    Turns,
)

JOINT = Loss(kind="joint", island_weight=0.005, separation=7.0, centre_rate=0.5)


def plain_sgd(lr: float, weight_decay: float) -> Optimizer:
    return Optimizer(
        kind="sgd", lr=lr, momentum=0.9, nesterov=False, weight_decay=weight_decay, decay_all=True
    )


FIVE_CROPS = Augmentation(geometry=FiveCrops(picture_px=256, crop_px=224), light=UNLIT)

TURNS = Augmentation(
    geometry=Turns(angles_deg=(-10.0, -5.0, 0.0, 5.0, 10.0), flip_share=0.5), light=UNLIT
)

BASE = "vgg16_nopool5.paper"
"""Paper 4's network without attention."""

GUIDED: dict[str, Any] = {
    "labels": "fer2013",
    "epochs": 100,
    "batch_size": 128,
    "optimizer": plain_sgd(1e-4, 1e-4),
    "schedule": Constant(),
    "loss": Loss(kind="class_weighted"),
    "guidance": Guidance(share=1.0, alpha=0.125),
    "augmentation": AS_THEY_ARE,
}

PRINTED: dict[str, dict[str, Any]] = {
    "csinet.paper": {  # paper 1, Table 1
        "labels": "ferplus",
        "epochs": 200,
        "batch_size": 32,
        "optimizer": plain_sgd(1e-2, 5e-4),
        "schedule": Cosine(warmup_share=0.0, final_ratio=0.01),
        "loss": Loss(kind="cross_entropy"),
        "augmentation": AS_THEY_ARE,
    },
    "acsinet.paper": {  # paper 2, section 4.2
        "labels": "fer2013",
        "epochs": 60,
        "batch_size": 32,
        "optimizer": plain_sgd(0.01, 5e-4),
        "schedule": Steps(shares=(20 / 60, 40 / 60), drop=0.1),
        "loss": Loss(kind="cross_entropy"),
        "augmentation": FIVE_CROPS,
    },
    "psa_resnet50.paper": {  # paper 3, section 3.2 and Table 2
        "labels": "fer2013",
        "epochs": 200,
        "batch_size": 32,
        "optimizer": Optimizer(kind="adam", lr=1e-3, weight_decay=0.0, decay_all=True),
        "schedule": Plateau(watch="valid_loss", patience=30, drop=0.1),
        "loss": JOINT,
        "oversampled": (("disgust", 10),),
    },
    "agfer.paper": GUIDED,  # paper 4, sections 2.3 and 2.7
    "sefer.paper": GUIDED,
    "cbamfer.paper": GUIDED,
    "agfer_stride32.paper": GUIDED,
    BASE: {**GUIDED, "guidance": Guidance()},  # it has no attention that could be guided
    "vgg16_gcca.paper": {  # paper 5, sections 2.6, 3.1 and 3.3
        "labels": "fer2013",
        "schedule": Plateau(watch="train_loss", patience=3, drop=0.5),
        "loss": JOINT,
        "augmentation": TURNS,
    },
}


@pytest.mark.parametrize("name", PRINTED)
def test_paper_recipes_are_what_the_papers_print(name: str) -> None:
    recipe = get_recipe(name)
    for setting, value in PRINTED[name].items():
        assert getattr(recipe, setting) == value, setting
    assert recipe.sizes == ((0.0, 224),)
    assert recipe.targets == "majority"
    assert recipe.ema_decay is None


def test_every_paper_recipe_is_pinned() -> None:
    assert {name for name in list_recipes() if name.endswith(".paper")} == set(PRINTED)


def test_only_paper_four_guides_and_no_paper_covers_faces() -> None:
    for name in PRINTED:
        recipe = get_recipe(name)
        guided = recipe.loss.kind == "class_weighted" and name != BASE
        assert (recipe.guidance.share > 0) == guided
        assert recipe.augmentation.occlusion.share == 0
        assert recipe.augmentation.light == UNLIT


def test_paper_three_changes_the_faces_of_disgust_alone() -> None:
    augmentation = get_recipe("psa_resnet50.paper").augmentation
    assert augmentation.emotions == ("disgust",)
    assert isinstance(augmentation.geometry, Jitter)


@pytest.mark.parametrize("model", ["agfer", "sefer", "cbamfer"])
def test_a_papers_exact_form_differs_in_its_network_alone(model: str) -> None:
    plain, exact = get_recipe(f"{model}.paper"), get_recipe(f"{model}.paper_exact")
    options = (("batch_norm", False), ("head", "fc"))
    assert exact == plain.changed(name=exact.name, options=options)
    assert exact.entry.head.classifier == "classifier.6"
    assert Recipe.from_json(json.loads(json.dumps(exact.to_json()))) == exact
