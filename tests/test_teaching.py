"""What the teacher's guide names is on the page."""

from pathlib import Path

from ferstudio.faces.samples import list_samples
from ferstudio.lessons.catalogue import LESSONS
from ferstudio.sentences.sentence import percent
from ferstudio.ui import lesson_words, words
from ferstudio.ui.tabs.learn import words as learn

DOCS = Path(__file__).parent.parent / "docs"
GUIDE = (DOCS / "teaching.md").read_text("utf-8")


def test_lessons_and_buttons_have_the_names_that_the_guide_gives_them() -> None:
    named = [each.title for each in LESSONS if f"**{each.title}**" in GUIDE]
    assert named == ["Cover the mouth", "Which half of your face speaks",
                     "Where networks disagree, people do"]  # fmt: skip
    assert "*What mask wearers taught these networks*" in GUIDE
    for word in (learn.TAB, learn.GUESS_FIRST, words.PROJECTOR, words.LARGER):
        assert f"**{word}**" in GUIDE
    for word in (
        lesson_words.OPEN_VOTE,
        words.FACE_SECTION,
        words.COVER_SECTION,
        words.ASK_SECTION,
    ):
        assert f"*{word}*" in GUIDE


def test_peoples_votes_are_those_behind_the_faces() -> None:
    fear = next(each for each in list_samples() if each.emotion == "fear")
    for emotion in ("fear", "surprise"):
        assert f"{percent(fear.votes[emotion])} *{emotion}*" in GUIDE.replace(
            "% of their votes said", "%"
        )


def test_the_work_sheet_is_one_file_that_asks_for_nothing() -> None:
    sheet = (DOCS / "worksheet.html").read_text("utf-8")
    assert "http" not in sheet
    assert sheet.count("<tr>") == 7
