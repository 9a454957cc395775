import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.labels import label_set
from ferstudio.models import list_models, model_entry
from ferstudio.occlusion import list_occluders
from training.recipes import Recipe, get_recipe, list_recipes, register_recipe
from training.recipes.both import UNDIVIDED
from training.recipes.settings import (
    AS_THEY_ARE,
    UNLIT,
    Augmentation,
    Constant,
    Cosine,
    FiveCrops,
    Guidance,
    Jitter,
    Light,
    Loss,
    Mixing,
    Occlusion,
    Optimizer,
    Plateau,
    Steps,
    Turns,
)

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", list_recipes())
def test_every_recipe_names_things_that_exist(name: str) -> None:
    recipe = get_recipe(name)
    assert recipe.model in list_models()
    assert recipe.name.split(".")[0] == recipe.model
    assert recipe.label_counts == tuple(len(label_set(labels)) for labels in recipe.label_sets)
    occluders = {occluder for occluder, _ in recipe.augmentation.occlusion.occluders}
    assert occluders <= set(list_occluders())
    starts = [start for start, _ in recipe.sizes]
    assert starts == sorted(starts)
    assert recipe.entry.options.items() >= dict(recipe.options).items()


@pytest.mark.parametrize("model", list_models())
def test_every_network_has_our_recipe(model: str) -> None:
    recipe = get_recipe(f"{model}.ferplus")
    assert (recipe.model, recipe.labels, recipe.targets) == (model, "ferplus", "votes")
    guided = model_entry(model).guidance_alpha
    assert (recipe.guidance.share > 0) == (guided is not None)
    assert guided in {None, recipe.guidance.alpha}


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


FLAT = {
    "name": "acsinet.ferplus",
    "model": "acsinet",
    "labels": "ferplus",
    "input": {
        "size": 96,
        "mean": [0.5, 0.5, 0.5],
        "std": [0.25, 0.25, 0.25],
        "margin_ratio": 0.0,
        "grayscale": True,
        "detail_px": 96,
    },
    "sizes": [[0.0, 64], [0.75, 96]],
    "epochs": 90,
    "batch_size": 48,
    "lr": 0.04,
    "momentum": 0.8,
    "weight_decay": 0.0003,
    "warmup_share": 0.07,
    "final_lr_ratio": 0.01,
    "ema_decay": 0.99,
    "drop_single_votes": False,
    "align": True,
    "augmentation": {
        "flip_share": 0.4,
        "rotation_deg": 14.0,
        "scale": [0.8, 1.1],
        "shift_share": 0.06,
        "contrast": 0.2,
        "brightness": 0.1,
        "gamma": 0.3,
        "occluded_share": 0.35,
        "occluded_from": 0.1,
        "occluders": [["random", 4.0], ["sunglasses", 1.5]],
        "occluder_amount": [0.2, 0.9],
    },
    "seed": 3,
}
"""A recipe as runs of version 1 stored it."""


def test_flat_json_of_earlier_runs_is_read() -> None:
    recipe = Recipe.from_json(FLAT)
    assert recipe.optimizer == Optimizer(
        kind="sgd", lr=0.04, momentum=0.8, nesterov=True, weight_decay=0.0003, decay_all=False
    )
    assert recipe.schedule == Cosine(warmup_share=0.07, final_ratio=0.01)
    assert recipe.augmentation == Augmentation(
        geometry=Jitter(flip_share=0.4, rotation_deg=14.0, scale=(0.8, 1.1), shift_share=0.06),
        light=Light(contrast=0.2, brightness=0.1, gamma=0.3),
        occlusion=Occlusion(
            share=0.35,
            begins=0.1,
            occluders=(("random", 4.0), ("sunglasses", 1.5)),
            amount=(0.2, 0.9),
        ),
    )
    assert recipe.sizes == ((0.0, 64), (0.75, 96))
    assert (recipe.targets, recipe.guidance.share, recipe.loss) == ("votes", 0, Loss())
    assert (recipe.epochs, recipe.batch_size, recipe.ema_decay) == (90, 48, 0.99)
    assert (recipe.drop_single_votes, recipe.seed) == (False, 3)


