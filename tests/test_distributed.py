import pytest
import torch

from ferstudio.distributed import (
    all_reduce_sum,
    barrier,
    is_main_process,
    launched,
    pick_device,
    process_group,
    rank,
    world_size,
)
from ferstudio.errors import UsageError

CPU = torch.device("cpu")


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pick_device("cpu", local_rank=7) == CPU
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert pick_device("auto", local_rank=1) == torch.device("cuda", 1)
    with pytest.raises(UsageError, match="2 GPUs"):
        pick_device("cuda", local_rank=2)


def test_a_process_on_its_own_is_the_whole_group() -> None:
    assert not launched()
    assert (rank(), world_size(), is_main_process()) == (0, 1, True)
    assert all_reduce_sum(torch.tensor([2, 3])).tolist() == [2, 3]
    barrier()
    with process_group("cpu") as device:
        assert device == CPU
