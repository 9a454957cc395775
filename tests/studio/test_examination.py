"""An examination grows: parts and map first, then curves, then maps of shuffled networks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import UnknownNameError
from ferstudio.explain import explainer
from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.faithfulness import against_random
from ferstudio.explain.sensitivity import PartEffect, PartSensitivity
from ferstudio.explain.similarity import difference
from ferstudio.models import LoadedModel, load_weights
from ferstudio.preprocess import to_tensor
from ferstudio.sentences.explain import deciding_part, examination_verdict
from ferstudio.studio import examination
from ferstudio.studio.covers import covered
from ferstudio.studio.examination import Examination, examine
from ferstudio.studio.map_truth import map_truth
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop, Prediction
from tests.networks import predict

ROW = {
    "explainer": "grad-cam",
    "split": "valid",
    "n": 500,
    "both": {"wins": 430, "share": 0.86, "ci95": [0.82, 0.89]},
}


@pytest.fixture(scope="module")
def studio(shelf: Path) -> Studio:
    return Studio(shelf)


@pytest.fixture(scope="module")
def model(shelf: Path) -> LoadedModel:
    return load_weights(shelf / "resnet18.test")


@pytest.fixture(scope="module")
def steps(studio: Studio, model: LoadedModel, crop: FaceCrop) -> list[Examination]:
    explainer("grad-cam").explain(model, crop)  # importing its library counts as no slow map
    selection = Selection(crop, Cover("lower", 1.0, 3), explainer="grad-cam")
    return list(studio.examine("resnet18.test", selection))


def test_it_grows_and_ends(steps: list[Examination]) -> None:
    first, second, last = steps
    assert [found.done for found in steps] == [False, False, True]
    assert first.curves is None
    assert second.curves is last.curves is not None
    assert second.stages == ()
    assert last.stages[0].layers == 1
    assert last.stages[-1].layers == 20 + 20 + 1  # batch norms, too, which answers have folded
    assert len({id(found.heatmap) for found in steps}) == 1


def test_it_explains_the_answer_to_the_clean_face(
    steps: list[Examination], model: LoadedModel, crop: FaceCrop
) -> None:
    found = steps[-1]
    (answer,) = predict(model, to_tensor(crop, model.card.input))
    np.testing.assert_allclose(
        found.prediction.probabilities, answer.probabilities, rtol=0, atol=1e-5
    )
    assert found.parts.target == answer.top
    method = explainer("grad-cam")
    expected = method.explain(model, crop, answer.top).heatmaps[0]
    assert found.heatmap is not None
    np.testing.assert_allclose(found.heatmap.raw(), expected.raw(), rtol=0, atol=1e-5)
    rng = np.random.default_rng(3)
    curves = against_random(model, crop, expected, answer.top, rng=rng)
    assert found.curves is not None
    assert found.curves.random_deletion.area == pytest.approx(curves.random_deletion.area, abs=1e-3)


def test_the_change_is_of_the_very_cover(
    steps: list[Examination], studio: Studio, model: LoadedModel, crop: FaceCrop
) -> None:
    found = steps[-1]
    covered = studio.cover(Selection(crop, Cover("lower", 1.0, 3)))
    expected = explainer("grad-cam").explain(model, covered.crop, found.parts.target).heatmaps[0]
    assert found.change is not None
    assert found.heatmap is not None
    np.testing.assert_allclose(found.change.heatmap.raw(), expected.raw(), rtol=0, atol=1e-5)
    np.testing.assert_array_equal(
        found.change.difference, difference(found.heatmap, found.change.heatmap)
    )


def test_without_cover_and_without_method(studio: Studio, crop: FaceCrop) -> None:
    *_, bare = studio.examine("resnet18.test", Selection(crop))
    assert bare.change is None
    assert bare.heatmap is not None
    (parts,) = studio.examine("resnet18.test", Selection(crop, Cover("lower"), explainer=NONE))
    assert parts.done
    assert parts.heatmap is None
    assert len(parts.parts.effects) > 5


def test_another_emotion_is_explained_everywhere(
    studio: Studio, model: LoadedModel, crop: FaceCrop
) -> None:
    (answer,) = predict(model, to_tensor(crop, model.card.input))
    method = explainer("grad-cam")
    maps = {name: method.explain(model, crop, name).heatmaps[0] for name in answer.labels}
    other = next(name for name in maps if name != answer.top and not maps[name].empty)
    selection = Selection(crop, Cover("lower", 1.0, 3))
    *_, found = studio.examine("resnet18.test", replace(selection, target=other))
    assert found.parts.target == other != found.prediction.top
    assert found.heatmap is not None and found.change is not None and found.curves is not None
    expected = method.explain(model, crop, other).heatmaps[0]
    np.testing.assert_allclose(found.heatmap.raw(), expected.raw(), rtol=0, atol=1e-5)
    covered = method.explain(model, studio.cover(selection).crop, other).heatmaps[0]
    np.testing.assert_allclose(found.change.heatmap.raw(), covered.raw(), rtol=0, atol=1e-5)
    assert found.curves.target == other
    lead = str(examination_verdict(found))
    assert lead.startswith(f"Uncovered, ResNet-18 gives {other} ")
    assert found.covered is not None
    assert found.covered.parts.target == other
    assert str(examination_verdict(found, True)).startswith(f"Covered, ResNet-18 gives {other} ")
    with pytest.raises(UnknownNameError, match="'glee'"):
        list(studio.examine("resnet18.test", replace(selection, target="glee")))


def test_another_layer_is_shown_and_named(
    studio: Studio, model: LoadedModel, crop: FaceCrop
) -> None:
    layers = studio.cam_layers("resnet18", "grad-cam")
    assert [each.name for each in layers] == list(model.entry.cam_layers)
    (usual,) = [each for each in layers if each.usual]
    other = next(each for each in layers if not each.usual)
    selection = Selection(crop, Cover("lower", 1.0, 3))
    *_, found = studio.examine("resnet18.test", replace(selection, layer=other.name))
    assert found.method == f"Grad-CAM at {other.name}"
    assert found.truth is None
    for heatmap in (found.heatmap, *(stage.heatmap for stage in found.stages)):
        assert heatmap is not None
        assert heatmap.name == other.name != usual.name
        assert heatmap.native_size == (other.cells, other.cells)
    *_, named = studio.examine("resnet18.test", replace(selection, layer=usual.name))
    assert named.method == "Grad-CAM"
    assert studio.cam_layers("resnet18", "face-parts") == ()
    assert studio.cam_layers("resnet18", NONE) == ()
    with pytest.raises(UnknownNameError, match="'attic'"):
        list(studio.examine("resnet18.test", replace(selection, layer="attic")))


def test_an_empty_map_ends_the_examination(
    studio: Studio, model: LoadedModel, crop: FaceCrop
) -> None:
    method = explainer("grad-cam")
    maps = {name: method.explain(model, crop, name).heatmaps[0] for name in model.card.label_names}
    empty = next(name for name in maps if maps[name].empty)
    (found,) = studio.examine("resnet18.test", Selection(crop, target=empty))
    assert found.done
    assert found.heatmap is not None and found.heatmap.empty
    assert (found.curves, found.stages) == (None, ())


@pytest.mark.parametrize(
    ("falls", "outcome"),
    [
        ({"mouth": 0.02, "eyes": -0.05}, "no single part of the face changes that much."),
        ({"mouth": 0.15, "eyes": -0.3}, "without the eyes 50 %."),
        ({"mouth": 0.15, "eyes": 0.1}, "without the mouth 5 %."),
    ],
)
def test_what_changes_another_emotion_most_is_named(falls: dict[str, float], outcome: str) -> None:
    clean = Prediction(
        ("neutral", "fear"), np.array([0.8, 0.2], np.float32), np.zeros(2, np.float32)
    )
    effects = tuple(
        PartEffect(part, 0.1, 0.2 - fall, fall, "neutral", flipped=True)
        for part, fall in falls.items()
    )
    blank = Heatmap("parts", np.zeros((4, 4), np.float32), (4, 4), (0.0, 0.0))
    parts = PartSensitivity("fear", clean, effects, blank, 0.0)
    found = Examination("a.b", "A", "", np.zeros((4, 4, 3), np.uint8), parts)
    assert str(examination_verdict(found)) == f"A gives fear 20 %: {outcome}"


def test_slow_methods_arent_asked_of_shuffled_networks(
    model: LoadedModel, crop: FaceCrop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "MOST_PASSES", 0)
    *_, last = examine(model, Selection(crop), covered(crop, Cover()))
    assert last.done
    assert last.curves is not None
    assert last.stages == ()


def test_unknown_names_are_refused_at_once(studio: Studio, crop: FaceCrop) -> None:
    with pytest.raises(UnknownNameError):
        studio.examine("vgg99", Selection(crop))
    with pytest.raises(UnknownNameError):
        studio.examine("resnet18.test", Selection(crop, explainer="divination"))


def test_the_card_says_whether_maps_beat_chance(model: LoadedModel) -> None:
    assert map_truth(model.card, "grad-cam") is None
    card = replace(model.card, explanations=(ROW,))
    truth = map_truth(card, "grad-cam")
    assert truth is not None
    assert (truth.n, truth.split, truth.share, truth.ci95) == (500, "valid", 0.86, (0.82, 0.89))
    assert truth.beats_chance
    assert not replace(truth, ci95=(0.5, 0.6)).beats_chance
    assert map_truth(card, "score-cam") is None


def effect(part: str, fall: float, answer: str = "fear") -> PartEffect:
    return PartEffect(part, 0.1, 0.9 - fall, fall, answer, answer != "fear")


@pytest.mark.parametrize(
    ("effects", "part", "words"),
    [
        (
            [effect("eyes", 0.5), effect("mouth", 0.3, "anger"), effect("left half", 0.8, "anger")],
            "mouth",
            "without the mouth it says anger.",
        ),
        ([effect("eyes", 0.5), effect("mouth", 0.3)], "eyes", "without the eyes only 40 %."),
        ([effect("eyes", 0.05), effect("left half", 0.9, "anger")], None, "no single part"),
    ],
)
def test_the_sentence_names_the_part_that_decides(
    effects: list[PartEffect], part: str | None, words: str, steps: list[Examination]
) -> None:
    shares = np.array([0.9, 0.1], np.float32)
    answer = Prediction(("fear", "anger"), shares, shares)
    parts = PartSensitivity("fear", answer, tuple(effects), steps[0].parts.heatmap, 0.1)
    found = deciding_part(parts)
    assert (None if found is None else found.part) == part
    said = examination_verdict(replace(steps[0], parts=parts))
    assert str(said).startswith("Uncovered, ResNet-18 says fear, 90 %: ")
    assert words in said.outcome
