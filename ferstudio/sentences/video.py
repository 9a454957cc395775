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
    where = f"{found.found} of {len(moments)} frames show a face"
    known = [(found.titles[name], _known(found, name)) for name in found.plan.question.models]
    if cover.bare:
        said = [f"{title} said {answered([a.clean for a in each])}" for title, each in known]
        return Verdict(f"{where}:", f"{'; '.join(said)}.")
    (title, first), *rest = [
        (title, percent(sum(answer.flipped for answer in each) / len(each)))
        for title, each in known
    ]
    words = [f"{title} changed its mind in {first} of them", *(f"{t} in {p}" for t, p in rest)]
    lead = f"{cover_noun(cover.name)} ({where}):"
    return Verdict(f"Under {lead}", f"{joined(words)}.")


def answered(predictions: list[Prediction]) -> str:
    """Return which emotions won how often: "happiness 80 %, neutral 20 %"; "" for no frame."""
    tops = Counter(each.top for each in predictions)
    return ", ".join(
        f"{name} {percent(count / len(predictions))}" for name, count in tops.most_common(NAMED)
    )


def _known(found: VideoAnswers, model: str) -> list[VideoAnswer]:
    return [answer for answer in found.of(model) if answer is not None]
