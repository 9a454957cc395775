"""What processes that train or evaluate together share (see `ferstudio.distributed`).

To a process on its own these functions give back what they were given.

The criterion sees the whole batch in every process: logits, features and targets of all are
gathered, those of the others without a gradient. So class weights and class centres are those of
the batch, and the mean over the processes that DistributedDataParallel takes of the gradients,
times their number, is the gradient of the whole batch. Batch norm knows its own part alone.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, distributed, nn
from torch.nn import functional

from ferstudio.distributed import all_reduce_sum, rank, world_size
from ferstudio.errors import UsageError

MIN_FACES = 2
"""Of a batch in each process: batch norm needs two."""


def broadcast(values: Tensor) -> Tensor:
    """Return the main process's `values`, a contiguous tensor of one shape everywhere."""
    if world_size() > 1:
        distributed.broadcast(values, 0)
    return values


def broadcast_float(seconds: float) -> float:
    """Return the main process's `seconds`, over the host: nothing waits for a GPU."""
    if world_size() == 1:
        return seconds
    return float(broadcast(torch.tensor(seconds, dtype=torch.float64)))


def all_reduce_max(value: float) -> float:
    """Return the largest of the processes' numbers."""
    numbers = torch.tensor(value, dtype=torch.float64)
    if world_size() > 1:
        distributed.all_reduce(numbers, distributed.ReduceOp.MAX)
    return float(numbers)


def all_equal(*facts: float) -> bool:
    """Return whether all processes hold the same numbers."""
    own = torch.tensor(facts, dtype=torch.float64)
    strangers = all_reduce_sum((own != broadcast(own.clone())).sum())
    return int(strangers) == 0


@torch.no_grad()
def broadcast_module(module: nn.Module) -> None:
    """Give `module` the parameters and buffers that it has in the main process."""
    if world_size() > 1:
        for value in module.state_dict().values():
            value.copy_(broadcast(value.contiguous()))


def check_batch_size(batch_size: int) -> None:
    """Make sure that a batch can be split.

    Raises:
        UsageError: if a process would get less than `MIN_FACES` faces of it.
    """
    if batch_size < MIN_FACES * world_size() and world_size() > 1:
        raise UsageError(
            f"A batch of {batch_size} faces leaves less than {MIN_FACES} to each of "
            f"{world_size()} processes, and batch norm needs so many; start at most "
            f"{batch_size // MIN_FACES}."
        )


def split_batch(rows: Tensor) -> tuple[Tensor, ...]:
    """Return each process's part of a batch's rows (N,): even parts in the batch's order.

    A last batch that is too small for that is seen whole by every process. Its mean loss is the
    same; only class centres follow it further, as if it were larger.
    """
    if len(rows) < MIN_FACES * world_size():
        return (rows,) * world_size()
    return rows.tensor_split(world_size())


def all_gather_rows(own: Sequence[Tensor], counts: Sequence[int]) -> tuple[Tensor, ...]:
    """Return this process's tensors joined with the others'; those carry no gradient.

    Args:
        own: (n, D_i) float tensors of one dtype, a row for each face of this process.
        counts: n of each process.

    Returns:
        (Σn, D_i) float each, in the order of the processes.
    """
    if world_size() == 1:
        return tuple(own)
    wide = torch.cat(list(own), dim=1)  # (n, ΣD)
    padded = functional.pad(wide.detach(), (0, 0, 0, max(counts) - len(wide)))
    gathered = [torch.empty_like(padded) for _ in counts]
    distributed.all_gather(gathered, padded)
    parts = [part[:count] for part, count in zip(gathered, counts, strict=True)]
    parts[rank()] = wide
    return torch.cat(parts).split([part.shape[1] for part in own], dim=1)
