"""A moving average of weights that forgets how the training began."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


class WarmAverage:
    """An exponential moving average for `AveragedModel` whose decay rises to its final value.

    The n-th step's decay is min(decay, (1 + n) / (10 + n)), as in TensorFlow's moving average: the
    first thousand steps would else be weighed down by the random weights they started from.
    """

    def __init__(self, decay: float) -> None:
        """Remember the final decay per step, in [0, 1)."""
        self.decay = decay
        self._steps: int | None = None  # counted here: to ask the device each time would stall it

    def restart(self) -> None:
        """Begin to count anew, with the count that comes with the next step."""
        self._steps = None

    @torch.no_grad()
    def __call__(
        self, averaged: Sequence[Tensor], current: Sequence[Tensor], num_averaged: Tensor | int
    ) -> None:
        """Move `averaged` towards `current` in place; whole numbers are copied.

        Args:
            averaged: tensors of one type on one device.
            current: the same of the network that is stepped.
            num_averaged: how many averages were taken before.
        """
        if not averaged[0].is_floating_point():
            for ours, theirs in zip(averaged, current, strict=True):
                ours.copy_(theirs)
            return
        self._steps = int(num_averaged) if self._steps is None else self._steps + 1
        decay = min(self.decay, (1 + self._steps) / (10 + self._steps))
        torch._foreach_lerp_(list(averaged), list(current), 1 - decay)


def moving_average(network: nn.Module, decay: float) -> AveragedModel:
    """Return the average of a network's parameters and buffers, so far the network itself."""
    return AveragedModel(network, multi_avg_fn=WarmAverage(decay), use_buffers=True)


def restart_average(averaged: AveragedModel) -> None:
    """Let an average of `moving_average` forget what it has: the next update copies the network.

    The count that is in its state starts anew, too. What was averaged on pictures of another size
    would else have its share in the end: 0.24 after 1.6 epochs of 446 steps at a decay of 0.998.
    """
    averaged.n_averaged.zero_()
    fn = averaged.multi_avg_fn
    assert isinstance(fn, WarmAverage)
    fn.restart()
