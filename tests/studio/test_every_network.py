"""Any registered network that has weights can be compared, explained and shown."""

from pathlib import Path

import numpy as np
import pytest

from ferstudio.models import list_models, model_entry
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from ferstudio.ui.tabs.compare import cards
from tests.studio_parts import FakeDetector, write_network


@pytest.mark.parametrize("name", list_models())
def test_the_compare_tab_takes_it(name: str, tmp_path: Path, crop: FaceCrop) -> None:
    write_network(tmp_path, name)
    studio = Studio(tmp_path, detector=FakeDetector())
    comparison = studio.compare(Selection(crop, Cover("sunglasses"), (f"{name}.test",)))
    (row,) = comparison.rows
    entry = model_entry(name)
    assert (row.title, row.params) == (entry.title, studio.models()[0].params)
    for view in (row.clean, row.covered):
        assert float(view.prediction.probabilities.sum()) == pytest.approx(1, abs=1e-5)
        assert view.heatmap is not None
        assert view.heatmap.name in entry.cam_layers
        assert view.heatmap.values.shape == (crop.size, crop.size)
        assert np.isfinite(view.heatmap.raw()).all()
    assert row.leakage_share is not None
    assert (row.guidance is None) == (entry.guidance_alpha is None)
    assert f'data-model="{name}.test"' in cards.results(comparison, one_scale=True)
