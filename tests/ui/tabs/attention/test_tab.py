"""The Attention tab: every kind of view becomes HTML, and its handlers survive anything."""

import re
from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest
from markupsafe import escape

from ferstudio.explain.attention_maps import (
    AttentionBlock,
    AttentionKind,
    AttentionMap,
    AttentionView,
)
from ferstudio.explain.face_parts import RegionShare
from ferstudio.models.attention import AttentionRole
from ferstudio.occlusion.occluder import Occluded
from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.attention import AttentionReport
from ferstudio.studio.results import Guidance
from ferstudio.studio.selection import NONE, Selection
from ferstudio.studio.works import Watch, unwatched
from ferstudio.types import FaceCrop, Prediction
from ferstudio.ui import words as shared
from ferstudio.ui.dispatch import Question
from ferstudio.ui.parts.face_note import FaceNote
from ferstudio.ui.tabs.attention import cards, words
from ferstudio.ui.tabs.attention.cards import ALL_BLOCKS, LookedAt, change, grouped, inventory
from ferstudio.ui.tabs.attention.tab import AttentionTab, switched
from tests.ui.events import event
from tests.ui.fake_studio import MODELS, SIZE, FakeStudio, crop, prediction
from tests.ui.laid_out import answers, laid_out, options_of, selection
from tests.ui.tabs.attention.attention_parts import CHANNELS, EDGES, SHARES, block, map_view

REGIONS = (RegionShare("mouth", 0.54, 0.03), RegionShare("elsewhere", 0.46, 0.97))


def report(*views: AttentionView, guidance: Guidance | None = None) -> AttentionReport:
    main = next((view for view in views if isinstance(view, AttentionMap)), None)
    return AttentionReport(
        name="net.test",
        title="<Net>",
        prediction=prediction("surprise", 0.91),
        views=views,
        main=main,
        regions=REGIONS if main is not None else (),
        seen=crop().image,
        guidance=guidance,
        elapsed_s=0.1,
    )


def inside(
    report: AttentionReport, without: Prediction | None, off: str, covered: bool | None = None
) -> str:
    return cards.inside(report, without, off, LookedAt(crop(), FaceNote("", ""), covered))


def pictures(html: str) -> list[str]:
    return re.findall(r'<img src="(data:[^"]+)"', html)


def test_a_map_shows_its_profiles_range_and_regions() -> None:
    html = inside(report(EDGES), prediction("surprise", 0.63), "")
    assert len(pictures(html)) == 1
    assert html.count("<polyline") == 2
    assert "3×3" in html
    assert "weights 0.25–0.90" in html
    assert f"<b>{short_percent(0.54)}</b> mouth <small>×18.0</small>" in html
    assert escape(words.region_tip("mouth", short_percent(0.54), short_percent(0.03), 18.0)) in html
    assert "&lt;Net&gt;" in html
    assert "<Net>" not in html
    assert shared.NEARLY_EVEN not in html


def test_a_map_that_hardly_differs_is_marked_and_its_range_is_told_apart() -> None:
    html = inside(report(map_view("a", high=0.2504)), prediction("fear"), "")
    assert shared.NEARLY_EVEN in html
    assert "weights 0.2500–0.2504" in html


def test_blocks_of_a_kind_stand_side_by_side_and_each_can_be_switched_off() -> None:
    views = [map_view(name, AttentionKind.EDGES) for name in "abc"]
    html = inside(report(*views), prediction("fear"), "b")
    assert re.findall(r'class="map( off)?" data-off="(\w)" aria-pressed="(\w+)"', html) == [
        ("", "a", "false"), (" off", "b", "true"), ("", "c", "false"),
    ]  # fmt: skip
    assert 'aria-checked="false" data-off="b"' in html
    assert "Made up, at b is off:" in html


def test_the_switch_says_what_it_does_before_and_after() -> None:
    without = prediction("fear", 0.7)
    before, after = (inside(report(EDGES), without, off) for off in ("", ALL_BLOCKS))
    told = f"surprise {short_percent(0.91)} → {short_percent(0.3 / 7)}, fear {short_percent(0.7)}."
    for html, checked in ((before, "true"), (after, "false")):
        assert f'aria-checked="{checked}" data-off="{ALL_BLOCKS}"' in html
        assert f"<em>{told}</em>" in html
        heights = re.findall(r'class="bar covered" style="height:([\d.]+)%"', html)
        assert [float(height) for height in heights] == [
            70.0 if label == "fear" else 4.3 for label in without.labels
        ]


