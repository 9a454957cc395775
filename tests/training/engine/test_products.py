"""Convolutions by matrix products: the same numbers and gradients, where the map is small only."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from ferstudio.models import build_model
from training.engine import products
from training.engine.products import (
    MOST_CELLS,
    ConvolutionShape,
    ConvolutionTimes,
    SmallMapProducts,
    output_cells,
    product_conv2d,
    product_pays,
    small_map_products,
    time_convolution,
)

CASES = [  # channels, filters, (rows, columns), kernel, stride, padding
    (3, 5, (4, 6), (3, 3), (1, 1), (1, 1)),
    (4, 2, (5, 5), (3, 3), (2, 2), (1, 1)),
    (4, 2, (6, 5), (3, 2), (2, 1), (0, 1)),
    (6, 7, (3, 3), (1, 1), (1, 1), (0, 0)),
    (6, 7, (5, 4), (1, 1), (2, 2), (0, 0)),
    (2, 3, (2, 2), (5, 5), (1, 1), (2, 2)),
    (2, 3, (7, 7), (3, 3), (3, 3), (0, 0)),  # the last row and column are seen by no kernel
]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Give the output cells of each convolution that became a product."""
    cells = []

    def counted(images: Tensor, weight: Tensor, *rest: Any) -> Tensor:
        output = product_conv2d(images, weight, *rest)
        cells.append((output.shape[2], output.shape[3]))
        return output

    monkeypatch.setattr(products, "product_conv2d", counted)
    monkeypatch.setattr(products, "product_pays", lambda _shape: True)
    return cells


def tensors(case: tuple[Any, ...]) -> tuple[Tensor, Tensor, Tensor]:
    channels, filters, (rows, columns), kernel, *_ = case
    generator = torch.Generator().manual_seed(rows * columns)
    shapes = (5, channels, rows, columns), (filters, channels, *kernel), (filters,)
    images, weight, bias = (
        torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()
        for shape in shapes
    )
    return images, weight, bias


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("with_bias", [True, False])
def test_product_and_gradients_are_the_convolutions(case: tuple[Any, ...], with_bias: bool) -> None:
    images, weight, bias = tensors(case)
    inputs = [images, weight] + [bias] * with_bias
    *_, stride, padding = case
    own = product_conv2d(images, weight, bias if with_bias else None, stride, padding)
    expected = functional.conv2d(images, weight, bias if with_bias else None, stride, padding)
    torch.testing.assert_close(own, expected, rtol=0, atol=1e-12)
    assert own.is_contiguous(memory_format=torch.channels_last)
    sides = images, case[3], stride, padding
    assert output_cells(*sides) == tuple(expected.shape[2:])
    slope = torch.randn(expected.shape, dtype=torch.float64)
    mine, theirs = (torch.autograd.grad(out, inputs, slope) for out in (own, expected))
    for ours, library in zip(mine, theirs, strict=True):
        torch.testing.assert_close(ours, library, rtol=0, atol=1e-12)


def test_any_memory_format_will_do() -> None:
    images, weight, bias = tensors(CASES[0])
    _, _, _, _, stride, padding = CASES[0]
    expected = functional.conv2d(images, weight, bias, stride, padding)
    for form in (torch.contiguous_format, torch.channels_last):
        own = product_conv2d(
            images.contiguous(memory_format=form),
            weight.contiguous(memory_format=form),
            bias,
            stride,
            padding,
        )
        torch.testing.assert_close(own, expected, rtol=0, atol=1e-12)


def test_it_works_in_the_precision_of_autocast(seen: list[tuple[int, int]]) -> None:
    images, weight, bias = (tensor.float().detach() for tensor in tensors(CASES[0]))
    images.requires_grad_()
    with torch.autocast("cpu", torch.bfloat16), SmallMapProducts():
        output = functional.conv2d(images, weight, bias, 1, 1)
    assert len(seen) == 1
    assert output.dtype == torch.bfloat16
    expected = functional.conv2d(images, weight, bias, 1, 1)
    torch.testing.assert_close(output.float(), expected, rtol=0.02, atol=0.05)
    slope = torch.ones_like(output)
    own, library = (
        torch.autograd.grad(out, images, slope.to(out.dtype))[0] for out in (output, expected)
    )
    assert own.dtype == torch.float32
    torch.testing.assert_close(own, library, rtol=0.02, atol=0.05)


