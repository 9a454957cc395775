"""Tensors as they lie on disk: how far int8 errs, and groups that fit and come together again."""

import pytest
import torch

from ferstudio.errors import WeightsError
from ferstudio.models import shards
from ferstudio.models.shards import dequantise, in_shards, quantise
from tests.networks import uneven_state


def test_quantisation_errs_by_half_a_step_at_most() -> None:
    original = uneven_state()
    stored = quantise(original)
    restored = dequantise(stored)
    assert restored.keys() == original.keys()
    for name in ("conv.weight", "fc.weight"):
        assert stored[name].dtype == torch.int8
        scale = stored[f"{name}:scale"]
        assert scale.shape == original[name].shape[:1]
        error = (restored[name] - original[name]).abs().flatten(1).amax(dim=1)
        largest = original[name].abs().flatten(1).amax(dim=1)
        assert (error <= scale / 2 + 1e-6 * largest).all()
        torch.testing.assert_close(scale * 127, largest, rtol=1e-6, atol=1e-30)
    assert torch.equal(restored["conv.weight"][2], torch.zeros(4, 3, 3))


def test_vectors_and_counters_are_kept_exactly() -> None:
    restored = dequantise(quantise(uneven_state()))
    assert torch.equal(restored["fc.bias"], uneven_state()["fc.bias"])
    assert restored["norm.num_batches_tracked"].dtype == torch.int64
    assert int(restored["norm.num_batches_tracked"]) == 11


def test_quantising_twice_changes_nothing_more() -> None:
    once = dequantise(quantise(uneven_state()))
    twice = dequantise(quantise(once))
    for name in once:
        torch.testing.assert_close(once[name], twice[name], rtol=1e-6, atol=0)


def test_shards_together_hold_what_was_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SHARD_BYTES", 1024)
    stored = quantise({"head.weight": torch.randn(11, 300), "head.bias": torch.randn(11)})
    groups = in_shards(stored)
    assert max(sum(each.nbytes for each in group.values()) for group in groups) <= 1024
    together = {name: tensor for group in groups for name, tensor in group.items()}
    assert sum(map(len, groups)) == len(together)
    restored, expected = dequantise(together), dequantise(stored)
    assert all(torch.equal(restored[name], expected[name]) for name in expected)
    with pytest.raises(WeightsError, match=r"bias alone takes"):
        in_shards({"bias": torch.zeros(2048)})
