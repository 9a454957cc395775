"""A network's attention as HTML: its inventory, its maps, bars and shares. Pure functions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ferstudio.explain.attention_maps import (
    AttentionBlock,
    AttentionKind,
    AttentionMap,
    AttentionView,
    BranchShares,
    ChannelBars,
)
from ferstudio.explain.face_parts import RegionShare
from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.models.attention import AttentionRole
from ferstudio.sentences.attention import EVEN_CONTRAST, attention_verdict
from ferstudio.sentences.face import headline
from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.attention import AttentionReport
from ferstudio.studio.results import Guidance
from ferstudio.types import FaceCrop, Prediction
from ferstudio.ui import words as shared
from ferstudio.ui.parts.bars import Pair
from ferstudio.ui.parts.face_note import FaceNote
from ferstudio.ui.parts.figures import guidance_pictures, heat_picture, limits, plate, sorted_bars
from ferstudio.ui.tabs.attention import words
from ferstudio.ui.templates import render

MAIN_SIDE_PX = 384
THUMB_SIDE_PX = 256
"""Sides of the pictures, more than is shown, so that they stay sharp when enlarged."""

ALL_BLOCKS = "*"
"""Stands for all blocks where one is switched off."""

PER_ROW, PER_ROW_BESIDE, PER_ROW_OF_BARS = 9, 7, 8
"""At most so many maps stand in a row over the whole width and beside the main map, and so many
channel bars."""

NARROW = 4
"""A card of at most so many maps or bars takes half of the width."""


@dataclass(frozen=True, slots=True)
class BlockButton:
    """A block that a click switches off, and on again.

    Attributes:
        module: its qualified name.
        off: whether it is off.
        tip: what a click does.
    """

    module: str
    off: bool
    tip: str


def inventory(blocks: Sequence[AttentionBlock], worth: str = "") -> Markup:
    """Return what attention a network has as a row of notes; nothing where it has none.

    Args:
        blocks: all of it.
        worth: a sentence about what it is worth; "" where that isn't known.
    """
    notes = [_note([blocks[index] for index in group]) for group in grouped(blocks)]
    if not notes:
        return Markup()
    return render("attention/inventory.html", words=words, notes=notes, worth=worth)


def grouped(blocks: Sequence[AttentionBlock]) -> list[list[int]]:
    """Return the indices of blocks that are shown together, in the order of use.

    Blocks of one title and kind; and a predicted map with the gates per place that follow it.
    """
    groups: dict[tuple[str, AttentionKind], list[int]] = {}
    predicted: tuple[str, AttentionKind] | None = None
    for index, block in enumerate(blocks):
        key = (block.title, block.kind)
        if block.role is AttentionRole.MAP:
            predicted = key
        elif predicted is not None and block.kind is AttentionKind.PLACES:
            key = predicted
        groups.setdefault(key, []).append(index)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class LookedAt:
    """The face that a report is about.

    Attributes:
        crop: the face, as it was asked about.
        note: what is known of it.
        covered: whether it is the covered one; None where nothing covers it.
    """

    crop: FaceCrop
    note: FaceNote
    covered: bool | None = None


def inside(
    report: AttentionReport, without: Prediction | None, off: str, looked_at: LookedAt
) -> Markup:
    """Return the whole answer of the Attention tab.

    Args:
        report: what the studio found.
        without: the model's answer with the blocks of `off` switched off; with all of them where
            nothing is off, to say what would happen. None where there are none.
        off: a block's qualified name, `ALL_BLOCKS`, or "" where nothing is switched off.
        looked_at: the face.
    """
    said = headline(attention_verdict(report, looked_at.covered), looked_at.crop)
    about = {"words": words, "shared": shared, "said": said, "face": looked_at.note}
    if without is None:
        lacks = words.NO_KNOWN_ATTENTION if report.imported else words.NO_ATTENTION
        return render("attention/inside.html", views=(), lacks=lacks, **about)
    groups = [
        [report.views[index] for index in group]
        for group in grouped([view.block for view in report.views])
    ]
    main = report.main
    first = next(group for group in groups if main is None or any(v is main for v in group))
    rest = [group for group in groups if group is not first]
    strip = "" if main is not None and len(first) == 1 else _group(report, first, off)
    beside = next((group for group in rest if not strip and len(group) <= NARROW), None)
    cards = [_group(report, group, off) for group in rest if group is not beside]
    return render(
        "attention/inside.html",
        **about,
        views=report.views,
        main=None if main is None else _main(report, main, off),
        strip=strip,
        switch=_switch(report, without, off),
        regions=_regions(report.regions),
        beside="" if beside is None else _group(report, beside, off),
        cards=[*cards, _guidance(report.guidance)],
    )


def _note(blocks: Sequence[AttentionBlock]) -> dict[str, str]:
    first, last = blocks[0], blocks[-1]
    named = words.block_count(len(blocks), first.title)
    if first.title != last.title:
        named = f"{first.title} + {words.block_count(len(blocks) - 1, last.title)}"
    return {
        "tip": f"{_kind_note(first)} {first.summary}",
        "named": named,
        "size": words.one_to_other(_size(first), _size(last)),
    }


def _size(block: AttentionBlock) -> str:
    if block.native_size == (1, 1):
        scales = block.kind is AttentionKind.SCALES
        return words.scales(block.channels) if scales else words.channels(block.channels)
    return words.cells(*block.native_size)


def _main(report: AttentionReport, main: AttentionMap, off: str) -> dict[str, Any]:
    block = main.block
    return {
        "off": _is_off(block, off),
        "heading": f"{report.title} · {block.place}",
        "note": _kind_note(block),
        "plate": plate(report.seen, main, report.title, MAIN_SIDE_PX),
        "cells": words.cells(*block.native_size),
        "weights": words.weights(limits(*main.heatmap.raw_range)),
        "nearly_even": main.contrast < EVEN_CONTRAST,
    }


def _group(report: AttentionReport, views: Sequence[AttentionView], off: str) -> Markup:
    """Return the card of views that belong together."""
    maps = [view for view in views if isinstance(view, AttentionMap)]
    if maps:
        return _maps(report, maps, off)
    branches = [view for view in views if isinstance(view, BranchShares)]
    if branches:
        return _branches(branches, off)
    return _channels([view for view in views if isinstance(view, ChannelBars)], off)


def _maps(report: AttentionReport, views: Sequence[AttentionMap], off: str) -> Markup:
    first, last = views[0].block, views[-1].block
    sequence = first.role is AttentionRole.MAP
    note = _kind_note(last)
    if sequence:
        note = words.SEQUENCE_ERASES if last.reverse else words.SEQUENCE_KEEPS
    most = PER_ROW_BESIDE if report.main in views else PER_ROW
    return _card(
        f"{first.title} · {words.SEQUENCE if sequence else words.SAME_GATE}",
        note,
        note,
        count=len(views),
        per_row=_per_row(len(views), most),
        maps=[_map(report, view, off) for view in views],
    )


def _branches(views: Sequence[BranchShares], off: str) -> Markup:
    return _card(
        f"{views[0].block.title} · {words.BRANCHES_HEADING}",
        "",
        words.BRANCHES_TIP,
        names=views[0].names,
        stacks=[_stack(view, off) for view in views],
    )


def _channels(views: Sequence[ChannelBars], off: str) -> Markup:
    return _card(
        views[0].block.title,
        words.KIND_NOTES[AttentionKind.CHANNELS.value],
        words.HALF_TIP,
        count=len(views),
        per_row=_per_row(len(views), PER_ROW_OF_BARS),
        charts=[_chart(view, off) for view in views],
    )


def _card(heading: str, note: str, tip: str, *, count: int = NARROW + 1, **shown: Any) -> Markup:
    """Return the card of a group; `shown` is one of maps, charts, stacks and pictures."""
    nothing = {"maps": (), "charts": (), "stacks": ()}
    about = {"words": words, "heading": heading, "note": note, "tip": tip, "wide": count > NARROW}
    return render("attention/group.html", **nothing | about | shown)


def _per_row(count: int, most: int) -> int:
    """Return how many figures make rows of one length, of at most `most`."""
    return math.ceil(count / math.ceil(count / most))


def _kind_note(block: AttentionBlock) -> str:
    return words.KIND_NOTES[block.kind.value]


def _map(report: AttentionReport, view: AttentionMap, off: str) -> dict[str, Any]:
    block = view.block
    role = words.ERASES if block.reverse else ""
    return {
        "block": _button(block, off),
        "picture": heat_picture(report.seen, view.heatmap, THUMB_SIDE_PX, in_cells=True),
        "alt": shared.attention_alt(report.title, block.place),
        "caption": " ".join(filter(None, (block.place, role))),
        "cells": words.cells(*block.native_size),
        "limits": limits(*view.heatmap.raw_range),
    }


def _button(block: AttentionBlock, off: str) -> BlockButton:
    is_off = _is_off(block, off)
    return BlockButton(block.module, is_off, words.block_tip(block.place, block.title, is_off))


def _is_off(block: AttentionBlock, off: str) -> bool:
    return off in (ALL_BLOCKS, block.module)


def _chart(view: ChannelBars, off: str) -> dict[str, Any]:
    weights = view.weights
    return {
        "block": _button(view.block, off),
        "place": view.block.place,
        "bars": sorted_bars(weights, view.half_count),
        "half": words.half_of_weight(view.half_count, weights.size),
        "weights": words.weights(limits(float(weights[-1]), float(weights[0]))),
    }


def _stack(view: BranchShares, off: str) -> dict[str, Any]:
    place = view.block.place
    numbers = zip(view.names, view.shares, view.lowest, view.highest, strict=True)
    shares = [
        {
            "share": share,
            "tip": words.branch_tip(
                place, name, short_percent(share), short_percent(low), short_percent(high)
            ),
        }
        for name, share, low, high in numbers
    ]
    short = place.removeprefix("block ")
    return {"block": _button(view.block, off), "place": short, "shares": shares}


def _regions(regions: Sequence[RegionShare]) -> Markup:
    if not regions:
        return Markup()
    shown = [
        {
            "name": region.name,
            "share": region.share,
            "lift": region.lift,
            "tip": words.region_tip(
                region.name, short_percent(region.share), short_percent(region.area), region.lift
            ),
        }
        for region in regions
    ]
    return render("attention/regions.html", words=words, regions=shown)


def _switch(report: AttentionReport, without: Prediction, off: str) -> Markup:
    places = {view.block.module: f"{view.block.title}, {view.block.place}" for view in report.views}
    return render(
        "attention/switch.html",
        words=words,
        off=off,
        all_blocks=ALL_BLOCKS,
        state=words.attention_state(places.get(off, words.SWITCH_LABEL), bool(off)),
        change=change(report.prediction, without),
        pairs=[_pair(emotion, report.prediction, without) for emotion in DISPLAY_ORDER],
    )


def change(on: Prediction, off: Prediction) -> str:
    """Return what switching off did: "surprise 91 % → 63 %, fear 22 %".

    The second emotion is the new answer, or else the one that gained most, if at least 5 points.
    """
    top = on.top
    words = f"{top} {short_percent(on.confidence)} → {short_percent(off.probability_of(top))}"
    gains = {label: off.probability_of(label) - on.probability_of(label) for label in on.labels}
    gainer = off.top if off.top != top else max(gains, key=lambda label: gains[label])
    if gainer != top and (off.top != top or gains[gainer] >= 0.05):
        words += f", {gainer} {short_percent(off.probability_of(gainer))}"
    return f"{words}."


def _pair(emotion: str, on: Prediction, off: Prediction) -> Pair:
    shares = [each.probability_of(emotion) for each in (on, off)]
    tip = shared.unknown_emotion(emotion)
    if emotion in on.labels:
        tip = words.on_off_tip(emotion, *(short_percent(share) for share in shares))
    return Pair(emotion, EMOTION_COLOURS[emotion], tip, *shares)


def _guidance(guidance: Guidance | None) -> Markup:
    if guidance is None:
        return Markup()
    return _card(
        words.GUIDANCE_HEADING,
        shared.guidance(guidance.alpha),
        "",
        count=2,
        per_row=_per_row(2, PER_ROW),
        pictures=guidance_pictures(guidance),
        side_px=THUMB_SIDE_PX,
    )