@pytest.mark.parametrize("name", ["acsinet.ferplus", "resnet18.ferplus"])
def test_shipped_cards_quote_recipes_that_can_be_read(name: str) -> None:
    card = json.loads((ROOT / "weights" / name / "card.json").read_text("utf-8"))
    facts = {"command", "earlier", "epochs_trained", "steps", "minutes", "device", "balance"}
    raw = {key: value for key, value in card["recipe"].items() if key not in facts}
    assert Recipe.from_json(raw).name == name


def plain_sgd(lr: float, weight_decay: float) -> Optimizer:
    return Optimizer(
        kind="sgd", lr=lr, momentum=0.9, nesterov=False, weight_decay=weight_decay, decay_all=True
    )


JOINT = Loss(kind="joint", island_weight=0.005, separation=7.0, centre_rate=0.5)
FIVE_CROPS = Augmentation(geometry=FiveCrops(picture_px=256, crop_px=224), light=UNLIT)
TURNS = Augmentation(
    geometry=Turns(angles_deg=(-10.0, -5.0, 0.0, 5.0, 10.0), flip_share=0.5), light=UNLIT
)
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
        assert (recipe.guidance.share > 0) == (recipe.loss.kind == "class_weighted")
        assert recipe.augmentation.occlusion.share == 0
        assert recipe.augmentation.light == UNLIT


def test_paper_three_changes_the_faces_of_disgust_alone() -> None:
    augmentation = get_recipe("psa_resnet50.paper").augmentation
    assert augmentation.emotions == ("disgust",)
    assert isinstance(augmentation.geometry, Jitter)


def test_the_clean_twin_differs_in_the_occluders_alone() -> None:
    covered, clean = get_recipe("acsinet.ferplus"), get_recipe("acsinet.ferplus_clean")
    assert clean.augmentation.occlusion.share == 0
    bare = dataclasses.replace(covered.augmentation, occlusion=clean.augmentation.occlusion)
    assert covered.augmentation.occlusion.share > 0
    assert covered.changed(name=clean.name, augmentation=bare) == clean


@pytest.mark.parametrize("model", ["psa_resnet50", "vgg16_gcca"])
def test_our_fer2013_recipes_join_the_losses(model: str) -> None:
    ours, votes = get_recipe(f"{model}.fer2013"), get_recipe(f"{model}.ferplus")
    assert ours.loss == JOINT
    assert votes.changed(name=ours.name, labels="fer2013", loss=JOINT) == ours


def test_our_recipes_on_both_label_sets_differ_in_the_labels_alone() -> None:
    both = [name for name in list_recipes() if name.endswith(".both")]
    assert {name.split(".")[0] for name in both} == set(list_models()) - {"agfer"}
    ours, votes = get_recipe("csinet.both"), get_recipe("csinet.ferplus")
    assert votes.changed(name=ours.name, labels="ferplus+fer2013") == ours
    assert (ours.label_sets, ours.label_counts) == (("ferplus", "fer2013"), (8, 7))
    assert (votes.label_sets, votes.label_counts) == (("ferplus",), (8,))


def test_size_rises_with_progress() -> None:
    recipe = get_recipe("resnet18.ferplus").with_sizes(((0.0, 64), (0.5, 112)))
    assert [recipe.size_at(p) for p in (0, 0.49, 0.5, 1)] == [64, 64, 112, 112]


def test_the_readme_trains_each_network_once_and_the_clean_twin() -> None:
    text = (ROOT / "training" / "README.md").read_text("utf-8")
    names = text.partition("<<'END'\n")[2].partition("END\n")[0].split()
    assert set(names) <= set(list_recipes())
    twin = "acsinet.ferplus_clean"
    assert twin in names
    assert sorted(get_recipe(name).model for name in names if name != twin) == list_models()
    assert all("ferplus" in get_recipe(name).label_sets for name in names)


def test_another_batch_size_keeps_the_step_per_face_and_the_averages_span() -> None:
    recipe = get_recipe("acsinet.ferplus")
    larger = recipe.with_batch_size(2 * recipe.batch_size)
    assert larger.batch_size == 2 * recipe.batch_size
    assert larger.optimizer.lr == pytest.approx(2 * recipe.optimizer.lr)
    assert recipe.ema_decay is not None
    assert larger.ema_decay == pytest.approx(recipe.ema_decay**2)
    assert recipe.with_batch_size(recipe.batch_size) == recipe
    adam = get_recipe("psa_resnet50.paper").with_batch_size(64)
    assert (adam.optimizer.lr, adam.ema_decay, adam.batch_size) == (0.001, None, 64)
    with pytest.raises(UsageError, match="two faces"):
        recipe.with_batch_size(1)


