"""An ensemble has no layer that a CAM could show; all else that one network can, it can."""

from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import UsageError, WeightsError
from ferstudio.occlusion.by_heat import HOTTEST
from ferstudio.studio.results import NoMap
from ferstudio.studio.robustness import RobustnessPlan
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from ferstudio.ui.tabs.compare import cards
from tests.studio_parts import write_ensemble

NAMES = ("ensemble.test", "acsinet.test", "resnet18.test")


@pytest.fixture(scope="module")
def studio(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(write_ensemble(tmp_path_factory.mktemp("joined"), shelf).parent)


def test_it_is_compared_without_a_heatmap(studio: Studio, crop: FaceCrop) -> None:
    found = studio.compare(Selection(crop, Cover("lower"), NAMES))
    joined, *members = found.rows
    assert joined.title == "Ensemble"
    assert joined.clean.heatmap is joined.covered.heatmap is None
    assert joined.leakage_share is None
    assert joined.no_map == NoMap(
        "Grad-CAM", "feature maps of the network's own", ("Occlusion sensitivity",)
    )
    assert [row.no_map for row in members] == [None, None]
    assert joined.summary == "the mean of ACSI-Net and ResNet-18"
    for view in ("clean", "covered"):
        each = [getattr(row, view).prediction.probabilities for row in members]
        np.testing.assert_allclose(
            getattr(joined, view).prediction.probabilities, np.mean(each, axis=0), atol=1e-5
        )
    assert 'data-model="ensemble.test"' in cards.results(found, one_scale=True)


def test_covers_by_heat_hide_what_hiding_shows_to_matter(studio: Studio, crop: FaceCrop) -> None:
    found = studio.compare(Selection(crop, Cover(HOTTEST, 0.25), NAMES))
    assert found.mask.mean() == pytest.approx(0.25, abs=0.01)
    *_, last = studio.robustness(
        RobustnessPlan(Selection(crop, models=NAMES), (HOTTEST,), (0.5, 1.0))
    )
    assert [sweep is not None for (sweep,) in last.sweeps] == [True] * 3


def test_it_is_examined_part_by_part(studio: Studio, crop: FaceCrop) -> None:
    (found,) = studio.examine(NAMES[0], Selection(crop))
    assert found.done
    assert found.heatmap is None
    assert len(found.parts.effects) > 5


def test_its_attention_is_that_of_its_members(studio: Studio, crop: FaceCrop) -> None:
    blocks = studio.attention_blocks(NAMES[1])
    joined = studio.attention_blocks(NAMES[0])
    assert [block.place for block in joined] == [f"member 1 · {block.place}" for block in blocks]
    assert len(studio.attention(NAMES[0], crop).views) == len(joined)


def test_what_needs_one_network_says_so(studio: Studio, crop: FaceCrop) -> None:
    with pytest.raises(WeightsError, match="no features of its own; choose one of its members"):
        studio.feature_space(NAMES[0], Selection(crop))
    with pytest.raises(UsageError, match="no layer that Grad-CAM could show"):
        studio.cost(NAMES[0], runs=1)


def test_its_size_is_that_of_its_members(studio: Studio) -> None:
    sizes = {model.name: model.size_bytes for model in studio.models()}
    assert sizes[NAMES[0]] == sum(sizes[name] or 0 for name in NAMES[1:]) > 0
