"""What every explainer promises, as one check that a test can hold any of them to."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ferstudio.errors import UnknownNameError
from ferstudio.explain import Explainer, Explanation
from ferstudio.explain.cam import Cam
from ferstudio.models import LoadedModel
from ferstudio.preprocess import to_tensor
from ferstudio.types import FaceCrop
from tests.explain.library import state


def check_contract(method: Explainer, model: LoadedModel, crop: FaceCrop) -> None:
    """Ask `method` for several emotions, twice and in every mode; the crop is of its own size."""
    assert method.supports(model)
    image, before = crop.image.copy(), state(model.module)
    with model.exclusive() as module, torch.inference_mode():
        logits = module(to_tensor(crop, model.card.input))[0].float().numpy()
    own = method.explain(model, crop)
    check_explanation(method, own, crop.size)
    assert own.target == own.prediction.top
    np.testing.assert_allclose(own.prediction.logits, logits, rtol=1e-3, atol=1e-4)
    same_maps(own, method.explain(model, crop))
    same_maps(own, method.explain(model, crop, own.target))
    for target in model.card.label_names:
        other = method.explain(model, crop, target)
        check_explanation(method, other, crop.size)
        assert other.target == target
        np.testing.assert_allclose(other.prediction.logits, logits, rtol=1e-3, atol=1e-4)
    for mode in (torch.inference_mode, torch.no_grad, torch.enable_grad):
        with mode():
            same_maps(own, method.explain(model, crop))
    check_together(method, model, crop)
    with pytest.raises(UnknownNameError, match="boredom"):
        method.explain(model, crop, "boredom")
    assert state(model.module) == before
    np.testing.assert_array_equal(crop.image, image)


def check_together(method: Explainer, model: LoadedModel, crop: FaceCrop) -> None:
    """Ask about two pictures at once: as of each apart, for the answer to the first."""
    if not isinstance(method, Cam):
        return
    other = replace(crop, image=np.ascontiguousarray(crop.image[::-1]))
    both = method.explain_together(model, (crop, other))
    for found, picture in zip(both, (crop, other), strict=True):
        check_explanation(method, found, crop.size)
        assert found.target == both[0].prediction.top
        alone = method.explain(model, picture, found.target)
        logits = alone.prediction.logits
        np.testing.assert_allclose(found.prediction.logits, logits, rtol=1e-3, atol=1e-4)
        raw = alone.heatmaps[0].raw()
        atol = 1e-4 * float(np.abs(raw).max()) + 1e-6
        np.testing.assert_allclose(found.heatmaps[0].raw(), raw, rtol=1e-2, atol=atol)


def check_explanation(method: Explainer, found: Explanation, size_px: int) -> None:
    """Make sure that an explanation is whole, and its maps are maps of the crop."""
    assert found.method == method.name
    assert found.heatmaps
    assert found.elapsed_s > 0
    for heatmap in found.heatmaps:
        values = heatmap.values
        assert heatmap.name
        assert values.shape == (size_px, size_px)
        assert values.dtype == np.float32
        assert 0 <= values.min() <= values.max() <= 1
        assert heatmap.raw_range[0] <= heatmap.raw_range[1]
        assert min(heatmap.native_size) >= 1


def same_maps(first: Explanation, second: Explanation) -> None:
    """Make sure that two explanations hold the same maps to the last bit."""
    assert first.target == second.target
    for one, other in zip(first.heatmaps, second.heatmaps, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
        assert one.raw_range == other.raw_range
