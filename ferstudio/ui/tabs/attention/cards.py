"""A network's attention as HTML: its inventory, its maps, bars and shares. Pure functions."""

import math
from collections.abc import Sequence
from html import escape

from ferstudio.explain.attention_maps import (
    AttentionBlock,
    AttentionKind,
    AttentionMap,
    AttentionView,
    BranchShares,
    ChannelWeights,
    RegionShare,
    main_map,
)
from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.models.attention import AttentionRole
from ferstudio.sentences.attention import EVEN_CONTRAST, attention_summary, attention_verdict
from ferstudio.studio.attention import AttentionReport
from ferstudio.studio.results import Guidance, View
from ferstudio.types import Prediction
from ferstudio.ui import words as text
from ferstudio.ui.parts.bars import percent
from ferstudio.ui.parts.data_uri import data_uri
from ferstudio.ui.parts.figures import (
    edged,
    guidance_pictures,
    heat_picture,
    limits,
    sorted_bars,
)

MAIN_SIDE_PX = 384
THUMB_SIDE_PX = 160
"""Sides of the pictures, more than is shown, so that they stay sharp when enlarged."""

ALL_BLOCKS = "*"
"""Stands for all blocks where one is switched off."""

PER_ROW, PER_ROW_BESIDE, PER_ROW_OF_BARS = 9, 7, 8
"""At most so many maps stand in a row over the whole width and beside the main map, and so many
channel bars."""

NARROW = 4
"""A card of at most so many maps or bars takes half of the width."""


def inventory(blocks: Sequence[AttentionBlock]) -> str:
    """Return what attention a network has as a row of notes; nothing where it has none."""
    notes = "".join(_note([blocks[index] for index in group]) for group in grouped(blocks))
    return f'<p class="inventory">{text.HAS_ATTENTION} {notes}</p>' if notes else ""


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


def own_attention(title: str, view: View) -> str:
    """Return what a network's own attention did, small enough for a row of the Compare tab."""
    main = main_map(view.attention)
    if main is not None:
        picture = heat_picture(view.seen, main.heatmap, THUMB_SIDE_PX)
        alt = escape(text.attention_alt(title, main.block.place))
        plate = edged(f'<img src="{data_uri(picture)}" alt="{alt}">', main.rows, main.columns)
        even = f"<small>{text.NEARLY_EVEN}</small>" if main.contrast < EVEN_CONTRAST else ""
        tip = text.own_attention_tip(main.block.place, limits(*main.heatmap.raw_range))
        return f'<div class="own" tabindex="0" title="{escape(tip)}">{plate}{even}</div>'
    words = attention_summary(view.attention) or text.NO_OWN_ATTENTION
    return f'<div class="own words" title="{escape(text.OWN_ATTENTION_TIP)}">{escape(words)}</div>'


def inside(report: AttentionReport, without: Prediction | None, off: str) -> str:
    """Return the whole answer of the Attention tab.

    Args:
        report: what the studio found.
        without: the model's answer with the blocks of `off` switched off; with all of them where
            nothing is off, to say what would happen. None where there are none.
        off: a block's qualified name, `ALL_BLOCKS`, or "" where nothing is switched off.
    """
    head = f'<section class="inside"><header class="verdict">{_headline(report)}</header>'
    if without is None:
        return f'{head}<p class="message">{escape(text.NO_ATTENTION)}</p></section>'
    groups = [
        [report.views[index] for index in group]
        for group in grouped([view.block for view in report.views])
    ]
    main = report.main
    first = next(group for group in groups if main is None or any(v is main for v in group))
    rest = [group for group in groups if group is not first]
    left = "" if main is None else _main_card(report, main, off)
    strip = "" if main is not None and len(first) == 1 else _group(report, first, off)
    beside = next((group for group in rest if not strip and len(group) <= NARROW), None)
    rest = [group for group in rest if group is not beside]
    below = "" if beside is None else _group(report, beside, off)
    side = (
        f'<div class="side">{strip}<article class="card duo">'
        f"{_switch(report, without, off)}{_regions(report.regions)}</article>{below}</div>"
    )
    cards = "".join(_group(report, group, off) for group in rest) + _guidance(report.guidance)
    kind = "first with-map" if main is not None else "first"
    return f'{head}<div class="{kind}">{left}{side}</div><div class="rest">{cards}</div></section>'


