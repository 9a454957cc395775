"""The cost of a study: the same batches, bare and with everything around them."""

import pytest
import torch

from ferstudio.errors import UsageError
from ferstudio.occlusion.occluder import list_occluders, occluder
from ferstudio.studio.sweep_cost import OCCLUDERS, measure_sweep
from ferstudio.types import FaceCrop
from tests.networks import loaded


def test_both_ways_run_the_same_passes(crop: FaceCrop, monkeypatch: pytest.MonkeyPatch) -> None:
    model, passes = loaded("resnet18"), list[torch.Tensor]()
    handle = model.module.register_forward_pre_hook(lambda _, inputs: passes.append(inputs[0]))
    cost = measure_sweep([model], crop, ["upper", "random"], runs=1)
    handle.remove()
    assert (cost.models, cost.occluders, cost.amounts, cost.runs) == (("resnet18.test",), 2, 8, 1)
    assert min(cost.forward_s, cost.sweep_s) > 0
    assert cost.per_forward == cost.sweep_s / cost.forward_s  # of the only round
    bare, swept = passes[:2], passes[2:4]
    assert len(passes) == 8  # two ways, one round to warm up and one timed
    torch.testing.assert_close(torch.cat(bare), torch.cat(swept), rtol=0, atol=1e-5)
    assert all(one.is_contiguous(memory_format=torch.channels_last) for one in passes)


def test_the_covers_are_named_and_of_all_kinds() -> None:
    kinds = [occluder(name) for name in OCCLUDERS]
    assert len({each.name for each in kinds}) == 12
    assert {each.group for each in kinds} == {occluder(n).group for n in list_occluders()}


def test_no_run_is_refused(crop: FaceCrop) -> None:
    with pytest.raises(UsageError, match="at least one run, not 0"):
        measure_sweep([loaded("resnet18")], crop, runs=0)
