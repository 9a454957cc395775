"""Attention taps: places where a network's attention can be seen, without changing the network.

A block passes each attention tensor through an `AttentionTap` at the place where it is used. The
tap is the identity and has no parameters, so weights and outputs are those of the untapped network.
`capture_attention` listens at all taps of a module, for one forward pass. Listeners do what torch's
hooks do, in a tenth of the time: with hooks on its 14 taps, a pass of ACSI-Net took 3 % longer.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from itertools import count
from types import MappingProxyType
from weakref import WeakKeyDictionary

from torch import Tensor, nn


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


Listener = Callable[[Tensor], Tensor | None]
"""Is told what passes through a tap; may return what is to go on in its place."""


class AttentionTap(nn.Module):
    """The identity, at a place where attention is used.

    Attributes:
        role: what passes through.
        listeners: who is told of it, in this order.
    """

    def __init__(self, role: AttentionRole) -> None:
        """Remember the `role` of what passes through."""
        super().__init__()
        self.role = role
        self.listeners: list[Listener] = []

    def forward(self, weights: Tensor) -> Tensor:
        """Return `weights`, unchanged but for what listeners put in their place."""
        for listener in self.listeners:
            instead = listener(weights)
            weights = weights if instead is None else instead
        return weights

    def extra_repr(self) -> str:
        """Return the role for the module's printout."""
        return f"role={self.role.value}"


def attention_taps(module: nn.Module) -> Mapping[str, AttentionTap]:
    """Return every tap of `module` by qualified name, in the order the module lists them.

    They are remembered with the module, as looking for them takes longer than many a layer: a tap
    that is added later isn't seen.
    """
    if isinstance(module, AttentionTap):
        return {"": module}
    if module not in _taps:
        parts = module.named_modules()
        _taps[module] = MappingProxyType({n: p for n, p in parts if isinstance(p, AttentionTap)})
    return _taps[module]


_taps: WeakKeyDictionary[nn.Module, Mapping[str, AttentionTap]] = WeakKeyDictionary()


@contextmanager
def capture_attention(module: nn.Module) -> Iterator[list[AttentionRecord]]:
    """Record every attention tensor of the forward passes made inside the block.

    The listeners are removed on leaving, also after an exception. They hear all threads: use this
    inside `LoadedModel.exclusive()` where a model is shared.

    Yields:
        A list that fills as the module runs, in the order of use.
    """
    records: list[AttentionRecord] = []

    def recorder(qualified_name: str, tap: AttentionTap) -> Listener:
        owner, _, own_name = qualified_name.rpartition(".")
        calls = count()

        def record(weights: Tensor) -> None:
            records.append(
                AttentionRecord(owner, own_name, tap.role, next(calls), weights.detach())
            )

        return record

    with _listening(module, recorder):
        yield records


@contextmanager
def replace_attention(
    module: nn.Module, replace: Callable[[str, Tensor], Tensor]
) -> Iterator[None]:
    """Let `replace(qualified tap name, weights)` stand in for every attention tensor inside.

    The listeners are removed on leaving, also after an exception.
    """

    def replacer(qualified_name: str, _tap: AttentionTap) -> Listener:
        return partial(replace, qualified_name)

    with _listening(module, replacer):
        yield


@contextmanager
def _listening(
    module: nn.Module, make_listener: Callable[[str, AttentionTap], Listener]
) -> Iterator[None]:
    with ExitStack() as stack:
        for name, tap in attention_taps(module).items():
            listener = make_listener(name, tap)
            tap.listeners.append(listener)
            stack.callback(tap.listeners.remove, listener)
        yield
