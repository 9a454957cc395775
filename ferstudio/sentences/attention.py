"""The sentence above a network's attention: where it looks, or what else it prefers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ferstudio.explain.attention_maps import (
    AttentionMap,
    AttentionView,
    BranchShares,
    ChannelBars,
)
from ferstudio.explain.face_parts import ELSEWHERE, RegionShare
from ferstudio.sentences.sentence import Verdict, on_face, percent
from ferstudio.studio.attention import AttentionReport

EVEN_CONTRAST = 0.05
"""Below this contrast (see `AttentionMap.contrast`) a map is called even."""

NO_ATTENTION = "it has no attention of its own."
NO_KNOWN_ATTENTION = "what attention it may have of its own can't be looked at."

FAVOURED_LIFT = 1.5
"""From this lift on (see `RegionShare.lift`) a map is said to favour a part of the face."""


AVOIDED_LIFT = 0.5
"""Up to this lift a map is said to avoid a part of the face."""


def attention_verdict(report: AttentionReport, covered: bool | None = None) -> Verdict:
    """Return the sentence above a report: where the network looks, or what else it prefers.

    Args:
        report: what was found.
        covered: whether it is about the covered face; None where nothing covers it.
    """
    lead = f"{on_face(report.title, covered)} answers {report.prediction.top}:"
    if report.main is not None:
        return Verdict(lead, _where(report, report.main))
    return Verdict(lead, attention_summary(report.views) or without_attention(report))


def without_attention(report: AttentionReport) -> str:
    """Return what there is to say of a network of which no attention is known."""
    return NO_KNOWN_ATTENTION if report.imported else NO_ATTENTION


def attention_worth(measured: Mapping[str, Any]) -> str:
    """Return what a network's attention is worth, as its card says; "" where that isn't known."""
    if not measured:
        return ""
    low, high = measured["ci95"]
    points, least, most = (_points(value) for value in (measured["worth"], low, high))
    faces = f"on {measured['n']:,} faces"
    if low <= 0 <= high:
        shown = f"{points} points ({least} to {most})"
        return f"Its attention is worth nothing that shows {faces}: {shown}."
    if low > 0:
        return f"Looking at the face gains it {points} points {faces} ({least} to {most})."
    points, most, least = (_points(-value) for value in (measured["worth"], low, high))
    return f"Looking at the face costs it {points} points {faces} ({least} to {most})."


def _points(share: float) -> str:
    return f"{100 * share:.1f}".replace("-", "−")


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


def _where(report: AttentionReport, main: AttentionMap) -> str:
    if main.contrast < EVEN_CONTRAST:
        return (
            f"its attention is even over the face, to within {percent(max(main.contrast, 0.01))}."
        )
    return f"its attention {favours(report.regions)}."


def favours(regions: Sequence[RegionShare]) -> str:
    """Return which parts of the face a map favours and avoids: "favours the mouth (...)"."""
    named = [region for region in regions if region.name != ELSEWHERE]
    favoured = [region for region in named if region.lift >= FAVOURED_LIFT]
    avoided = [region for region in named if region.lift <= AVOIDED_LIFT]
    favoured.sort(key=lambda region: region.share, reverse=True)
    avoided.sort(key=lambda region: region.lift)
    told = [
        f"{verb} the {_listed(parts[:2])}"
        for verb, parts in (("favours", favoured), ("avoids", avoided))
        if parts
    ]
    return " and ".join(told) or "favours no part of the face"


def _listed(regions: Sequence[RegionShare]) -> str:
    """Return one or two parts with what of the map lies on them."""
    first, *others = regions
    words = f"{first.name} ({percent(first.share)} of it on {percent(first.area)} of the picture)"
    for other in others:
        words += f" and the {other.name} ({percent(other.share)} on {percent(other.area)})"
    return words


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