def test_naming_recipes_loads_no_network() -> None:
    script = "import sys, training.recipes; print('ferstudio.models' in sys.modules)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(UnknownNameError, match=r"resnet18\.ferplus"):
        get_recipe("resnet19.ferplus")
    with pytest.raises(UnknownNameError, match="batch_size"):
        get_recipe("resnet18.ferplus").changed(batchsize=3)
    with pytest.raises(UnknownNameError, match="happiness"):
        get_recipe("resnet18.ferplus").changed(oversampled=(("joy", 2),))


def test_contradictions_are_refused() -> None:
    recipe = get_recipe("resnet18.ferplus")
    with pytest.raises(UsageError, match="end with the input size"):
        recipe.changed(sizes=((0.0, 64),))
    with pytest.raises(UsageError, match="at least one epoch"):
        recipe.changed(epochs=0)
    with pytest.raises(UsageError, match="'mean'"):
        recipe.changed(targets="mean")
    with pytest.raises(UnknownNameError, match="ferplus\\+fer2013"):
        recipe.changed(labels="fer2013+ferplus")
    for kind in ("joint", "class_weighted"):
        with pytest.raises(UsageError, match=f"not by the {kind} loss"):
            recipe.changed(labels="ferplus+fer2013", loss=Loss(kind=kind))
    for wrong in ({"teacher_weight": 1.5}, {"teacher_temperature": 0.0}):
        with pytest.raises(UsageError, match="teacher_weight lies in"):
            recipe.changed(**wrong)
    with pytest.raises(UsageError, match="ema_decay lies in"):
        recipe.changed(ema_decay=1.0)
    with pytest.raises(UsageError, match=r"label_smoothing lies in \[0, 1\)"):
        Loss(label_smoothing=1.0)
    with pytest.raises(ValueError, match="registered already"):
        register_recipe(recipe)


def test_two_label_sets_are_learned_by_networks_that_can_be_cut_apart() -> None:
    assert {name for name in list_models() if not model_entry(name).head.separable} == UNDIVIDED


@pytest.mark.parametrize("model", ["agfer", "sefer", "cbamfer"])
def test_a_papers_exact_form_differs_in_its_network_alone(model: str) -> None:
    plain, exact = get_recipe(f"{model}.paper"), get_recipe(f"{model}.paper_exact")
    options = (("batch_norm", False), ("head", "fc"))
    assert exact == plain.changed(name=exact.name, options=options)
    assert exact.entry.head.classifier == "classifier.6"
    assert Recipe.from_json(json.loads(json.dumps(exact.to_json()))) == exact


def test_settings_change_by_their_path() -> None:
    base = get_recipe("resnet18.ferplus")
    changed = base.with_settings(
        {
            "augmentation.occlusion.share": 0.5,
            "augmentation.detail.sharpness": [-0.2, 0.3],
            "votes_power": 2.0,
        }
    )
    assert changed.augmentation.occlusion.share == 0.5
    assert changed.augmentation.detail.sharpness == (-0.2, 0.3)
    assert changed.votes_power == 2.0
    assert changed.optimizer == base.optimizer


@pytest.mark.parametrize("path", ["nothing", "augmentation.nothing", "seed.deeper", ""])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(UnknownNameError, match="recipe setting"):
        get_recipe("resnet18.ferplus").with_settings({path: 1})


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"judged_every": 0}, "at least 1"),
        ({"averaged_every": 0}, "at least 1"),
        ({"votes_power": 0}, "positive"),
        ({"attention_spread": -1}, "negative"),
        ({"judged_every": 2, "schedule": dataclasses.asdict(Plateau())}, "judged_every to 1"),
    ],
)
def test_numbers_out_of_range_are_refused(settings: dict[str, Any], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        get_recipe("resnet18.ferplus").with_settings(settings)