def _headline(report: AttentionReport) -> str:
    said = attention_verdict(report)
    aside = (
        f'<p class="aside" title="{escape(text.INSIDE_ASIDE_TIP)}">{text.INSIDE_ASIDE}</p>'
        if report.views
        else ""
    )
    return f"<h1>{escape(said.lead)} <em>{escape(said.outcome)}</em></h1>{aside}"


def _note(blocks: Sequence[AttentionBlock]) -> str:
    first, last = blocks[0], blocks[-1]
    tip = f"{text.KIND_NOTES[first.kind.value]} {first.summary}"
    named = text.block_count(len(blocks), first.title)
    if first.title != last.title:
        named = f"{first.title} + {text.block_count(len(blocks) - 1, last.title)}"
    size = text.one_to_other(_size(first), _size(last))
    return f'<span title="{escape(tip)}"><b>{escape(named)}</b> {size}</span>'


def _size(block: AttentionBlock) -> str:
    if block.native_size == (1, 1):
        scales = block.kind is AttentionKind.SCALES
        return text.scales(block.channels) if scales else text.channels(block.channels)
    return text.cells(*block.native_size)


def _main_card(report: AttentionReport, main: AttentionMap, off: str) -> str:
    block = main.block
    picture = heat_picture(report.seen, main.heatmap, MAIN_SIDE_PX)
    alt = escape(text.attention_alt(report.title, block.place))
    plate = edged(f'<img src="{data_uri(picture)}" alt="{alt}">', main.rows, main.columns)
    return (
        f'<article class="card look{_dimmed(block, off)}"><h2>{escape(report.title)} · '
        f'{escape(block.place)}</h2><p class="what">{escape(_kind_note(block))}</p>'
        f"{plate}{_facts(main)}</article>"
    )


def _facts(view: AttentionMap) -> str:
    block = view.block
    even = (
        f' <span class="even" title="{escape(text.NEARLY_EVEN_TIP)}">{text.NEARLY_EVEN}</span>'
        if view.contrast < EVEN_CONTRAST
        else ""
    )
    weights = text.weights(limits(*view.heatmap.raw_range))
    return (
        f'<p class="facts"><span title="{escape(text.CELLS_TIP)}">'
        f"{text.cells(*block.native_size)}</span> · "
        f'<span title="{escape(text.WEIGHTS_TIP)}">{weights}</span>{even}</p>'
    )


def _group(report: AttentionReport, views: Sequence[AttentionView], off: str) -> str:
    """Return the card of views that belong together."""
    title = views[0].block.title
    maps = [view for view in views if isinstance(view, AttentionMap)]
    if maps:
        sequence = maps[0].block.role is AttentionRole.MAP
        heading = f"{title} · {text.SEQUENCE if sequence else text.SAME_GATE}"
        note = _sequence_note(maps[-1].block) if sequence else _kind_note(maps[-1].block)
        body = "".join(_thumb(report, view, off) for view in maps)
        most = PER_ROW_BESIDE if report.main in maps else PER_ROW
        return _card(heading, note, _strip(body, len(maps), most), len(maps), note)
    branches = [view for view in views if isinstance(view, BranchShares)]
    if branches:
        heading = f"{title} · {text.BRANCHES_HEADING}"
        return _card(heading, "", _stacks(branches, off), 99, text.BRANCHES_TIP)
    bars = [view for view in views if isinstance(view, ChannelWeights)]
    body = "".join(_bars(view, off) for view in bars)
    note = text.KIND_NOTES[AttentionKind.CHANNELS.value]
    return _card(title, note, _strip(body, len(bars), PER_ROW_OF_BARS), len(bars), text.HALF_TIP)


