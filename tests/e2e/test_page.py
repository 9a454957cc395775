"""The page as a visitor meets it: app.py in its own process, Chromium in front of it."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.visit import SIZES, Visit, turn_to

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(170)]


def test_the_page_fits_its_window(sized_visit: Visit, size: tuple[int, int]) -> None:
    page = sized_visit.page
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    expect(page.locator("#results h1")).to_be_visible()
    expect(page.locator("#results .card")).to_have_count(2)
    sticking_out = page.locator("#results .card *").evaluate_all(
        "(all, width) => all.filter(one => one.getBoundingClientRect().right > width + 1).length",
        size[0],
    )
    assert sticking_out == 0


def test_choosing_a_face_and_a_cover_changes_every_chart_and_heatmap(visit: Visit) -> None:
    page, before = visit.page, visit.results()
    page.locator("#samples button[data-value=surprise]").click()
    visit.wait_for_change(before)
    expect(page.locator("#samples [aria-pressed=true]")).to_have_attribute("data-value", "surprise")
    bars, heat = visit.answers()
    face, before = page.locator("#face img").get_attribute("src"), visit.results()

    page.locator("#occluders button[data-group=Bars]").click()
    page.locator("#occluders button[data-value=lower]").click()
    visit.wait_for_change(before)
    new_bars, new_heat = visit.answers()
    assert len(new_bars) == 16
    assert new_bars[:8] != bars[:8]
    assert new_bars[8:] != bars[8:]
    assert len(new_heat) == 2
    assert not set(heat) & set(new_heat)
    assert page.locator("#face img").get_attribute("src") != face
    expect(page.locator("#results h1")).to_contain_text("A bar over the lower third hides")


def test_a_text_file_is_refused_in_one_sentence_and_the_page_goes_on(
    visit: Visit, tmp_path: Path
) -> None:
    page, before = visit.page, visit.results()
    file = tmp_path / "holiday.jpg"
    file.write_text("no picture at all")
    page.locator("#sources input[type=file]").set_input_files(file)
    expect(page.locator("#note .note")).to_contain_text("holiday.jpg is no picture")
    assert visit.results() == before

    page.locator("#samples button[data-value=anger]").click()
    visit.wait_for_change(before)
    expect(page.locator("#note .note")).to_have_count(0)


def test_the_scale_the_seed_the_switches_and_an_empty_choice(visit: Visit) -> None:
    page, before = visit.page, visit.results()
    page.locator("#scale button[data-value=one]").click()
    visit.wait_for_change(before)

    page.locator("#occluders button[data-group=Bars]").click()
    page.locator("#occluders button[data-value=random]").click()
    expect(page.locator("#occluders button[data-value=sunglasses]")).to_be_hidden()
    expect(page.locator("#results h1")).to_contain_text("random")
    before = visit.results()
    page.locator("#reroll button").click()
    expect(page.locator("#seed input")).to_have_value("8")
    visit.wait_for_change(before)

    page.locator("[data-action=theme]").click()
    expect(page.locator("body.dark")).to_have_count(1)
    page.locator("[data-action=larger]").click()
    expect(page.locator("html.larger")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["desktop"][0]

    for box in page.locator("#models input").all():
        box.uncheck()
    expect(page.locator("#results .message")).to_contain_text("Tick at least one model")


def test_a_stroke_covers_the_face_until_it_is_wiped(
    sized_visit: Visit, size: tuple[int, int]
) -> None:
    page = sized_visit.page
    sized_visit.unfold()
    page.locator("#occluders button[data-group=Yours]").click()
    page.locator("#occluders button[data-value=painted]").click()
    expect(page.locator("#results")).to_contain_text("Nothing is painted yet")
    canvas = page.locator("#easel canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(box["height"], abs=1)
    page.locator("#easel [data-brush='44']").click()
    x, y, side = box["x"], box["y"], box["width"]
    page.mouse.move(x + 0.3 * side, y + 0.7 * side)
    page.mouse.down()
    page.mouse.move(x + 0.7 * side, y + 0.7 * side, steps=5)
    page.mouse.up()
    expect(page.locator("#results h1")).to_contain_text("The paint hides")
    expect(page.locator("#amount input[type=range]")).to_have_value("1")
    expect(page.locator("#easel canvas.wet")).to_have_count(0)
    expect(page.locator("#share output")).not_to_have_text("0\N{NO-BREAK SPACE}% of face")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.locator("#easel [data-wipe]").click()
    expect(page.locator("#results")).to_contain_text("Nothing is painted yet")
    page.locator("#occluders button[data-value=none]").click()
    expect(canvas).to_be_hidden()


def test_a_sticker_is_laid_over_the_face_and_a_photograph_refused(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit.page
    photograph, sticker = tmp_path / "photo.png", tmp_path / "sticker.png"
    Image.new("RGB", (40, 40), (90, 120, 40)).save(photograph)
    badge = Image.new("RGBA", (40, 40))
    badge.paste((200, 30, 30, 255), (8, 24, 32, 36))
    badge.save(sticker)
    page.locator("#occluders button[data-group=Yours]").click()
    page.locator("#occluders button[data-value=sticker]").click()
    expect(page.locator("#results")).to_contain_text("There is no sticker yet")
    upload = page.locator("#sidebar > input[type=file]").last
    upload.set_input_files(photograph)
    expect(page.locator("#sticker-note")).to_contain_text("no transparent part")
    upload.set_input_files(sticker)
    expect(page.locator("#results h1")).to_contain_text("The sticker hides")
    expect(page.locator("#sticker-note p")).to_have_count(0)


def test_heat_guides_a_cover_of_its_own_for_each_model(visit: Visit) -> None:
    page = visit.page
    page.locator("#occluders button[data-group=Heat]").click()
    page.locator("#occluders button[data-value=hottest]").click()
    expect(page.locator("#results h1")).to_contain_text("Grey on the hottest places, 20 % of the")
    expect(page.locator("#amount input[type=range]")).to_have_value("0.2")
    turn_to(page, "Robustness")
    page.locator("#robust-group button", has_text="Heat").click()
    expect(page.locator("#robust [aria-busy=false]")).to_have_count(1)
    expect(page.locator("#robust .matrix thead th")).to_have_text(["Hottest", "Coldest", "Chance"])
    expect(page.locator("#robust polyline")).to_have_count(2)


def test_the_attention_tab_looks_inside_and_switches_off(
    sized_visit: Visit, size: tuple[int, int]
) -> None:
    page = sized_visit.page
    turn_to(page, "Attention")
    expect(page.locator("#inside-model [aria-pressed=true]")).to_have_text("ACSI-Net")
    expect(page.locator("#inventory")).to_contain_text("coordinate attention")
    inside = page.locator("#inside .inside")
    expect(inside.locator("h1")).to_contain_text("ACSI-Net")
    expect(inside.locator(".look .profile svg")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    expect(page.locator("#inside-picture [aria-pressed=true]")).to_have_text("Covered")

    inside.locator("button.toggle").click()
    expect(page.locator("#inside button.toggle")).to_have_attribute("aria-checked", "false")
    page.locator("#inside-model button", has_text="ResNet-18").click()
    expect(page.locator("#inside")).to_contain_text("no attention of its own")


def test_the_explain_tab_asks_whether_the_map_is_true(
    sized_visit: Visit, size: tuple[int, int]
) -> None:
    page = sized_visit.page
    turn_to(page, "Explain")
    page.locator("#why-model button", has_text="ResNet-18").click()
    why = page.locator("#why .why")
    expect(why.locator("h1")).to_contain_text("ResNet-18 says")
    expect(page.locator("#why .why[aria-busy=false]")).to_have_count(1)
    expect(why.locator(".parts tbody tr")).to_have_count(7)
    expect(why.locator(".trio img")).to_have_count(3)
    expect(why.locator("svg.curves")).to_have_count(2)
    expect(why.locator(".stages figure")).to_have_count(7)
    page.locator("#why-target input").click()
    page.get_by_role("option", name="Why disgust?").click()
    expect(why.locator("h1")).to_contain_text("ResNet-18 gives disgust")
    page.locator("#why-layer input").click()
    page.get_by_role("option", name="layer2: ").click()
    expect(why.locator(".under")).to_contain_text("Grad-CAM at layer2")
    expect(page.locator("#why .why[aria-busy=false]")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]

    turn_to(page, "Attention")
    expect(page.locator("#inside-model [aria-pressed=true]")).to_have_text("ResNet-18")
    turn_to(page, "Explain")
    sized_visit.unfold()
    page.locator("#occluders button[data-value=none]").click()
    expect(page.locator("#why .trio img")).to_have_count(1)
    turn_to(page, "Compare")
    expect(page.locator("#results h1")).to_contain_text("This face is labelled happiness")


def test_the_robustness_tab_tries_covers_and_opens_a_cell(
    sized_visit: Visit, size: tuple[int, int]
) -> None:
    page = sized_visit.page
    turn_to(page, "Robustness")
    expect(page.locator("#robust [aria-busy=false]")).to_have_count(1)
    expect(page.locator("#robust .matrix tbody tr")).to_have_count(2)
    expect(page.locator("#robust .matrix tbody button")).to_have_count(24)
    expect(page.locator("#robust polyline")).to_have_count(2)
    page.locator("#robust .film input").fill("8")
    expect(page.locator("#robust .film figure:visible")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]

    page.locator("#robust [data-column=scarf]").click()
    expect(page.locator("#robust .below h2").first).to_contain_text("the scarf")
    expect(page.locator("#robust [data-column][aria-pressed=true]")).to_have_text("Scarf")
    page.locator("#robust-group button", has_text="Bars").click()
    expect(page.locator("#robust .matrix thead th")).to_have_count(9)  # and the mask of the sidebar
    page.locator("#robust button[data-occluder=lower]").first.click()
    expect(page.locator("#results h1")).to_contain_text("A bar over the lower third hides")
    expect(page.locator("#occluders [aria-pressed=true][data-value]")).to_have_text("Lower")
    expect(page.locator("#occluders button[data-value=sunglasses]")).to_be_hidden()


def test_the_feature_space_tab_puts_the_face_into_two_maps(
    sized_visit: Visit, size: tuple[int, int]
) -> None:
    page = sized_visit.page
    turn_to(page, "Feature space")
    expect(page.locator("#space-said h1")).to_contain_text("Of its 10 nearest faces")
    expect(page.locator("#spaces .js-plotly-plot")).to_have_count(2)
    expect(page.locator("#space-map-left .annotation-text").first).to_have_text("this face")
    page.locator("#space-kind button", has_text="PCA").click()
    expect(page.locator("#space-kind [aria-pressed=true]")).to_have_text("PCA")
    page.locator("#space-left button", has_text="ResNet-18").click()
    expect(page.locator("#space-right button")).to_have_text("ACSI-Net")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_benchmark_tab_shows_cards_and_papers_apart(
    sized_visit: Visit, size: tuple[int, int]
) -> None:
    page = sized_visit.page
    turn_to(page, "Benchmark")
    expect(page.locator("#bench-measured tbody tr")).to_have_count(2)
    expect(page.locator("#bench-chart .js-plotly-plot")).to_have_count(1)
    expect(page.locator("#bench-reported tbody tr")).to_have_count(15)
    page.get_by_role("button", name="Time them here").click()
    expect(page.locator("#bench-measured tbody tr").first).to_contain_text("ms")
    page.locator("#bench-model button", has_text="ResNet-18").click()
    expect(page.locator("#bench-detail h2").first).to_contain_text("ResNet-18")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_another_heatmap_method_changes_the_heat_alone(visit: Visit) -> None:
    page, before = visit.page, visit.results()
    bars, heat = visit.answers()
    page.locator("#explainers input").click()
    page.get_by_role("option", name="LayerCAM").click()
    visit.wait_for_change(before)
    new_bars, new_heat = visit.answers()
    assert new_bars == bars and len(new_heat) == 2
    assert not set(heat) & set(new_heat)
    expect(page.locator("#explainer-note")).not_to_be_empty()
