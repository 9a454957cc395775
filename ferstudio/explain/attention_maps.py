"""What a network's own attention did with one picture: one renderer per role, none per network.

`attention_views` turns the records of one forward pass into values that can be drawn:

- GATE: the gates of one block multiply, mean over channels. The map keeps its own size and its
  real range, which is seldom [0, 1]: AGFER's product of sigmoids lies in [0.5, 0.731] by
  construction. A gate of one number per channel becomes `ChannelBars`; gates per row and per
  column, as coordinate attention's, also give the two profiles of `AttentionMap`.
- SCALE: the mean over channels of each branch's share. A softmax over weights in [0, 1], as PSA's,
  keeps every share of four branches between 0.10 and 0.48.
- MAP: the sigmoid of the logits, as the gates behind a partial decoder use them.

Gates say how strongly features were let through, not what these features said: they are no CAM and
know no target emotion.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ferstudio.explain.block_names import block_place, block_title, branch_names
from ferstudio.explain.explainer import Heatmap, full_range
from ferstudio.models.attention import AttentionRecord, AttentionRole, capture_attention
from ferstudio.models.loading import LoadedModel


class AttentionKind(Enum):
    """What the weights of a block tell apart, and so what there is to see."""

    CHANNELS = "channels"
    """One weight per channel: bars."""
    PLACES = "places"
    """One weight per place, the same for all channels: a map."""
    EDGES = "edges"
    """One weight per row or per column, each of its own channel: a map with edge profiles."""
    FEATURES = "features"
    """One weight per channel and place: a map, mean over channels."""
    SCALES = "scales"
    """Shares of several branches: stacked bars."""
    PREDICTION = "prediction"
    """A map that the network predicts and uses itself."""


@dataclass(frozen=True, slots=True)
class AttentionBlock:
    """One block of a network that attends; known before the network has seen a face.

    Attributes:
        module: its qualified name.
        place: where it stands, for example "block 3.2": third stage, second block.
        title: what it is, for example "Coordinate attention".
        summary: what it does: the first sentence of its class's documentation, "" without one.
        role: what its weights mean.
        kind: what its weights tell apart.
        channels: number of channels, or of branches where it weighs branches.
        native_size: (height, width) of its weights; (1, 1) where they know no places.
        reverse: whether the gate erases what the map it reads shows.
    """

    module: str
    place: str
    title: str
    summary: str
    role: AttentionRole
    kind: AttentionKind
    channels: int
    native_size: tuple[int, int]
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class AttentionMap:
    """Weights over places.

    Attributes:
        block: where they were used.
        heatmap: (H, W) at the block's own size; `raw_range` is the range of the weights.
        rows: (H,) float32, the rows' gate, mean over channels; None without such a gate.
        columns: (W,) float32, the columns' gate, mean over channels; None without such a gate.
    """

    block: AttentionBlock
    heatmap: Heatmap
    rows: NDArray[np.float32] | None = None
    columns: NDArray[np.float32] | None = None

    @property
    def contrast(self) -> float:
        """How much less the weakest place gets than the strongest, as a share in [0, 1].

        0 means that all places are let through alike: then the map, which is drawn on its own
        range, shows differences that hardly matter.
        """
        low, high = self.heatmap.raw_range
        return (high - low) / high if high > 0 else 0.0


@dataclass(frozen=True, slots=True)
class ChannelBars:
    """One weight per channel.

    Attributes:
        block: where they were used.
        weights: (C,) float32, the largest first.
    """

    block: AttentionBlock
    weights: NDArray[np.float32]

    @property
    def half_count(self) -> int:
        """Smallest number of channels whose weights make up at least half of the sum of all.

        Equal weights give half of the channels; fewer means that the block is choosy.
        """
        running = np.cumsum(self.weights, dtype=np.float64)
        return int(np.searchsorted(running, running[-1] / 2 * (1 - 1e-9))) + 1


@dataclass(frozen=True, slots=True)
class BranchShares:
    """How much each of several branches counts.

    Attributes:
        block: where they were used.
        names: one name per branch: its kernel's size where all have kernels, else a number.
        shares: (B,) float32, mean over channels, summing to 1.
        lowest: (B,) float32, the smallest share that the branch has in any channel.
        highest: (B,) float32, the largest.
    """

    block: AttentionBlock
    names: tuple[str, ...]
    shares: NDArray[np.float32]
    lowest: NDArray[np.float32]
    highest: NDArray[np.float32]


AttentionView = AttentionMap | ChannelBars | BranchShares


def attention_views(
    module: nn.Module, records: Sequence[AttentionRecord]
) -> tuple[AttentionView, ...]:
    """Return what `records` show, one view per block and pass through it, in the order of use.

    Args:
        module: the network that made the records.
        records: of one forward pass with a batch of one picture.

    Raises:
        ValueError: if a record holds more than one picture.
    """
    groups: dict[tuple[str, AttentionRole, int], list[Tensor]] = {}
    for record in records:
        if record.weights.shape[0] != 1:
            raise ValueError(f"{record.module} saw {record.weights.shape[0]} pictures, not one")
        weights = record.weights[0].float().cpu()
        groups.setdefault((record.module, record.role, record.call), []).append(weights)
    return tuple(
        _RENDERERS[role](module, name, weights) for (name, role, _), weights in groups.items()
    )


def inventory(model: LoadedModel) -> tuple[AttentionBlock, ...]:
    """Return every block of a network that attends, in the order of use; () where none does.

    The sizes come from one forward pass of an empty picture, remembered as long as the network.
    """
    with model.exclusive() as module:
        if module not in _inventories:
            size_px = model.card.input.size
            with torch.inference_mode(), capture_attention(module) as records:
                module(torch.zeros(1, 3, size_px, size_px))
            views = attention_views(module, records)
            _inventories[module] = tuple(view.block for view in views)
        return _inventories[module]


def main_map(views: Sequence[AttentionView]) -> AttentionMap | None:
    """Return the map that tells best where a network looks; None where no block knows places.

    The first map that the network predicts, as P_d, else the last gate it used.
    """
    maps = [view for view in views if isinstance(view, AttentionMap)]
    predicted = [view for view in maps if view.block.role is AttentionRole.MAP]
    return next(iter(predicted or maps[-1:]), None)


def _gate(module: nn.Module, name: str, gates: Sequence[Tensor]) -> AttentionView:
    product, rows, columns = torch.ones(1, 1, 1), None, None
    for gate in gates:  # (C or 1, H or 1, W or 1)
        product = product * gate
        height, width = gate.shape[1:]
        if width == 1 < height:
            rows = _profile(gate) * (1 if rows is None else rows)  # (H,)
        if height == 1 < width:
            columns = _profile(gate) * (1 if columns is None else columns)  # (W,)
    channels, height, width = product.shape
    if height == width == 1:
        kind = AttentionKind.CHANNELS
    elif rows is not None or columns is not None:
        kind = AttentionKind.EDGES
    else:
        kind = AttentionKind.PLACES if channels == 1 else AttentionKind.FEATURES
    block = _block(module, name, AttentionRole.GATE, kind, (channels, height, width))
    if kind is AttentionKind.CHANNELS:
        return ChannelBars(block, product.flatten().sort(descending=True).values.numpy())
    raw = product.mean(dim=0)  # (H or 1, W or 1)
    if 1 in raw.shape:  # a gate of rows alone is the same all along each of them
        raw = raw.expand(max(raw.shape), max(raw.shape))
    return AttentionMap(block, _heatmap(name, raw), rows, columns)


def _scale(module: nn.Module, name: str, weights: Sequence[Tensor]) -> BranchShares:
    (shares,) = weights  # (B, C, ...)
    count, channels = shares.shape[0], shares.flatten(1)
    block = _block(module, name, AttentionRole.SCALE, AttentionKind.SCALES, (count, 1, 1))
    return BranchShares(
        block,
        branch_names(module.get_submodule(name), count),
        channels.mean(dim=1).numpy(),
        channels.amin(dim=1).numpy(),
        channels.amax(dim=1).numpy(),
    )


def _map(module: nn.Module, name: str, logits: Sequence[Tensor]) -> AttentionMap:
    (values,) = logits  # (1, H, W)
    block = _block(
        module, name, AttentionRole.MAP, AttentionKind.PREDICTION, (1, *values.shape[-2:])
    )
    return AttentionMap(block, _heatmap(name, torch.sigmoid(values[0])))


_RENDERERS: Mapping[AttentionRole, Callable[[nn.Module, str, Sequence[Tensor]], AttentionView]] = (
    MappingProxyType(
        {AttentionRole.GATE: _gate, AttentionRole.SCALE: _scale, AttentionRole.MAP: _map}
    )
)

_inventories: WeakKeyDictionary[nn.Module, tuple[AttentionBlock, ...]] = WeakKeyDictionary()


def _block(
    module: nn.Module,
    name: str,
    role: AttentionRole,
    kind: AttentionKind,
    shape: tuple[int, int, int],
) -> AttentionBlock:
    owner = module.get_submodule(name)
    return AttentionBlock(
        module=name,
        place=block_place(module, name),
        title=block_title(type(owner).__name__),
        summary=(type(owner).__doc__ or "").partition("\n")[0],
        role=role,
        kind=kind,
        channels=shape[0],
        native_size=shape[1:],
        reverse=getattr(owner, "reverse", False) is True,
    )


def _profile(gate: Tensor) -> NDArray[np.float32]:
    return gate.mean(dim=0).flatten().numpy()


def _heatmap(name: str, raw: Tensor) -> Heatmap:
    return full_range(name, raw.numpy(), (raw.shape[0], raw.shape[1]))
