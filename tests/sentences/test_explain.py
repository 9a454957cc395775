"""What is said of a heatmap: here, on many faces, and in networks of shuffled weights."""

from dataclasses import fields

import numpy as np
import pytest

from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.faithfulness import AgainstRandom, Curve
from ferstudio.explain.randomisation import RandomisedStage
from ferstudio.explain.similarity import MapSimilarity
from ferstudio.sentences.explain import curves_sentence, stages_sentence, truth_sentence
from ferstudio.studio.map_truth import MapTruth

FULL = Heatmap("last", np.eye(4, dtype=np.float32), (4, 4), (0.0, 1.0))


def curve(height: float) -> Curve:
    shares = np.linspace(0, 1, 3)
    return Curve(shares, np.full(3, height, np.float32))


@pytest.mark.parametrize(
    ("deletion", "insertion", "said"),
    [
        (0.2, 0.8, "This map beats a random one."),
        (0.6, 0.4, "This map is no better than a random one."),
        (0.2, 0.4, "This map beats a random one in deletion only."),
        (0.6, 0.8, "This map beats a random one in insertion only."),
    ],
)
def test_a_low_deletion_and_a_high_insertion_beat_a_random_map(
    deletion: float, insertion: float, said: str
) -> None:
    curves = AgainstRandom("fear", curve(deletion), curve(insertion), curve(0.5), curve(0.5))
    assert curves_sentence(curves) == said


def test_maps_beat_chance_where_the_whole_interval_does() -> None:
    true = MapTruth(500, "valid", 0.86, (0.82, 0.89))
    assert truth_sentence("Grad-CAM", true) == (
        "On 500 validation faces Grad-CAM beats a random map on 86 % (82 % to 89 %)."
    )
    chance = MapTruth(500, "valid", 0.52, (0.48, 0.56))
    assert truth_sentence("Grad-CAM", chance).endswith(
        "on 52 % (48 % to 56 %) only: no better than chance."
    )


@pytest.mark.parametrize(("spearman", "said"), [(0.03, "it depends"), (0.9, "hardly changes")])
def test_the_last_stage_says_whether_the_map_depends_on_the_network(
    spearman: float, said: str
) -> None:
    stages = [
        RandomisedStage("fc", layers, MapSimilarity(*[alike] * len(fields(MapSimilarity))), FULL)
        for layers, alike in ((1, 0.7), (9, spearman))
    ]
    assert said in stages_sentence(stages)
