"""Claims say what networks answer, and hold exactly where they do what is claimed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ferstudio.errors import UsageError
from ferstudio.labels import FERPLUS
from ferstudio.lessons.claims import (
    agrees_with_label,
    changes,
    differs,
    gives_up,
    heat_on_cover,
    keeps,
    people,
    people_agree,
    sides_differ,
)
from ferstudio.lessons.lesson import Claim, Reveal, Setting
from ferstudio.studio.results import Comparison, ModelComparison, ModelSummary, View
from ferstudio.studio.robustness import RobustnessPlan
from ferstudio.studio.selection import Selection
from ferstudio.studio.works import Watch, unwatched
from ferstudio.types import FaceCrop, Prediction

GREY = FaceCrop(np.full((32, 32, 3), 120, np.uint8), None, np.eye(2, 3))


def view(answer: str, probability: float = 0.8) -> View:
    rest = (1 - probability) / (len(FERPLUS) - 1)
    values = np.full(len(FERPLUS), rest, np.float32)
    values[FERPLUS.index(answer)] = probability
    return View(Prediction(FERPLUS, values, np.log(values)), None, GREY.image)


class Answering:
    """A studio whose networks give one answer to the clean face and another under each cover."""

    def __init__(
        self,
        clean: Sequence[str],
        covered: dict[str, Sequence[str]],
        leakage: float | None = None,
        flips: Sequence[float | None] = (),
    ) -> None:
        self._clean, self._covered = clean, covered
        self._leakage, self._flips = leakage, flips

    def models(self) -> tuple[ModelSummary, ...]:
        return ()

    def sample(self, emotion: str) -> FaceCrop:
        return GREY

    def compare(self, selection: Selection, watch: Watch = unwatched) -> Comparison:
        covered = self._covered.get(selection.cover.name, self._clean)
        rows = tuple(
            ModelComparison(
                name=f"n{number}", title=f"Net {number}", summary="", params=1, clean=view(first),
                covered=view(then), leakage_share=self._leakage, elapsed_s=0.1,
            )
            for number, (first, then) in enumerate(zip(self._clean, covered, strict=True))
        )  # fmt: skip
        return Comparison(selection, GREY, np.ones((32, 32), bool), 0.4, rows)

    def robustness(self, plan: RobustnessPlan, watch: Watch = unwatched) -> Iterator[object]:
        sweeps = [
            SimpleNamespace(
                title=f"Net {number}", target="happiness", answers=("happiness", "neutral"),
                flip=None if amount is None else SimpleNamespace(amount=amount, share=share),
            )
            for number, (amount, share) in enumerate(zip(self._flips, (0.38, None), strict=True))
        ]  # fmt: skip
        yield SimpleNamespace(under=lambda name: sweeps)


def asked(claim: Claim, studio: Answering, **changes_: object) -> Reveal:
    setting = replace(Setting("Compare", "happiness", "lower"), **changes_)  # type: ignore[arg-type]
    return claim(studio, setting, unwatched)  # type: ignore[arg-type]


MIXED = Answering(
    ["happiness", "happiness", "fear"], {"lower": ["neutral", "happiness", "neutral"]}
)


def test_most_agree_with_the_label_of_the_bare_face() -> None:
    found = asked(agrees_with_label(), MIXED)
    assert found.holds
    assert found.sentence == "2 of 3 models say happiness, as people do."
    assert not asked(agrees_with_label(), MIXED, face="fear").holds


@pytest.mark.parametrize(("least", "holds"), [(0.5, True), (0.7, False)])
def test_a_cover_changes_minds(least: float, holds: bool) -> None:
    found = asked(changes(least), MIXED)
    assert found.holds is holds
    assert found.sentence == (
        "A bar over the lower third hides 40 % of the face: 2 of 3 models changed their mind. "
        "2 of 3 models say neutral, 1 says happiness."
    )
    assert found.answers == {"Net 0": "neutral", "Net 1": "happiness", "Net 2": "neutral"}


def test_who_keeps_an_answer_doesnt_change_it() -> None:
    assert not asked(keeps(), MIXED).holds
    assert asked(keeps(0.3), MIXED).holds


def test_networks_differ_where_two_answers_are_given() -> None:
    assert asked(differs(), MIXED).holds
    agreed = Answering(["fear", "fear"], {"lower": ["neutral", "neutral"]})
    found = asked(differs(), agreed)
    assert (found.holds, found.sentence) == (False, "Both models say neutral.")
    two = asked(differs(), Answering(["fear", "fear"], {"lower": ["neutral", "fear"]}))
    assert two.sentence == "Net 0 says neutral, Net 1 says fear."


def test_networks_give_up_at_an_amount_of_the_cover() -> None:
    found = asked(gives_up(), Answering([], {}, flips=[0.43, 0.67]))
    assert found.holds
    assert found.sentence == (
        "Net 0 gives up happiness once 38 % of the face is covered. "
        "Net 1 gives up happiness at 67 % of the cover."
    )
    stays = asked(gives_up(), Answering([], {}, flips=[0.43, None]))
    assert not stays.holds
    assert stays.sentence.endswith("Net 1 keeps happiness to the end.")


def test_heat_lies_on_the_cover() -> None:
    found = asked(heat_on_cover(), Answering(["fear"], {"lower": ["anger"]}, leakage=0.38))
    assert found.holds
    assert found.sentence.startswith("38 % of the heat of Net 0 lies on the bar")
    assert found.sentence.endswith("The model says anger.")
    assert not asked(heat_on_cover(0.5), Answering(["fear"], {}, leakage=0.38)).holds
    with pytest.raises(UsageError, match="no map of Net 0"):
        asked(heat_on_cover(), Answering(["fear"], {}))


def test_sides_differ_by_what_is_left_of_the_answer() -> None:
    sided = Answering(["fear"], {"left": ["neutral"], "right": ["fear"]})
    found = asked(sides_differ(), sided, models=("a",))
    assert found.holds
    assert "3 % of the answer is left, under that of the right half 80 %" in found.sentence
    assert not asked(sides_differ(least=0.9), sided, models=("a",)).holds


def test_people_stand_behind_each_sample_face() -> None:
    for face in FERPLUS:
        votes = people(face)
        assert max(votes, key=lambda name: votes[name]) == face
        assert sum(votes.values()) == pytest.approx(1, abs=0.005)
    found = asked(people_agree(0.5, 0.8), MIXED, face="fear")
    assert found.holds
    assert found.sentence.startswith("People saw fear with 62 % of their votes, and else 19 % surp")
    assert not asked(people_agree(0.95), MIXED, face="fear").holds
    assert people("boredom") == {}
