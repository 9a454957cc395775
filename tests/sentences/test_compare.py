from collections.abc import Sequence

import numpy as np
import pytest

from ferstudio.explain import Heatmap
from ferstudio.labels import FERPLUS
from ferstudio.regions import mean_face, region_masks
from ferstudio.sentences.compare import heat_place, verdict
from ferstudio.sentences.sentence import percent, short_percent
from ferstudio.studio.results import Comparison, ModelComparison, View
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.types import FaceCrop, Prediction

CROP = FaceCrop(np.zeros((16, 16, 3), np.uint8), None, np.eye(2, 3))


def view(top: str) -> View:
    probabilities = np.array([label == top for label in FERPLUS], np.float32)
    return View(Prediction(FERPLUS, probabilities, probabilities), None, CROP.image)


def comparison(occluder: str, share: float, answers: Sequence[tuple[str, str]]) -> Comparison:
    rows = tuple(
        ModelComparison(f"m{n}.x", "M", "", 1, view(clean), view(covered), None, 0.1)
        for n, (clean, covered) in enumerate(answers)
    )
    selection = Selection(CROP, Cover(occluder), tuple(row.name for row in rows))
    return Comparison(selection, CROP, np.zeros((16, 16), bool), share, rows)


HELD, FLIPPED = ("happiness", "happiness"), ("happiness", "neutral")


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([HELD], "the model kept its answer."),
        ([FLIPPED], "the model changed its mind."),
        ([HELD] * 2, "both models kept their answer."),
        ([FLIPPED] * 2, "both models changed their mind."),
        ([HELD] * 5, "all 5 models kept their answer."),
        ([FLIPPED] * 5, "all 5 models changed their mind."),
        ([HELD, FLIPPED], "1 of 2 models changed its mind."),
        ([HELD] * 3 + [FLIPPED] * 2, "2 of 5 models changed their mind."),
    ],
)
def test_a_cover_counts_changed_minds(answers: list[tuple[str, str]], outcome: str) -> None:
    said = verdict(comparison("sunglasses", 0.208, answers))
    assert said.lead == "Sunglasses hide 21 % of the face:"
    assert said.outcome == outcome
    assert str(said) == f"Sunglasses hide 21 % of the face: {outcome}"


def test_a_single_thing_takes_a_singular_verb() -> None:
    said = verdict(comparison("surgical-mask", 0.5, [HELD]))
    assert said.lead == "A surgical mask hides 50 % of the face:"


def test_a_worse_picture_hides_nothing_in_particular() -> None:
    said = verdict(comparison("blur", 1.0, [HELD]))
    assert said.lead == "Blur, at 70 %:"


@pytest.mark.parametrize(
    ("tops", "outcome"),
    [
        (["fear"], "the model says fear."),
        (["happiness"] * 2, "both models say happiness."),
        (["happiness"] * 5, "all 5 models say happiness."),
        (["anger", "fear", "fear"], "2 of 3 models say fear."),
        (["anger", "fear"], "the 2 models give 2 different answers."),
        (["anger", "fear", "fear", "anger", "neutral"], "the 5 models give 3 different answers."),
    ],
)
def test_without_a_cover_it_says_the_answers(tops: list[str], outcome: str) -> None:
    said = verdict(comparison(NONE, 0.0, [(top, top) for top in tops]))
    assert (said.lead, said.outcome) == ("On the uncovered face:", outcome)


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0 %"), (0.002, "less than 1 %"), (0.0149, "1 %"), (0.208, "21 %"), (1.0, "100 %")],
)
def test_percent_never_calls_something_nothing(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0\xa0%"), (0.002, "<\xa01\xa0%"), (0.0149, "1\xa0%"), (1.0, "100\xa0%")],
)
def test_labels_follow_the_same_rule(share: float, words: str) -> None:
    assert short_percent(share) == words


def test_where_the_heat_lies_is_told_to_who_doesnt_see_it() -> None:
    crop = FaceCrop(np.zeros((256, 256, 3), np.uint8), mean_face() * np.float32(256), np.eye(2, 3))
    mouth = region_masks(mean_face() * np.float32(64), 64)["mouth"].astype(np.float32)
    said = heat_place(Heatmap("m", mouth, (64, 64), (0.0, 2.0)), crop)
    assert said.startswith("its heat favours the mouth (100 % of it on ")
    assert "avoids the eyes (0 % of it on 1 % of the picture)" in said
    flat = Heatmap("m", np.zeros((64, 64), np.float32), (64, 64), (0.0, 0.0))
    assert heat_place(flat, crop) == "the map is empty"
