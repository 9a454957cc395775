"""The partial decoder against its equations, written as loops."""

import pytest
import torch
from torch import Tensor

from ferstudio.models.attention import AttentionRole, PartialDecoder, capture_attention
from ferstudio.models.attention.decoder import resize
from tests.models.attention.loops import (
    Maps,
    conv_norm,
    convolved,
    product,
    randomise,
    resized,
    tensor,
)

CHANNELS = (3, 4, 5)

SIDES = [
    ((6, 5), (3, 2), (1, 1)),
    ((4, 4), (2, 2), (1, 1)),
    ((7, 7), (3, 3), (1, 1)),
    ((1, 1), (1, 1), (1, 1)),
]
"""Height and width of levels 3, 4 and 5."""


def decoder() -> PartialDecoder:
    """Return a float64 decoder of width 2 in eval mode."""
    torch.manual_seed(1)
    module = PartialDecoder(CHANNELS, width=2).double().eval()
    randomise(module)
    return module.requires_grad_(False)


def levels(count: int, sides: tuple[tuple[int, int], ...]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(2)
    return [
        torch.randn(count, channels, *side, generator=generator, dtype=torch.float64)
        for channels, side in zip(CHANNELS, sides, strict=True)
    ]


def reference(module: PartialDecoder, c3: Maps, c4: Maps, c5: Maps) -> Tensor:
    """Return P_d (1, H, W) of one picture, number by number."""
    f3 = conv_norm(module.reduce3, c3, relu=True)
    f4 = conv_norm(module.reduce4, c4, relu=True)
    f5 = conv_norm(module.reduce5, c5, relu=True)
    g4 = product(f4, conv_norm(module.multiply_5_by_4, resized(f5, f4)))
    g3 = product(
        f3,
        conv_norm(module.multiply_4_by_3, resized(f4, f3)),
        conv_norm(module.multiply_5_by_3, resized(f5, f3)),
    )
    h4 = conv_norm(module.fuse4, g4 + conv_norm(module.join_5_to_4, resized(f5, f4)))
    h3 = conv_norm(module.fuse3, g3 + conv_norm(module.join_4_to_3, resized(h4, f3)))
    return tensor(convolved(module.predict, conv_norm(module.smooth, h3)))


@pytest.mark.parametrize("sides", SIDES)
def test_the_map_follows_the_equations(sides: tuple[tuple[int, int], ...]) -> None:
    module = decoder()
    features = levels(2, sides)
    out = module(*features)
    assert out.shape == (2, 1, *sides[0])
    for number in range(2):
        expected = reference(module, *(level[number].tolist() for level in features))
        torch.testing.assert_close(out[number], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_the_map_depends_on_every_level(level: int) -> None:
    module = decoder()
    features = levels(1, SIDES[0])
    before = module(*features)
    features[level] = -features[level]
    assert not torch.allclose(module(*features), before)


def test_the_map_passes_a_tap() -> None:
    module = decoder()
    with capture_attention(module) as records:
        out = module(*levels(2, SIDES[0]))
    (record,) = records
    assert (record.module, record.tap, record.role) == ("", "map", AttentionRole.MAP)
    assert torch.equal(record.weights, out)


@pytest.mark.parametrize(
    ("source", "target"), [((2, 3), (5, 7)), ((7, 6), (3, 2)), ((4, 4), (1, 1)), ((3, 2), (3, 2))]
)
def test_resizing_keeps_the_places_of_the_cells(
    source: tuple[int, int], target: tuple[int, int]
) -> None:
    torch.manual_seed(3)
    x = torch.randn(2, 2, *source, dtype=torch.float64)
    like = torch.zeros(2, 1, *target, dtype=torch.float64)
    expected = torch.stack([tensor(resized(maps, like[0].tolist())) for maps in x.tolist()])
    torch.testing.assert_close(resize(x, like), expected, rtol=0, atol=1e-12)


def test_the_levels_are_reduced_to_32_features() -> None:
    module = PartialDecoder((256, 512, 512))
    reduced = [part.out_channels for part in (module.reduce3, module.reduce4, module.reduce5)]
    assert reduced == [32, 32, 32]
    assert module.predict.weight.shape == (1, 96, 1, 1)
