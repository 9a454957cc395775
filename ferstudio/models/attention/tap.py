"""Attention taps: places where a network's attention can be seen, without changing the network.

A block passes each attention tensor through an `AttentionTap` at the place where it is used. The
tap is the identity and has no state, so weights and outputs are those of the untapped network.
`capture_attention` hooks all taps of a module for one forward pass.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle


class AttentionRole(Enum):
    """What an attention tensor means, and so how it is drawn."""

    GATE = "gate"
    """Broadcastable factors in [0, 1] that multiply features (N, C, H, W)."""
    SCALE = "scale"
    """Weights over branches that sum to 1 over dimension 1, as PSA's softmax."""
    MAP = "map"
    """A one-channel prediction (N, 1, H, W), as a partial decoder's."""


@dataclass(frozen=True, slots=True)
class AttentionRecord:
    """One attention tensor as one forward pass used it.

    Attributes:
        module: qualified name of the block that owns the tap.
        tap: the tap's name inside its block.
        role: what the tensor means.
        call: how many times this tap had been passed before in the same capture.
        weights: the tensor, detached, with the batch dimension first.
    """

    module: str
    tap: str
    role: AttentionRole
    call: int
    weights: Tensor


class AttentionTap(nn.Module):
    """The identity, at a place where attention is used."""

    def __init__(self, role: AttentionRole) -> None:
        """Remember the `role` of what passes through."""
        super().__init__()
        self.role = role

    def forward(self, weights: Tensor) -> Tensor:
        """Return `weights` unchanged."""
        return weights

    def extra_repr(self) -> str:
        """Return the role for the module's printout."""
        return f"role={self.role.value}"


def attention_taps(module: nn.Module) -> dict[str, AttentionTap]:
    """Return every tap of `module` by qualified name, in the order the module lists them."""
    return {
        name: child for name, child in module.named_modules() if isinstance(child, AttentionTap)
    }


@contextmanager
def capture_attention(module: nn.Module) -> Iterator[list[AttentionRecord]]:
    """Record every attention tensor of the forward passes made inside the block.

    The hooks are removed on leaving, also after an exception. Hooks are seen by all threads: use
    this inside `LoadedModel.exclusive()` where a model is shared.

    Yields:
        A list that fills as the module runs, in the order of use.
    """
    records: list[AttentionRecord] = []

    def recorder(qualified_name: str, tap: AttentionTap) -> Callable[..., None]:
        owner, _, own_name = qualified_name.rpartition(".")

        def record(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            earlier = sum(r.module == owner and r.tap == own_name for r in records)
            records.append(AttentionRecord(owner, own_name, tap.role, earlier, output.detach()))

        return record

    with _hooked(module, recorder):
        yield records


@contextmanager
def replace_attention(
    module: nn.Module, replace: Callable[[str, Tensor], Tensor]
) -> Iterator[None]:
    """Let `replace(qualified tap name, weights)` stand in for every attention tensor inside.

    The hooks are removed on leaving, also after an exception.
    """

    def replacer(qualified_name: str, _tap: AttentionTap) -> Callable[..., Tensor]:
        def stand_in(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
            return replace(qualified_name, output)

        return stand_in

    with _hooked(module, replacer):
        yield


@contextmanager
def _hooked(
    module: nn.Module, make_hook: Callable[[str, AttentionTap], Callable[..., Tensor | None]]
) -> Iterator[None]:
    handles: list[RemovableHandle] = []
    try:
        for name, tap in attention_taps(module).items():
            handles.append(tap.register_forward_hook(make_hook(name, tap)))
        yield
    finally:
        for handle in handles:
            handle.remove()
