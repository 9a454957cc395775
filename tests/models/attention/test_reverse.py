"""Reverse attention against Eqs. 3 and 4, written as loops, and what isn't reversed."""

import pytest
import torch
from torch import Tensor, nn

from ferstudio.models.attention import AttentionRole, MapGate, MapGuidance, capture_attention
from tests.models.attention.loops import (
    Maps,
    conv_norm,
    convolved,
    randomise,
    resized,
    sigmoid,
    tensor,
)

CHANNELS = {3: 2, 4: 3, 5: 4}

SIDES = [
    {3: (6, 5), 4: (3, 2), 5: (1, 1)},
    {3: (7, 7), 4: (3, 3), 5: (1, 1)},
    {3: (1, 1), 4: (1, 1), 5: (1, 1)},
]


def guidance(*, reverse: bool = True) -> MapGuidance:
    """Return a float64 guidance in eval mode with maps of 2 features."""
    torch.manual_seed(1)
    module = MapGuidance(CHANNELS, reverse=reverse, width=2).double().eval()
    randomise(module)
    return module.requires_grad_(False)


def inputs(count: int, sides: dict[int, tuple[int, int]]) -> tuple[dict[int, Tensor], Tensor]:
    """Return features by level and a global map of the size of the finest."""
    generator = torch.Generator().manual_seed(2)
    features = {
        level: torch.randn(count, channels, *sides[level], generator=generator).double()
        for level, channels in CHANNELS.items()
    }
    return features, 2 * torch.randn(count, 1, *sides[3], generator=generator).double()


def gated(features: Maps, gate: Maps) -> Maps:
    return [
        [[v * g for v, g in zip(*rows, strict=True)] for rows in zip(maps, gate[0], strict=True)]
        for maps in features
    ]


def refined(module: nn.Module, maps: Maps) -> Maps:
    first, second, third, last = module.children()
    for part in (first, second, third):
        maps = conv_norm(part, maps, relu=True)
    return convolved(last, maps)


def reference(
    module: MapGuidance, features: dict[int, Maps], global_map: Maps
) -> dict[int, tuple[Maps, Maps]]:
    """Return R_i and A_i of one picture by level, Eqs. 3 and 4 written out for 5, 4 and 3."""
    u5 = resized(global_map, features[5])
    a5 = [[[1 - sigmoid(value) for value in row] for row in u5[0]]]
    r5 = gated(features[5], a5)
    s5 = refined(module.refinements["5"], r5)
    s5 = [[[s + u for s, u in zip(*rows, strict=True)] for rows in zip(s5[0], u5[0], strict=True)]]
    u4 = resized(s5, features[4])
    a4 = [[[1 - sigmoid(value) for value in row] for row in u4[0]]]
    r4 = gated(features[4], a4)
    s4 = refined(module.refinements["4"], r4)
    s4 = [[[s + u for s, u in zip(*rows, strict=True)] for rows in zip(s4[0], u4[0], strict=True)]]
    u3 = resized(s4, features[3])
    a3 = [[[1 - sigmoid(value) for value in row] for row in u3[0]]]
    return {3: (gated(features[3], a3), a3), 4: (r4, a4), 5: (r5, a5)}


@pytest.mark.parametrize("sides", SIDES)
def test_reverse_attention_follows_the_equations(sides: dict[int, tuple[int, int]]) -> None:
    module = guidance()
    features, global_map = inputs(2, sides)
    with capture_attention(module) as records:
        out = module(features, global_map)
    assert [record.module for record in records] == ["gates.5", "gates.4", "gates.3"]
    gates = {level: record.weights for level, record in zip((5, 4, 3), records, strict=True)}
    for number in range(2):
        maps: dict[int, Maps] = {level: x[number].tolist() for level, x in features.items()}
        expected = reference(module, maps, global_map[number].tolist())
        for level, (features_r, gate) in expected.items():
            result, weights = out[level][number], gates[level][number]
            torch.testing.assert_close(result, tensor(features_r), rtol=0, atol=1e-9)
            torch.testing.assert_close(weights, tensor(gate), rtol=0, atol=1e-9)


@pytest.mark.parametrize("sides", SIDES)
def test_without_reversal_all_levels_follow_the_global_map(
    sides: dict[int, tuple[int, int]],
) -> None:
    module = guidance(reverse=False)
    features, global_map = inputs(2, sides)
    out = module(features, global_map)
    assert not list(module.parameters())
    for number in range(2):
        for level in CHANNELS:
            maps: Maps = features[level][number].tolist()
            shown = resized(global_map[number].tolist(), maps)
            gate = [[[sigmoid(value) for value in row] for row in shown[0]]]
            expected = tensor(gated(maps, gate))
            torch.testing.assert_close(out[level][number], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("reverse", [True, False])
def test_gates_are_one_number_per_place(reverse: bool) -> None:
    module = MapGate(reverse=reverse)
    x, prediction = torch.rand(2, 4, 3, 5), torch.linspace(-9, 9, 30).reshape(2, 1, 3, 5)
    with capture_attention(module) as records:
        out = module(x, prediction)
    (record,) = records
    assert (record.tap, record.role) == ("gate", AttentionRole.GATE)
    assert record.weights.shape == (2, 1, 3, 5)
    assert 0 <= float(record.weights.min()) < 0.001
    assert 0.999 < float(record.weights.max()) <= 1
    assert bool((record.weights.flatten().diff() < 0).all()) is reverse
    assert torch.equal(out, x * record.weights)


def test_what_is_found_is_erased_and_the_rest_is_kept() -> None:
    features, global_map = inputs(1, SIDES[0])
    module = guidance()
    found = module(features, torch.full_like(global_map, 50))
    missed = module(features, torch.full_like(global_map, -50))
    assert float(found[5].abs().max()) < 1e-9
    torch.testing.assert_close(missed[5], features[5], rtol=0, atol=1e-9)


@pytest.mark.parametrize("level", [5, 4])
def test_each_level_refines_the_map_for_those_above(level: int) -> None:
    module = guidance()
    features, global_map = inputs(1, SIDES[0])
    with capture_attention(module) as records:
        module(features, global_map)
        features[level] = -features[level]
        module(features, global_map)
    before, after = records[:3], records[3:]
    same = [torch.equal(a.weights, b.weights) for a, b in zip(before, after, strict=True)]
    assert same == [number <= 5 - level for number in range(3)]


def test_the_last_map_has_no_reader_and_is_not_made() -> None:
    assert list(guidance().refinements) == ["4", "5"]
    assert list(guidance().gates) == ["3", "4", "5"]
