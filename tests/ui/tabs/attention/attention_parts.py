"""Made-up attention of every kind, for what draws it."""

import numpy as np

from ferstudio.explain.attention_maps import (
    AttentionBlock,
    AttentionKind,
    AttentionMap,
    BranchShares,
    ChannelBars,
)
from ferstudio.explain.explainer import Heatmap
from ferstudio.models.attention import AttentionRole


def block(
    module: str,
    kind: AttentionKind,
    role: AttentionRole = AttentionRole.GATE,
    *,
    title: str = "Made up",
    reverse: bool = False,
) -> AttentionBlock:
    size = (1, 1) if kind in (AttentionKind.CHANNELS, AttentionKind.SCALES) else (3, 3)
    return AttentionBlock(module, f"at {module}", title, "Does.", role, kind, 4, size, reverse)


def map_view(
    module: str,
    kind: AttentionKind = AttentionKind.PLACES,
    role: AttentionRole = AttentionRole.GATE,
    *,
    high: float = 0.9,
    title: str = "Made up",
    reverse: bool = False,
) -> AttentionMap:
    values = np.linspace(0, 1, 9, dtype=np.float32).reshape(3, 3)
    edges = values[0] if kind is AttentionKind.EDGES else None
    heatmap = Heatmap(module, values, (3, 3), (0.25, high))
    return AttentionMap(
        block(module, kind, role, title=title, reverse=reverse), heatmap, edges, edges
    )


EDGES = map_view("a", AttentionKind.EDGES)
CHANNELS = ChannelBars(
    block("c", AttentionKind.CHANNELS, title="Squeeze"), np.array([0.8, 0.4, 0.2, 0.1], np.float32)
)
SHARES = BranchShares(
    block("s", AttentionKind.SCALES, AttentionRole.SCALE, title="Split"),
    ("3×3", "5×5"),
    np.array([0.4, 0.6], np.float32),
    np.array([0.3, 0.5], np.float32),
    np.array([0.5, 0.7], np.float32),
)
