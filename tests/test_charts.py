"""Figures say what the results say."""

from itertools import combinations

import numpy as np

from ferstudio.charts import COST_PLOT_PX, LETTER_PX, feature_chart, label_boxes, label_sides
from ferstudio.labels import EMOTION_COLOURS, FERPLUS
from ferstudio.studio.feature_space import FeatureSpace, Step
from ferstudio.types import Prediction
from tests.features.banks import bank


def answer(top: str) -> Prediction:
    shares = np.array([0.65 if name == top else 0.05 for name in FERPLUS], np.float32)
    return Prediction(FERPLUS, shares, np.log(shares))


def space(steps: int) -> FeatureSpace:
    made = bank()
    way = tuple(
        Step(
            amount=step / 8,
            share=step / 10,
            place=made.maps["pca"][step],
            prediction=answer("happiness" if step < 2 else "neutral"),
            near=np.array([3, 45, 46]),
            away=0.5,
        )
        for step in range(steps)
    )
    return FeatureSpace("net.test", "Net", "pca", made, made.maps["pca"], way, 0.1, 0.5, 0.2)


def test_every_face_of_the_bank_stands_at_its_place_in_its_colour() -> None:
    shown = space(3)
    *emotions, _ = feature_chart(shown).data
    assert [trace.name for trace in emotions] == list(FERPLUS)
    for trace in emotions:
        rows = shown.bank.classes == FERPLUS.index(trace.name)
        drawn = sorted(zip(trace.x, trace.y, strict=True))
        np.testing.assert_allclose(drawn, sorted(map(tuple, shown.places[rows].tolist())))
        assert list(trace.marker.size) == sorted(trace.marker.size)  # neighbours on top
        assert trace.marker.color == EMOTION_COLOURS[trace.name]
    outlined = [np.flatnonzero(trace.marker.line.width).size for trace in emotions]
    assert outlined == [1, 2, 0, 0, 0, 0, 0, 0]


def test_the_way_runs_from_the_star_to_the_covered_face() -> None:
    shown = space(3)
    figure = feature_chart(shown)
    way = figure.data[-1]
    np.testing.assert_allclose(way.x, [step.place[0] for step in shown.steps])
    assert list(way.marker.symbol) == ["star", "circle", "circle"]
    assert list(way.marker.color) == [
        EMOTION_COLOURS[name] for name in ("happiness", "happiness", "neutral")
    ]
    assert way.hovertext[2] == "20% covered: neutral 65%"
    assert [note.text for note in figure.layout.annotations] == ["this face", "covered"]


def test_an_uncovered_face_is_a_star_alone() -> None:
    figure = feature_chart(space(1))
    assert [note.text for note in figure.layout.annotations] == ["this face"]
    assert len(figure.data[-1].x) == 1


def test_nothing_comes_from_the_web() -> None:
    assert "http" not in feature_chart(space(2)).to_json()


def test_each_map_is_drawn_without_webgl() -> None:
    assert {trace.type for trace in feature_chart(space(3)).data} == {"scatter"}


def test_labels_of_neighbours_stand_at_different_sides() -> None:
    points = [(10.0, 80.0), (10.1, 79.9), (25.0, 70.0)]
    first, second, alone = label_sides(points, ["ACSI-Net", "ResNet-18", "CSINet"], [(50.0, 60.0)])
    assert first != second
    assert alone == "top center"
    assert label_sides([], []) == []


def test_a_label_stands_beside_the_line_down_from_a_neighbour() -> None:
    points = [(10.0, 83.0), (10.5, 82.8), (10.0, 65.0)]
    sides = label_sides(points, ["ResNet-18", "ACSI-Net", "FER2013"], [(10.5, 50.0), (40.0, 60.0)])
    assert sides[1] != "bottom center"
    assert sides[2].endswith("left")  # the line runs down on its right


def test_labels_of_many_networks_keep_apart() -> None:
    measured = {
        "Ensemble": (38.2, 83.6, 74.3),
        "ResNet-18": (11.3, 83.4, 74.2),
        "ACSI-Net clean": (11.4, 82.7, 52.6),
        "ACSI-Net": (11.41, 82.6, 72.5),
        "CSINet": (28.8, 82.0, 71.9),
        "VGG16-GCCA": (15.6, 81.4, 72.4),
        "PSA-ResNet-50": (19.7, 80.1, 68.8),
        "AGFER": (14.9, 78.2, 65.9),
        "VGG16": (14.8, 77.9, 66.6),
        "VGG16-GCCA FER2013": (15.61, 63.8, 55.9),
        "PSA-ResNet-50 FER2013": (19.71, 61.8, 53.0),
    }
    points = [(cost, clean) for cost, clean, _ in measured.values()]
    others = [(cost, covered) for cost, _, covered in measured.values()]
    sides = label_sides(points, list(measured), others)
    width, height = COST_PLOT_PX
    boxes = []
    for (cost, clean), name, side in zip(points, measured, sides, strict=True):
        at = (cost / 38.2 * width, clean / (83.6 - 52.6) * height)
        boxes.append(label_boxes(at, LETTER_PX * len(name))[side])
    for one, other in combinations(boxes, 2):
        wide = min(one[2], other[2]) - max(one[0], other[0])
        high = min(one[3], other[3]) - max(one[1], other[1])
        assert min(wide, high) < 2, (one, other)


def test_a_label_stays_inside_of_the_chart() -> None:
    sides = label_sides([(0.0, 80.0), (40.0, 80.0)], ["a long name", "a long name"], [(20.0, 50.0)])
    assert sides == ["middle right", "middle left"]
