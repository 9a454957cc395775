"""Every lesson shows what it promises: its networks, as they are shipped, are asked."""

from pathlib import Path

import pytest

from ferstudio.errors import UnknownNameError
from ferstudio.lessons.catalogue import LESSONS, lesson
from ferstudio.lessons.lesson import Lesson, Setting, Step
from ferstudio.occlusion.kinds import kind
from ferstudio.studio.selection import NONE
from ferstudio.studio.studio import Studio
from ferstudio.studio.works import unwatched
from tests.ui.fake_studio import MODELS, FakeStudio

WEIGHTS = Path(__file__).parents[2] / "weights"

STEPS = [
    pytest.param(each, step, id=f"{each.name}.{number}")
    for each in LESSONS
    for number, step in enumerate(each.steps, 1)
]


def test_six_lessons_of_five_to_eight_steps_each_with_a_name_of_its_own() -> None:
    assert len({each.name for each in LESSONS}) == len(LESSONS) == 6
    assert all(5 <= len(each.steps) <= 8 for each in LESSONS)
    assert [lesson(each.name) for each in LESSONS] == list(LESSONS)
    with pytest.raises(UnknownNameError, match="no lesson named 'latin'"):
        lesson("latin")


@pytest.mark.parametrize(("of", "step"), STEPS)
def test_each_step_asks_one_question_and_leaves_one_sentence(of: Lesson, step: Step) -> None:
    assert step.question.count("?") >= 1
    assert step.take_home.endswith(".")
    assert step.look[-1] in ".?"
    assert of.title not in (step.question, step.take_home)
    if step.setting.cover != NONE:
        kind(step.setting.cover)  # raises where there is none


@pytest.mark.slow
@pytest.mark.parametrize(("of", "step"), STEPS)
def test_what_a_step_claims_is_what_the_shipped_networks_do(
    studio: Studio, of: Lesson, step: Step
) -> None:
    found = step.claim(studio, step.setting, unwatched)
    assert found.holds, f"{of.title}: {found.sentence} Choose another face or cover."
    assert found.sentence.endswith(".")


@pytest.fixture(scope="module")
def studio() -> Studio:
    wanted = {name for each in LESSONS for step in each.steps for name in step.setting.models}
    missing = [name for name in wanted if not (WEIGHTS / name / "card.json").is_file()]
    if missing:
        pytest.skip(f"weights/ lacks {', '.join(missing)}")
    return Studio(WEIGHTS)


def test_a_studio_that_lacks_networks_asks_those_that_it_has() -> None:
    setting = Setting("Compare", "fear", models=(MODELS[1], "absent.ferplus"))
    assert setting.selection(FakeStudio()).models == (MODELS[1],)
    setting = Setting("Compare", "fear", models=("absent.ferplus",))
    assert setting.selection(FakeStudio()).models == ("absent.ferplus",)