def _card(heading: str, note: str, body: str, count: int, tip: str) -> str:
    wide = " wide" if count > NARROW else ""
    words = f'<p class="what">{escape(note)}</p>' if note else ""
    return (
        f'<article class="card{wide}"><h2 title="{escape(tip)}">{escape(heading)}</h2>'
        f"{words}{body}</article>"
    )


def _strip(figures: str, count: int, most: int) -> str:
    """Return figures in rows of one length, of at most `most`."""
    per_row = math.ceil(count / math.ceil(count / most))
    return f'<div class="strip" style="--count:{per_row}">{figures}</div>'


def _kind_note(block: AttentionBlock) -> str:
    return text.KIND_NOTES[block.kind.value]


def _sequence_note(last: AttentionBlock) -> str:
    return text.SEQUENCE_ERASES if last.reverse else text.SEQUENCE_KEEPS


def _thumb(report: AttentionReport, view: AttentionMap, off: str) -> str:
    block = view.block
    picture = heat_picture(report.seen, view.heatmap, THUMB_SIDE_PX, in_cells=True)
    role = text.ERASES if block.reverse else ""
    caption = " ".join(filter(None, (block.place, role)))
    alt = escape(text.attention_alt(report.title, block.place))
    return (
        f'{_button("map", block, off)}<img src="{data_uri(picture)}" alt="{alt}">'
        f"<b>{escape(caption)}</b><span>{text.cells(*block.native_size)}</span>"
        f"<span>{limits(*view.heatmap.raw_range)}</span></button>"
    )


def _button(kind: str, block: AttentionBlock, off: str) -> str:
    is_off = off in (ALL_BLOCKS, block.module)
    tip = text.block_tip(block.place, block.title, is_off)
    return (
        f'<button type="button" class="{kind}{_dimmed(block, off)}" '
        f'data-off="{escape(block.module)}" aria-pressed="{str(is_off).lower()}" '
        f'title="{escape(tip)}">'
    )


def _dimmed(block: AttentionBlock, off: str) -> str:
    return " off" if off in (ALL_BLOCKS, block.module) else ""


def _bars(view: ChannelWeights, off: str) -> str:
    weights, block = view.weights, view.block
    words = text.half_of_weight(view.half_count, weights.size)
    between = text.weights(limits(float(weights[-1]), float(weights[0])))
    return (
        f"{_button('chart', block, off)}<b>{escape(block.place)}</b>"
        f"{sorted_bars(weights, view.half_count)}"
        f'<span title="{escape(text.HALF_TIP)}">{words}</span><span>{between}</span></button>'
    )


def _stacks(views: Sequence[BranchShares], off: str) -> str:
    names = views[0].names
    keys = "".join(
        f'<span><i style="background:var(--branch-{index})"></i>{escape(name)}</span>'
        for index, name in enumerate(names)
    )
    columns = "".join(_stack(view, off) for view in views)
    return f'<div class="stacks">{columns}</div><p class="keys">{keys}</p>'


def _stack(view: BranchShares, off: str) -> str:
    block = view.block
    numbers = zip(view.names, view.shares, view.lowest, view.highest, strict=True)
    segments = "".join(
        f'<i style="height:{100 * share:.1f}%;background:var(--branch-{index})" '
        f'title="{escape(_branch_tip(block, name, share, low, high))}">{100 * share:.0f}</i>'
        for index, (name, share, low, high) in enumerate(numbers)
    )
    short = block.place.removeprefix("block ")
    return (
        f'{_button("stack", block, off)}<span class="column">{segments}</span>'
        f"<b>{escape(short)}</b></button>"
    )


def _branch_tip(block: AttentionBlock, name: str, share: float, low: float, high: float) -> str:
    return text.branch_tip(block.place, name, percent(share), percent(low), percent(high))


