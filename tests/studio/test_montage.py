"""A montage: many faces before many networks, on one scale, remembered for samples alone."""

from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import UsageError
from ferstudio.explain.explainer import Heatmap
from ferstudio.plots.frame import write_figure
from ferstudio.plots.montage import NAMES_IN, legend_words, montage_plot, shortened
from ferstudio.studio.montage import Montage, MontageCell, MontagePlan, MontageRow
from ferstudio.types import FaceCrop
from tests.ui.fake_studio import crop, prediction

FACES = (crop(90), crop(200))


def plan(**changes: object) -> MontagePlan:
    values: dict[str, object] = {
        "models": ("a.x", "b.y"),
        "faces": FACES,
        "names": ("anger", "fear"),
        **changes,
    }
    return MontagePlan(**values)  # type: ignore[arg-type]


def cell(low: float, high: float, face: FaceCrop = FACES[0]) -> MontageCell:
    values = np.zeros((4, 4), np.float32)
    values[0, 0] = 1
    return MontageCell(face.image, prediction("anger"), Heatmap("m", values, (4, 4), (low, high)))


def made(**changes: object) -> Montage:
    rows = (
        MontageRow("a.x", "A", (cell(0, 1), cell(0, 4))),
        MontageRow("b.y", "B", (cell(0, 2), MontageCell(FACES[1].image, prediction("fear"), None))),
    )
    return Montage(plan(**changes), rows)


def test_heat_has_one_scale_and_attention_one_per_network() -> None:
    heat, attention = made(), made(shows="attention")
    assert [heat.limits(row) for row in heat.rows] == [(0, 4), (0, 4)]
    assert [attention.limits(row) for row in attention.rows] == [(0, 4), (0, 2)]
    own, one = made(scale="row"), made(shows="attention", scale="one")
    assert [own.limits(row) for row in own.rows] == [(0, 4), (0, 2)]
    assert [one.limits(row) for row in one.rows] == [(0, 4), (0, 4)]
    assert "one scale" in legend_words(heat) and "of its own" in legend_words(attention)


def test_networks_without_a_map_are_named() -> None:
    first, second = made().rows
    bare = MontageRow(
        "c.z", "C", tuple(MontageCell(c.face, c.prediction, None) for c in first.cells)
    )
    found = Montage(plan(models=("a.x", "b.y", "c.z")), (first, second, bare))
    assert found.without_map == ("C",)
    assert legend_words(found).endswith("no such map: C")
    assert "no such map" not in legend_words(made())


def test_a_fainter_map_is_drawn_fainter_and_none_is_the_face_in_grey() -> None:
    found = made()
    first, second = found.rows
    faint, strong = (found.picture(first, each)[0, 0].astype(int) for each in first.cells)
    assert np.ptp(strong) > np.ptp(faint) > 0
    bare = found.picture(second, second.cells[1])
    assert np.ptp(bare.astype(int), axis=2).max() == 0


def test_a_plan_that_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(UsageError, match="heat or attention"):
        plan(shows="luck")
    with pytest.raises(UsageError, match="scale is one or row, not 'heat'"):
        plan(scale="heat")
    with pytest.raises(UsageError, match="at least"):
        plan(models=())
    with pytest.raises(UsageError, match="16 faces at most"):
        plan(faces=FACES * 9, names=("a", "b") * 9)


def test_the_sheet_is_written_as_png_and_svg(tmp_path: Path) -> None:
    found = made()
    figure = montage_plot(found)
    words = [text.get_text() for text in figure.texts]
    assert {"A", "B", "anger", "fear"} <= set(words) and legend_words(found) in " ".join(words)
    for text in figure.texts:
        assert 0 <= text.get_window_extent().x0 < text.get_window_extent().x1 <= figure.bbox.x1
    assert len(figure.axes) == 2 + 4 + 1  # faces, cells, legend
    svg = write_figure(figure, tmp_path / "m.svg").read_text("utf-8")
    assert svg.count("<image") == 7
    assert write_figure(figure, tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")


def test_long_names_stay_beside_their_pictures_and_dollars_are_no_formula(tmp_path: Path) -> None:
    names = ("IMG_20240102_123456789", "cost_$5_x_$6 and on and on")
    titles = (
        "PSA-ResNet-50 FER2013",
        "VGG16-GCCA FER2013",
        "One-very-long-name-of-imported-weights",
    )
    cells = made().rows[0].cells
    rows = tuple(MontageRow(title, title, cells) for title in titles)
    figure = montage_plot(Montage(plan(names=names, models=titles), rows))
    boxes = {text.get_text(): text.get_window_extent() for text in figure.texts}
    beside = [box for words, box in boxes.items() if words[:9] in str(titles) and len(words) > 9]
    assert len(beside) == 3 and all(box.x1 / figure.dpi < NAMES_IN for box in beside)
    first, second = (boxes[shortened(name)] for name in names)
    assert first.x1 < second.x0
    assert write_figure(figure, tmp_path / "m.svg").exists()


def test_a_long_name_keeps_what_tells_it_apart() -> None:
    assert shortened("IMG_2024_0001") == "IMG_2024_0001"
    assert shortened("IMG_20240102_123456789") == "IMG_20…456789"