@pytest.mark.parametrize(
    ("on", "off", "told"),
    [
        ((0.9, 0.05, 0.05), (0.6, 0.3, 0.1), "a 90 % → 60 %, b 30 %."),
        ((0.9, 0.05, 0.05), (0.88, 0.06, 0.06), "a 90 % → 88 %."),
        ((0.5, 0.4, 0.1), (0.4, 0.42, 0.18), "a 50 % → 40 %, b 42 %."),
        ((0.6, 0.3, 0.1), (0.9, 0.05, 0.05), "a 60 % → 90 %."),
    ],
)
def test_a_change_is_told_with_the_new_answer_or_the_largest_gain(
    on: tuple[float, ...], off: tuple[float, ...], told: str
) -> None:
    def answer(shares: tuple[float, ...]) -> Prediction:
        values = np.array(shares, np.float32)
        return Prediction(("a", "b", "c"), values, values)

    assert change(answer(on), answer(off)).replace("\N{NO-BREAK SPACE}", " ") == told


def test_channels_are_bars_of_which_those_with_half_of_the_weight_are_marked() -> None:
    html = inside(report(CHANNELS), prediction("fear"), "")
    bars = re.findall(r'height="([\d.]+)" class="(\w+)"', html)
    assert bars == [("100.0", "half"), ("50.0", "rest"), ("25.0", "rest"), ("12.5", "rest")]
    assert words.half_of_weight(1, 4) in html
    assert pictures(html) == []
    assert words.REGIONS_HEADING not in html


def test_a_block_has_a_button_beside_it_that_enlarges_what_it_shows() -> None:
    views = [map_view(name, AttentionKind.EDGES) for name in "ab"]
    html = inside(report(*views, CHANNELS), prediction("fear"), "")
    beside = re.findall(r'<div class="enlarging">(.*?)</div>', html, re.DOTALL)
    pictures_beside = r"<(img|svg).*</button>\s*<button[^>]* data-enlarge"
    found = [re.search(pictures_beside, each, re.DOTALL) for each in beside]
    assert [each and each[1] for each in found] == ["img", "img", "svg"]


def test_shares_are_stacked_to_the_whole_and_named() -> None:
    html = inside(report(SHARES), prediction("fear"), "")
    heights = re.findall(r'height:([\d.]+)%;background:var\(--branch-\d\)" title="([^"]+)"', html)
    assert [float(height) for height, _ in heights] == [40, 60]
    tip = words.branch_tip(
        "at s", "5×5", short_percent(0.6), short_percent(0.5), short_percent(0.7)
    )
    assert heights[1][1] == escape(tip)
    assert ">3×3</span>" in html


def test_a_predicted_map_and_the_gates_that_follow_are_one_sequence() -> None:
    predicted = map_view("p", AttentionKind.PREDICTION, AttentionRole.MAP, title="Decoder")
    gates = [map_view(name, title="Gate", reverse=True) for name in ("g5", "g4")]
    before = map_view("s", title="Gate")
    views: list[AttentionView] = [CHANNELS, before, predicted, *gates]
    assert grouped([view.block for view in views]) == [[0], [1], [2, 3, 4]]
    html = inside(report(CHANNELS, predicted, *gates), prediction("fear"), "")
    assert re.findall(r'data-off="(\w+)"', html.partition(words.SWITCH_HEADING)[0]) == [
        "p", "g5", "g4",
    ]  # fmt: skip
    assert f"<b>at g5 {words.ERASES}</b>" in html
    assert words.SEQUENCE_ERASES in html
    kept = [map_view(name, title="Gate") for name in ("g5", "g4")]
    assert words.SEQUENCE_KEEPS in inside(report(predicted, *kept), prediction("fear"), "")


def test_guided_networks_show_their_mask() -> None:
    mask = np.zeros((SIZE, SIZE), bool)
    guidance = Guidance(mask, crop().image, 0.125)
    html = inside(report(CHANNELS, guidance=guidance), prediction("fear"), "")
    assert words.GUIDANCE_HEADING in html
    assert len(pictures(html)) == 2
    assert "12.5\N{NO-BREAK SPACE}%" in html


def test_a_network_without_attention_says_so() -> None:
    html = inside(report(), None, "")
    assert escape(words.NO_ATTENTION) in html
    assert "<button" not in html
    assert inventory([]) == ""


def test_of_an_imported_network_nothing_is_claimed() -> None:
    html = inside(replace(report(), imported=True), None, "")
    assert escape(words.NO_KNOWN_ATTENTION) in html
    assert "no attention of its own" not in html


def test_the_inventory_says_what_attention_is_worth() -> None:
    assert "It gains 2 points &lt;1 to 3&gt;" in inventory(
        [SHARES.block], "It gains 2 points <1 to 3>"
    )
    assert words.WORTH_TIP not in inventory([SHARES.block])


def test_the_inventory_counts_what_there_is() -> None:
    blocks = [block(name, AttentionKind.EDGES, title="Coordinate attention") for name in "ab"]
    blocks += [block("c", AttentionKind.CHANNELS, title="GCCA")] * 2
    html = inventory([*blocks, SHARES.block])
    assert "<b>2 × coordinate attention</b> 3×3" in html
    assert "<b>2 × GCCA</b> 4 channels" in html
    assert f"<b>Split</b> {words.scales(4)}" in html


