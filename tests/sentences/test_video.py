"""What networks made of a video, said in one sentence."""

import pytest

from ferstudio.sentences.video import answered, video_verdict
from ferstudio.studio.selection import Cover
from tests.made_videos import made_answers, said


@pytest.mark.parametrize(
    ("cover", "faces", "expected"),
    [
        (
            Cover("surgical-mask"),
            True,
            (
                "Under the surgical mask (3 of 4 frames show a face): A changed its mind in 67 % "
                "of them and B in 67 %."
            ),
        ),
        (
            Cover(),
            True,
            (
                "3 of 4 frames show a face: A said happiness 67 %, neutral 33 %; B said happiness "
                "67 %, neutral 33 %."
            ),
        ),
        (Cover("scarf"), False, "In 4 frames: no face was found."),
    ],
)
def test_a_video_in_a_sentence(cover: Cover, faces: bool, expected: str) -> None:
    assert str(video_verdict(made_answers(cover, faces=faces))) == expected


def test_the_most_frequent_answer_comes_first() -> None:
    assert answered([said(0.9), said(0.1), said(0.2), said(0.3)]) == "neutral 75 %, happiness 25 %"
    assert answered([]) == ""
