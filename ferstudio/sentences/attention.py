"""The sentence above a network's attention: where it looks, or what else it prefers."""

from collections.abc import Sequence

import numpy as np

from ferstudio.explain.attention_maps import (
    AttentionMap,
    AttentionView,
    BranchShares,
    ChannelBars,
)
from ferstudio.explain.face_parts import ELSEWHERE
from ferstudio.sentences.sentence import Verdict, percent
from ferstudio.studio.attention import AttentionReport

EVEN_CONTRAST = 0.05
"""Below this contrast (see `AttentionMap.contrast`) a map is called even."""

NO_ATTENTION = "it has no attention of its own."

FAVOURED_LIFT = 1.5
"""From this lift on (see `RegionShare.lift`) a map is said to favour a part of the face."""


def attention_verdict(report: AttentionReport) -> Verdict:
    """Return the sentence above a report: where the network looks, or what else it prefers."""
    if report.main is not None:
        return _where(report, report.main)
    return Verdict(_answer(report), attention_summary(report.views) or NO_ATTENTION)


def attention_summary(views: Sequence[AttentionView]) -> str:
    """Return what blocks that know no places prefer, in words; "" where there are none."""
    branches = [view for view in views if isinstance(view, BranchShares)]
    if branches:
        return _which_branch(branches)
    channels = [view for view in views if isinstance(view, ChannelBars)]
    if not channels:
        return ""
    last = channels[-1]
    return (
        f"{last.half_count} of {last.weights.size} channels carry half of the weight in "
        f"{last.block.place}."
    )


def _where(report: AttentionReport, main: AttentionMap) -> Verdict:
    named = [region for region in report.regions if region.name != ELSEWHERE]
    favoured = [region for region in named if region.lift >= FAVOURED_LIFT]
    favoured.sort(key=lambda region: region.share, reverse=True)
    if main.contrast < EVEN_CONTRAST:
        return Verdict(
            _answer(report),
            f"its attention is even over the face, to within {percent(max(main.contrast, 0.01))}.",
        )
    if not favoured:
        return Verdict(_answer(report), "its attention favours no part of the face.")
    first, *others = favoured[:2]
    words = (
        f"its attention favours the {first.name} ({percent(first.share)} of it on "
        f"{percent(first.area)} of the picture)"
    )
    for other in others:
        words += f" and the {other.name} ({percent(other.share)} on {percent(other.area)})"
    return Verdict(_answer(report), f"{words}.")


def _which_branch(branches: list[BranchShares]) -> str:
    means = np.mean([view.shares for view in branches], axis=0)
    names, blocks = branches[0].names, len(branches)
    if len({percent(share) for share in means.tolist()}) == 1:
        return f"it trusts all {len(names)} kernel sizes alike."
    best = int(means.argmax())
    return (
        f"it trusts the {names[best]} kernels most, with {percent(float(means[best]))} over "
        f"{blocks} blocks."
    )


def _answer(report: AttentionReport) -> str:
    return f"{report.title} answers {report.prediction.top}:"
