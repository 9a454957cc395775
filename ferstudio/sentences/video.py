"""What networks made of a video, in one sentence for all, and in a few words for each."""

from collections import Counter

from ferstudio.sentences.sentence import Verdict, cover_noun, joined, percent
from ferstudio.studio.video import VideoAnswer, VideoAnswers
from ferstudio.types import Prediction

NAMED = 3
"""Emotions of which `answered` names the share."""


def video_verdict(found: VideoAnswers) -> Verdict:
    """Return in how many of a video's frames networks changed their mind, or what they said."""
    cover, moments = found.plan.question.cover, found.moments
    if not found.found:
        return Verdict(f"In {len(moments)} frames:", "no face was found.")
    where = f"in {found.found} of {len(moments)} frames with a face"
    known = {name: _known(found, name) for name in found.plan.question.models}
    if cover.bare:
        said = [f"{each[0].title} {_often(each)}" for each in known.values() if each]
        return Verdict(f"{where.capitalize()}:", f"{joined(said)}.")
    changed = {
        each[0].title: sum(answer.flipped for answer in each) / len(each)
        for each in known.values()
        if each
    }
    words = [f"{title} {percent(share)} of the time" for title, share in changed.items()]
    noun = cover_noun(cover.name)
    return Verdict(f"Under {noun}, {where}, minds changed:", f"{joined(words)}.")


def answered(predictions: list[Prediction]) -> str:
    """Return which emotions won how often: "happiness 80 %, neutral 20 %"; "" for no frame."""
    tops = Counter(each.top for each in predictions)
    return ", ".join(
        f"{name} {percent(count / len(predictions))}" for name, count in tops.most_common(NAMED)
    )


def _known(found: VideoAnswers, model: str) -> list[VideoAnswer]:
    return [answer for answer in found.of(model) if answer is not None]


def _often(answers: list[VideoAnswer]) -> str:
    return f"said {answered([each.clean for each in answers])}"