class AttentiveStudio(FakeStudio):
    """Answers what the tab asks, and remembers which pictures and blocks it was asked about."""

    def __init__(self, *views: AttentionView) -> None:
        super().__init__()
        self.views = views
        self.seen: list[FaceCrop] = []
        self.off: list[Collection[str] | None] = []

    def attention_blocks(self, model: str) -> tuple[AttentionBlock, ...]:
        assert model in MODELS
        return tuple(view.block for view in self.views)

    def attention(self, model: str, crop: FaceCrop, watch: Watch = unwatched) -> AttentionReport:
        self.seen.append(crop)
        return report(*self.views)

    def without_attention(
        self, model: str, crop: FaceCrop, blocks: Collection[str] | None = None
    ) -> Prediction:
        self.off.append(blocks)
        return prediction("fear")


def test_the_inventory_comes_before_the_network_is_asked() -> None:
    studio, asked = AttentiveStudio(EDGES), selection(NONE)
    tab = laid_out(AttentionTab, studio)
    steps = tab.answer(Question(asked, options_of(tab), unwatched))
    first = next(steps)
    assert f'data-model="{MODELS[0]}" title="{MODELS[0]}" aria-pressed="true"' in first[tab.picker]
    assert "Made up" in first[tab.has]
    assert studio.seen == []
    *_, last = steps
    assert studio.seen == [asked.crop]
    assert "<h1>" in last[tab.place]


def test_the_picked_model_stays_while_it_is_ticked() -> None:
    for models, expected in ((MODELS, MODELS[1]), (MODELS[:1], MODELS[0])):
        tab = laid_out(AttentionTab, AttentiveStudio(EDGES))
        first, _ = answers(tab, selection(models=models), chosen=MODELS[1])
        assert re.findall(r'data-model="([^"]+)"', first[tab.picker]) == list(models)
        assert f'title="{expected}" aria-pressed="true"' in first[tab.picker]


def test_it_opens_on_a_network_that_has_attention() -> None:
    class HalfAttentive(AttentiveStudio):
        def attention_blocks(self, model: str) -> tuple[AttentionBlock, ...]:
            return () if model == MODELS[0] else super().attention_blocks(model)

    tab = laid_out(AttentionTab, HalfAttentive(EDGES))
    for chosen, expected in (("", MODELS[1]), (MODELS[0], MODELS[0])):
        first, *_ = answers(tab, chosen=chosen)
        assert f'title="{expected}" aria-pressed="true"' in first[tab.picker]


def test_the_cover_of_the_sidebar_is_used_when_asked_for() -> None:
    studio = AttentiveStudio(EDGES)
    tab = laid_out(AttentionTab, studio)
    for cover, picture in (("sunglasses", "clean"), ("sunglasses", "covered"), (NONE, "covered")):
        answers(tab, selection(cover), picture=picture)
    clean, covered, uncovered = (seen.image.astype(int) for seen in studio.seen)
    assert np.abs(covered - clean).max() > 0
    assert (clean == uncovered).all()


def test_it_opens_on_the_covered_face_where_there_is_one() -> None:
    tab = laid_out(AttentionTab, AttentiveStudio(EDGES))
    assert tab.picture.value == "covered"
    for cover, lead in (("sunglasses", "Covered, &lt;Net&gt;"), (NONE, "<h1>&lt;Net&gt;")):
        *_, last = answers(tab, selection(cover))
        assert lead in last[tab.place]


def test_the_model_that_is_looked_into_guides_its_own_cover() -> None:
    class Guided(AttentiveStudio):
        def cover(
            self, selection: Selection, model: str | None = None, watch: Watch = unwatched
        ) -> Occluded:
            guides.append(model)
            return super().cover(selection, model, watch)

    guides: list[str | None] = []
    tab = laid_out(AttentionTab, Guided(EDGES))
    answers(tab, selection("hottest"), chosen=MODELS[1], picture="covered")
    assert guides == [MODELS[1]]


@pytest.mark.parametrize(
    ("off", "blocks"), [("", None), (ALL_BLOCKS, None), ("a", ["a"]), ("of another model", None)]
)
def test_one_block_or_all_are_switched_off(off: str, blocks: list[str] | None) -> None:
    studio = AttentiveStudio(EDGES)
    tab = laid_out(AttentionTab, studio)
    *_, last = answers(tab, off=off)
    assert studio.off == [blocks]
    assert ('aria-checked="false"' in last[tab.place]) == (off in ("a", ALL_BLOCKS))


def test_a_network_without_attention_is_not_switched() -> None:
    studio = AttentiveStudio()
    tab = laid_out(AttentionTab, studio)
    *_, last = answers(tab)
    assert escape(words.NO_ATTENTION) in last[tab.place]
    assert studio.off == []


def test_clicks_become_choices() -> None:
    assert switched("", event(off="a")) == "a"
    assert switched("a", event(off="a")) == ""
    assert switched("a", event(off=ALL_BLOCKS)) == ALL_BLOCKS
    assert switched("a", event(off=None)) == ""