def test_only_small_plain_convolutions_become_products(seen: list[tuple[int, int]]) -> None:
    images = torch.randn(2, 4, 8, 8)
    plain, grouped, wide = torch.randn(4, 4, 3, 3), torch.randn(4, 2, 3, 3), torch.randn(4, 4, 3, 3)
    with SmallMapProducts():
        functional.conv2d(images, plain)  # 6 x 6
        functional.conv2d(images, plain, padding=1, stride=(2, 1))  # 4 x 8
        functional.conv2d(images, plain, padding=1)  # 8 x 8: too large
        functional.conv2d(images, grouped, groups=2)
        functional.conv2d(images, wide, dilation=2)
        functional.conv2d(images[..., :3, :3], plain, padding="same")
    assert seen == [(6, 6), (4, 8)]
    assert MOST_CELLS == 36
    functional.conv2d(images, plain)
    assert len(seen) == 2  # nothing stays behind


@pytest.mark.parametrize("size", [32, 80])
def test_a_networks_training_step_is_the_same(size: int, seen: list[tuple[int, int]]) -> None:
    torch.manual_seed(0)
    network = build_model("acsinet", num_classes=8).double().train()
    images = torch.randn(2, 3, size, size, dtype=torch.float64)
    gradients = []
    for products_or_not in (small_map_products(torch.device("cpu")), None):
        network.zero_grad()
        if products_or_not is None:
            logits = network(images)
        else:
            with products_or_not:
                logits = network(images)
        functional.cross_entropy(logits, torch.tensor([1, 2])).backward()
        gradients.append([parameter.grad for parameter in network.parameters()])
    convolutions = sum(isinstance(module, nn.Conv2d) for module in network.modules())
    assert 4 < len(seen) < convolutions
    for own, library in zip(*gradients, strict=True):
        torch.testing.assert_close(own, library, rtol=1e-6, atol=1e-8)


def test_a_gpu_keeps_its_own_library() -> None:
    images, weight = torch.randn(1, 1, 3, 3), torch.randn(1, 1, 3, 3)
    with small_map_products(torch.device("cuda")) as nothing:
        functional.conv2d(images, weight)
    assert nothing is None


@pytest.mark.parametrize(("product_s", "pays"), [(0.5, True), (0.95, False), (1.5, False)])
def test_what_is_faster_by_more_than_chance_is_chosen_once_and_said(
    product_s: float,
    pays: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    timed: list[ConvolutionShape] = []

    def time(shape: ConvolutionShape) -> ConvolutionTimes:
        timed.append(shape)
        return ConvolutionTimes(library_s=1.0, product_s=product_s)

    monkeypatch.setattr(products, "time_convolution", time)
    product_pays.cache_clear()
    images = torch.randn(2, 4, 3, 3, requires_grad=True)
    with SmallMapProducts():
        for _ in range(2):
            functional.conv2d(images, torch.randn(5, 4, 3, 3), padding=1)
    product_pays.cache_clear()
    shape = ConvolutionShape((2, 4, 3, 3), (5, 4, 3, 3), (1, 1), (1, 1), torch.float32)
    assert timed == [shape]
    assert ConvolutionTimes(1.0, product_s).product_pays == pays
    chosen = "as a product" if pays else "by oneDNN"
    assert f"4 to 5 channels, 3x3, 2 pictures of 3x3: {chosen};" in capsys.readouterr().out


def test_both_ways_are_timed_and_nothing_random_is_used_up() -> None:
    shape = ConvolutionShape((2, 4, 3, 3), (5, 4, 3, 3), (1, 1), (1, 1), torch.float32)
    state = torch.get_rng_state()
    times = time_convolution(shape, runs=2)
    assert min(times.library_s, times.product_s) > 0
    assert torch.equal(torch.get_rng_state(), state)


def test_without_a_gradient_the_library_does_it(seen: list[tuple[int, int]]) -> None:
    with SmallMapProducts(), torch.no_grad():
        functional.conv2d(torch.randn(2, 4, 3, 3), torch.randn(5, 4, 3, 3), padding=1)
    assert seen == []
