"""The sentence above maps of faces: among whom the face stands, clean and covered."""

from collections.abc import Sequence

from ferstudio.sentences.sentence import Verdict
from ferstudio.studio.feature_space import FeatureSpace, Step


def feature_verdict(spaces: Sequence[FeatureSpace]) -> Verdict:
    """Return the sentence above one or two maps: among whom the face stands, clean and covered."""
    near = len(spaces[0].steps[0].near)
    covered = len(spaces[0].steps) > 1
    lead = f"Its {near} nearest faces{', clean to covered' if covered else ''}:"
    ends = (0, -1) if covered else (0,)
    told = [
        f"{space.title} {' → '.join(_among(space, space.steps[end]) for end in ends)}"
        for space in spaces
    ]
    return Verdict(lead, f"{'; '.join(told)}.")


def _among(space: FeatureSpace, step: Step) -> str:
    emotion, count = space.shown_by(step.near)
    return f"{count} {emotion}"
