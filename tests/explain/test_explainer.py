"""The registry of explainers, and heatmaps as values."""

import numpy as np
import pytest

import ferstudio.explain
from ferstudio.errors import UnknownNameError
from ferstudio.explain import Heatmap, explainer, list_explainers, register_explainer


def test_importing_the_package_registers_grad_cam() -> None:
    assert "grad-cam" in list_explainers()
    assert set(ferstudio.explain.__all__) <= set(dir(ferstudio.explain))


@pytest.mark.parametrize("name", list_explainers())
def test_every_explainer_says_what_it_is(name: str) -> None:
    method = explainer(name)
    assert method.name == name
    assert method.title
    assert method.summary.endswith(".")


def test_a_duplicate_name_is_refused() -> None:
    with pytest.raises(ValueError, match="'grad-cam' is registered already"):
        register_explainer("grad-cam")(lambda: explainer("grad-cam"))


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UnknownNameError, match=r"no explainer named 'lime'.*grad-cam"):
        explainer("lime")


def test_raw_values_come_back_from_values_and_range() -> None:
    heatmap = Heatmap("layer", np.array([[0, 0.25, 1]], np.float32), (1, 3), (-2.0, 6.0))
    np.testing.assert_allclose(heatmap.raw(), [[-2, 0, 6]])
    assert heatmap.raw().dtype == np.float32
