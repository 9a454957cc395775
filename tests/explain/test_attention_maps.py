"""Attention as values: against numbers counted in loops, one small block per role and kind."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ferstudio.explain.attention_maps import (
    AttentionKind,
    AttentionMap,
    AttentionView,
    BranchShares,
    ChannelBars,
    attention_views,
    inventory,
    main_map,
)
from ferstudio.explain.face_parts import region_shares
from ferstudio.models.attention import (
    AGFER,
    CBAM,
    AttentionalFeatureFusion,
    AttentionRecord,
    AttentionRole,
    CoordinateAttention,
    MapGate,
    PartialDecoder,
    PyramidSplitAttention,
    SqueezeExcitation,
    capture_attention,
)
from tests.networks import hook_count, loaded

ATTENTIVE = {
    "acsinet": {AttentionKind.EDGES: 7},
    "csinet": {AttentionKind.CHANNELS: 17, AttentionKind.PLACES: 17, AttentionKind.EDGES: 1},
    "psa_resnet50": {AttentionKind.SCALES: 16},
    "agfer": {AttentionKind.CHANNELS: 3, AttentionKind.PLACES: 3, AttentionKind.FEATURES: 3},
    "vgg16_gcca": {
        AttentionKind.CHANNELS: 5, AttentionKind.PREDICTION: 1, AttentionKind.PLACES: 3,
    },
    "resnet18": {},
}  # fmt: skip
"""Number of blocks of each kind."""


def record(
    weights: Tensor,
    tap: str = "gate",
    role: AttentionRole = AttentionRole.GATE,
    call: int = 0,
) -> AttentionRecord:
    """Return one tensor as if a tap of "block" had carried it."""
    return AttentionRecord("block", tap, role, call, weights)


def around(block: nn.Module) -> nn.Module:
    """Return a network whose only part, called "block", is `block`."""
    network = nn.Module()
    network.add_module("block", block)
    return network


def seen(block: nn.Module, *inputs: Tensor) -> tuple[tuple[AttentionView, ...], list[Tensor]]:
    """Return the views of one pass through a block, and what its taps carried."""
    torch.manual_seed(0)
    network = around(block.eval())
    with torch.inference_mode(), capture_attention(network) as records:
        block(*inputs)
    return attention_views(network, records), [each.weights for each in records]


def drawn(shape: tuple[int, ...], seed: int = 3) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def test_gates_of_one_block_multiply_and_are_averaged_over_channels() -> None:
    rows, columns = drawn((1, 5, 3, 1)), drawn((1, 5, 1, 3), 4)
    (view,) = attention_views(
        around(CoordinateAttention(8)), [record(rows, "gate_h"), record(columns, "gate_w")]
    )
    assert isinstance(view, AttentionMap)
    assert view.block.kind is AttentionKind.EDGES
    assert view.block.channels == 5
    assert view.block.native_size == view.heatmap.native_size == (3, 3)
    expected = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            for c in range(5):
                expected[i, j] += float(rows[0, c, i, 0]) * float(columns[0, c, 0, j]) / 5
    np.testing.assert_allclose(view.heatmap.raw(), expected, atol=1e-6)
    assert view.heatmap.raw_range == pytest.approx((expected.min(), expected.max()), abs=1e-6)
    assert view.contrast == pytest.approx(1 - expected.min() / expected.max(), abs=1e-6)
    for profile, gate in ((view.rows, rows), (view.columns, columns)):
        assert profile is not None
        lines = gate[0].flatten(1).tolist()
        means = [sum(line[i] for line in lines) / 5 for i in range(len(lines[0]))]
        np.testing.assert_allclose(profile, means, atol=1e-6)


def test_a_gate_of_one_number_per_channel_becomes_sorted_bars() -> None:
    weights = torch.tensor([0.1, 0.6, 0.2, 0.3, 0.1])[None, :, None, None]
    (view,) = attention_views(around(SqueezeExcitation(16)), [record(weights)])
    assert isinstance(view, ChannelBars)
    assert view.block.kind is AttentionKind.CHANNELS
    np.testing.assert_allclose(view.weights, [0.6, 0.3, 0.2, 0.1, 0.1], atol=1e-7)
    assert view.half_count == 2  # 0.6 is less than half of 1.3, 0.9 is more


@pytest.mark.parametrize(
    ("weights", "count"), [([1, 1, 1, 1], 2), ([1, 1, 1], 2), ([9, 1, 1], 1), ([0.3], 1)]
)
def test_half_of_the_weight_is_reached_by_the_fewest_channels(
    weights: list[float], count: int
) -> None:
    (view,) = attention_views(
        around(SqueezeExcitation(16)), [record(torch.tensor(weights)[None, :, None, None])]
    )
    assert isinstance(view, ChannelBars)
    assert view.half_count == count


def test_shares_of_branches_are_averaged_over_channels_and_named_by_their_kernels() -> None:
    block = PyramidSplitAttention(16, 64)
    (view,), (shares,) = seen(block, drawn((1, 16, 6, 6)))
    assert isinstance(view, BranchShares)
    assert view.names == ("3×3", "5×5", "7×7", "9×9")
    assert view.block.channels == 4
    for branch in range(4):
        values = shares[0, branch].flatten().tolist()
        assert view.shares[branch] == pytest.approx(sum(values) / len(values), abs=1e-6)
        assert view.lowest[branch] == pytest.approx(min(values))
        assert view.highest[branch] == pytest.approx(max(values))
    assert float(view.shares.sum()) == pytest.approx(1, abs=1e-6)


def test_branches_without_kernels_are_numbered() -> None:
    shares = torch.full((1, 2, 3, 1, 1), 0.5)
    (view,) = attention_views(
        around(SqueezeExcitation(16)), [record(shares, role=AttentionRole.SCALE)]
    )
    assert isinstance(view, BranchShares)
    assert view.names == ("branch 1", "branch 2")


def test_a_gate_of_rows_alone_is_the_same_along_each() -> None:
    rows = drawn((1, 5, 3, 1))
    (view,) = attention_views(around(CoordinateAttention(8)), [record(rows, "gate_h")])
    assert isinstance(view, AttentionMap)
    assert view.columns is None
    means = rows[0, :, :, 0].mean(dim=0).numpy()
    np.testing.assert_allclose(view.heatmap.raw(), np.repeat(means[:, None], 3, axis=1), atol=1e-6)


def test_a_predicted_map_is_squashed_and_keeps_its_size() -> None:
    logits = drawn((1, 1, 3, 3)) * 8 - 4
    (view,) = attention_views(
        around(PartialDecoder((4, 4, 4), 4)), [record(logits, "map", AttentionRole.MAP)]
    )
    assert isinstance(view, AttentionMap)
    assert view.block.kind is AttentionKind.PREDICTION
    assert view.rows is view.columns is None
    expected = 1 / (1 + np.exp(-logits[0, 0].numpy().astype(np.float64)))
    np.testing.assert_allclose(view.heatmap.raw(), expected, atol=1e-6)


def test_a_flat_gate_stays_flat() -> None:
    (view,) = attention_views(around(MapGate()), [record(torch.full((1, 1, 3, 3), 0.25))])
    assert isinstance(view, AttentionMap)
    assert view.heatmap.raw_range == (0.25, 0.25)
    np.testing.assert_array_equal(view.heatmap.raw(), np.full((3, 3), 0.25, np.float32))
    assert view.contrast == 0
    assert {region.share for region in region_shares(view.heatmap, None, 48)} == {0.0}


def test_the_product_gate_of_agfer_keeps_its_narrow_range() -> None:
    views, _ = seen(AGFER(16, 8), drawn((1, 16, 5, 5)))
    channels, places, product = views
    assert isinstance(channels, ChannelBars)
    assert isinstance(places, AttentionMap)
    assert places.block.kind is AttentionKind.PLACES
    assert isinstance(product, AttentionMap)
    assert product.block.kind is AttentionKind.FEATURES
    low, high = product.heatmap.raw_range
    assert 0.5 <= low < high <= 0.7311
    assert product.heatmap.values.min() == 0
    assert product.heatmap.values.max() == 1


def test_a_gate_that_mixes_two_maps_is_averaged_over_its_channels() -> None:
    x = drawn((1, 16, 3, 3))
    (view,), (gate,) = seen(AttentionalFeatureFusion(16), x, x)
    assert isinstance(view, AttentionMap)
    assert view.block.kind is AttentionKind.FEATURES
    np.testing.assert_allclose(view.heatmap.raw(), gate[0].mean(dim=0), atol=1e-6)


def test_views_stand_in_the_order_of_use_and_each_pass_has_its_own() -> None:
    block = CBAM(16)
    (channels, places), _ = seen(block, drawn((1, 16, 4, 4)))
    assert [channels.block.module, places.block.module] == ["block.channel", "block.spatial"]
    gates = [record(torch.full((1, 1, 2, 2), call + 1.0), call=call) for call in range(2)]
    views = attention_views(around(MapGate()), gates)
    assert [isinstance(v, AttentionMap) and v.heatmap.raw_range[0] for v in views] == [1, 2]


def test_more_than_one_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="block saw 2 pictures"):
        attention_views(around(MapGate()), [record(torch.ones(2, 1, 3, 3))])


@pytest.mark.parametrize("name", ATTENTIVE)
def test_the_inventory_lists_what_a_network_has(name: str) -> None:
    model = loaded(name)
    blocks = inventory(model)
    kinds = [block.kind for block in blocks]
    assert {kind: kinds.count(kind) for kind in kinds} == ATTENTIVE[name]
    assert inventory(model) is blocks
    assert hook_count(model.module) == 0
    assert all(block.title and block.place and block.summary.endswith(".") for block in blocks)


def test_the_inventory_says_where_blocks_stand_and_how_large_their_maps_are() -> None:
    blocks = inventory(loaded("acsinet"))
    assert [block.place for block in blocks] == [
        "block 1.1", "block 1.2", "block 2.1", "block 2.2", "block 3.1", "block 3.2",
        "final attention",
    ]  # fmt: skip
    assert {block.title for block in blocks} == {"Coordinate attention"}
    sides = [16, 16, 8, 8, 4, 4, 2]  # of a picture of 64 px
    assert [block.native_size for block in blocks] == [(side, side) for side in sides]
    assert not any(block.reverse for block in blocks)


def test_reverse_attention_comes_from_coarse_to_fine_behind_the_predicted_map() -> None:
    decoder, *gates = inventory(loaded("vgg16_gcca"))[-4:]
    assert decoder.role is AttentionRole.MAP
    assert [gate.place for gate in gates] == ["gate 5", "gate 4", "gate 3"]
    assert [gate.native_size for gate in gates] == [(4, 4), (8, 8), (16, 16)]
    assert all(gate.reverse for gate in gates)
    assert not any(block.reverse for block in inventory(loaded("vgg16_gcca_nora")))


def test_one_of_several_networks_is_named_by_its_number() -> None:
    ensemble = nn.Module()
    members = nn.ModuleList([around(MapGate()), loaded("acsinet").module])
    ensemble.add_module("members", members)
    gate = torch.ones(1, 1, 2, 2)
    names = ("members.0.block", "members.1.layer2.1.attention", "members.1.final_attention")
    records = [AttentionRecord(name, "gate", AttentionRole.GATE, 0, gate) for name in names]
    places = [view.block.place for view in attention_views(ensemble, records)]
    assert places == ["member 1 · block", "member 2 · block 2.2", "member 2 · final attention"]


def test_the_main_map_is_the_predicted_one_or_the_last_gate() -> None:
    gate, channels = record(torch.ones(1, 1, 2, 2)), record(torch.ones(1, 3, 1, 1), call=1)
    later = record(torch.ones(1, 1, 3, 3), call=2)
    predicted = record(torch.ones(1, 1, 5, 5), "map", AttentionRole.MAP)
    network = around(MapGate())
    sizes = {
        (): None,
        (channels,): None,
        (gate, later, channels): (3, 3),
        (predicted, gate, later): (5, 5),
    }
    for records, size in sizes.items():
        main = main_map(attention_views(network, list(records)))
        assert (None if main is None else main.block.native_size) == size