def _regions(regions: Sequence[RegionShare]) -> str:
    if not regions:
        return ""
    parts = "".join(
        f'<i class="{region.name}" style="width:{100 * region.share:.2f}%" '
        f'title="{escape(_region_tip(region))}"></i>'
        for region in regions
    )
    words = "".join(
        f'<span title="{escape(_region_tip(region))}"><i class="{region.name}"></i>'
        f"<b>{percent(region.share)}</b> {region.name} <small>×{region.lift:.1f}</small></span>"
        for region in regions
    )
    return (
        f'<div class="regions"><h2 title="{escape(text.REGIONS_TIP)}">{text.REGIONS_HEADING}</h2>'
        f'<p class="keys">{words}</p><div class="region-bar">{parts}</div></div>'
    )


def _region_tip(region: RegionShare) -> str:
    return text.region_tip(region.name, percent(region.share), percent(region.area), region.lift)


def _switch(report: AttentionReport, without: Prediction, off: str) -> str:
    places = {view.block.module: f"{view.block.title}, {view.block.place}" for view in report.views}
    what = places.get(off, text.SWITCH_LABEL)
    state = text.attention_state(what, bool(off))
    pairs = "".join(_pair(emotion, report.prediction, without) for emotion in DISPLAY_ORDER)
    return (
        f'<div class="switch"><h2 title="{escape(text.SWITCH_TIP)}">{text.SWITCH_HEADING}</h2>'
        f'<div class="lever"><button type="button" class="toggle" role="switch" '
        f'aria-checked="{str(not off).lower()}" data-off="{escape(off or ALL_BLOCKS)}" '
        f'aria-label="{text.SWITCH_LABEL}" title="{escape(text.SWITCH_TIP)}"><i></i></button>'
        f"<p>{escape(state)} <em>{escape(change(report.prediction, without))}</em></p></div>"
        f'<div class="bars">{pairs}</div><p class="keys">'
        f'<span><i class="key clean"></i>{text.LEGEND_ON}</span>'
        f'<span><i class="key covered"></i>{text.LEGEND_OFF}</span></p></div>'
    )


def change(on: Prediction, off: Prediction) -> str:
    """Return what switching off did: "surprise 91 % → 63 %, fear 22 %".

    The second emotion is the new answer, or else the one that gained most, if at least 5 points.
    """
    top = on.top
    words = f"{top} {percent(on.confidence)} → {percent(off.probability_of(top))}"
    gains = {label: off.probability_of(label) - on.probability_of(label) for label in on.labels}
    gainer = off.top if off.top != top else max(gains, key=lambda label: gains[label])
    if gainer != top and (off.top != top or gains[gainer] >= 0.05):
        words += f", {gainer} {percent(off.probability_of(gainer))}"
    return f"{words}."


def _pair(emotion: str, on: Prediction, off: Prediction) -> str:
    shares = [each.probability_of(emotion) for each in (on, off)]
    tip = (
        text.on_off_tip(emotion, *(percent(share) for share in shares))
        if emotion in on.labels
        else text.unknown_emotion(emotion)
    )
    bars = "".join(
        f'<i class="bar {kind}" style="height:{100 * share:.1f}%"></i>'
        for kind, share in zip(("clean", "covered"), shares, strict=True)
    )
    return (
        f'<div class="pair" style="--c:{EMOTION_COLOURS[emotion]}" title="{escape(tip)}">'
        f'<div class="tracks">{bars}</div><span class="tick">{emotion[:3]}</span></div>'
    )


def _guidance(guidance: Guidance | None) -> str:
    if guidance is None:
        return ""
    figures = "".join(
        f'<figure class="map"><img src="{data_uri(image, THUMB_SIDE_PX)}" alt="{escape(words)}">'
        f"<b>{escape(words)}</b></figure>"
        for image, words in guidance_pictures(guidance)
    )
    words = text.guidance(guidance.alpha)
    return _card(text.GUIDANCE_HEADING, words, _strip(figures, 2, PER_ROW), 2, "")
