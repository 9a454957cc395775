"""The registry of explainers, and heatmaps as values."""

import numpy as np
import pytest
from numpy.typing import NDArray

import ferstudio.explain
from ferstudio.errors import UnknownNameError
from ferstudio.explain import Heatmap, explainer, list_explainers, register_explainer
from ferstudio.explain.explainer import emotion_index, full_range


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
    values = np.array([[0, 0.25], [1, 0.5]], np.float32)
    heatmap = Heatmap("layer", values, (2, 2), (-2.0, 6.0))
    np.testing.assert_allclose(heatmap.raw(), [[-2, 0], [6, 2]])
    assert heatmap.raw().dtype == np.float32


def test_the_full_range_begins_and_ends_with_the_maps_own_values() -> None:
    raw = np.array([[-2.0, 0.0], [6.0, 2.0]])
    heatmap = full_range("map", raw, (1, 1))
    np.testing.assert_array_equal(heatmap.values, np.array([[0, 0.25], [1, 0.5]], np.float32))
    assert (heatmap.raw_range, heatmap.native_size) == ((-2.0, 6.0), (1, 1))
    flat = full_range("map", np.full((3, 3), 0.25, np.float32), (3, 3))
    assert not flat.values.any() and flat.raw_range == (0.25, 0.25)


def test_an_emotion_is_found_in_the_order_of_the_logits() -> None:
    assert emotion_index("fear", ("anger", "fear")) == 1
    with pytest.raises(UnknownNameError, match="no emotion named 'joy'; choose from: anger, fear"):
        emotion_index("joy", ("anger", "fear"))


@pytest.mark.parametrize(
    ("values", "raw_range", "complaint"),
    [
        (np.zeros((7, 5), np.float32), (0.0, 1.0), r"the shape \(S, S\), not \(7, 5\)"),
        (np.zeros((1, 7, 7), np.float32), (0.0, 1.0), r"not \(1, 7, 7\)"),
        (np.zeros((0, 0), np.float32), (0.0, 1.0), r"not \(0, 0\)"),
        (np.zeros((7, 7)), (0.0, 1.0), "must be float32, not float64"),
        (np.full((7, 7), 300, np.float32), (0.0, 300.0), r"must lie in \[0, 1\], not \[300, 300\]"),
        (np.full((7, 7), -0.1, np.float32), (0.0, 1.0), r"must lie in \[0, 1\]"),
        (np.full((7, 7), np.nan, np.float32), (0.0, 1.0), r"must lie in \[0, 1\], not \[nan"),
        (np.zeros((7, 7), np.float32), (1.0, 0.5), "a rising raw_range, not 1.0, 0.5"),
        (np.zeros((7, 7), np.float32), (0.0, float("inf")), "a rising raw_range"),
    ],
)
def test_what_is_no_heatmap_is_refused(
    values: NDArray[np.float32], raw_range: tuple[float, float], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        Heatmap("layer", values, (7, 7), raw_range)
