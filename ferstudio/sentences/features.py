"""The sentence above maps of faces: among whom the face stands, clean and covered."""

from collections.abc import Sequence

from ferstudio.sentences.sentence import Verdict
from ferstudio.studio.feature_space import FeatureSpace


def feature_verdict(spaces: Sequence[FeatureSpace]) -> Verdict:
    """Return the sentence above one or two maps: among whom the face stands, clean and covered."""
    near = len(spaces[0].steps[0].near)
    return Verdict(f"Of its {near} nearest faces:", f"{'; '.join(map(_told, spaces))}.")


def far_sentence(space: FeatureSpace) -> str:
    """Return that the face, clean or wholly covered, is far from all faces of the map, or ""."""
    clean, covered = space.steps[0], space.steps[-1]
    if max(clean.away, covered.away) <= 1:
        return ""
    lead, step = ("The face", clean) if clean.away > 1 else ("The covered face", covered)
    return (
        f"{lead} is far from all faces of this map, {step.away:.1f} times as far as 99 in 100 of "
        "them are from their neighbours: who stands near it says little."
    )


def _told(space: FeatureSpace) -> str:
    """Return what its nearest faces show: "with CSINet 10 show happiness, covered 5 show fear"."""
    emotion, count = space.shown_by(space.steps[0].near)
    said = f"with {space.title} {_show(count)} {emotion}"
    if len(space.steps) == 1:
        return said
    after, still = space.shown_by(space.steps[-1].near)
    now = str(still) if after == emotion else f"{_show(still)} {after}"
    return f"{said}, covered {now}"


def _show(count: int) -> str:
    return f"{count} shows" if count == 1 else f"{count} show"
