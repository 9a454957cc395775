"""How a learning rate changes over a training: the schedules that a recipe can name."""

import math
from dataclasses import dataclass, field

from ferstudio.errors import UsageError


@dataclass(frozen=True, slots=True)
class Cosine:
    """A linear rise, then half a cosine down.

    Attributes:
        warmup_share: share of training in which the learning rate rises.
        final_ratio: last learning rate as a share of the peak.
    """

    kind: str = field(default="cosine", init=False)
    warmup_share: float = 0.08
    final_ratio: float = 0.002

    def factor(self, progress: float) -> float:
        """Return what the learning rate is multiplied by at `progress` in [0, 1]."""
        if progress < self.warmup_share:
            return max(progress / self.warmup_share, 0.01)
        fallen = (progress - self.warmup_share) / (1 - self.warmup_share)
        return self.final_ratio + (1 - self.final_ratio) * (1 + math.cos(math.pi * fallen)) / 2


@dataclass(frozen=True, slots=True)
class Steps:
    """A learning rate that drops at given points of the training.

    Attributes:
        shares: where it drops, as shares of the training, rising.
        drop: what each drop multiplies it by.
    """

    kind: str = field(default="steps", init=False)
    shares: tuple[float, ...] = (1 / 3, 2 / 3)
    drop: float = 0.1

    def factor(self, progress: float) -> float:
        """Return what the learning rate is multiplied by at `progress` in [0, 1]."""
        return self.drop ** sum(progress >= share for share in self.shares)


@dataclass(frozen=True, slots=True)
class Plateau:
    """A learning rate that drops when a loss has stopped falling.

    Attributes:
        watch: "valid_loss" or "train_loss", the epoch's mean.
        patience: epochs without a new lowest loss after the last of which it drops.
        drop: what each drop multiplies it by.
    """

    kind: str = field(default="plateau", init=False)
    watch: str = "valid_loss"
    patience: int = 10
    drop: float = 0.1

    def __post_init__(self) -> None:
        """Refuse other losses and a patience of none."""
        if self.watch not in {"valid_loss", "train_loss"}:
            raise UsageError(f"A plateau watches valid_loss or train_loss, not {self.watch!r}.")
        if self.patience < 1:
            raise UsageError(f"A plateau's patience is at least one epoch, not {self.patience}.")


@dataclass(frozen=True, slots=True)
class Constant:
    """A learning rate that stays."""

    kind: str = field(default="constant", init=False)

    def factor(self, progress: float) -> float:  # noqa: ARG002
        """Return 1, whatever the progress."""
        return 1.0


Schedule = Cosine | Steps | Plateau | Constant
