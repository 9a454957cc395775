"""Attentional feature fusion against the equations of its paper, written as loops."""

import math

import pytest
import torch
from torch import Tensor, nn

from ferstudio.models.attention import (
    AttentionalFeatureFusion,
    AttentionRole,
    capture_attention,
    replace_attention,
)
from tests.models.attention.loops import lively

Maps = list[list[list[float]]]


def block(channels: int, reduction: int = 4) -> AttentionalFeatureFusion:
    """Return a float64 block in eval mode whose batch norms aren't the identity."""
    torch.manual_seed(5)
    return lively(AttentionalFeatureFusion(channels, reduction))


def pair(count: int, channels: int, height: int, width: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(6)
    both = torch.randn(2, count, channels, height, width, generator=generator, dtype=torch.float64)
    return both[0], both[1]


def convolved(state: dict[str, Tensor], number: int, maps: Maps) -> Maps:
    """Return the branch's pointwise convolution `number`, followed by the norm behind it."""
    kernels = state[f"{number}.weight"].tolist()
    weight, bias, mean, variance = (
        state[f"{number + 1}.{key}"].tolist()
        for key in ("weight", "bias", "running_mean", "running_var")
    )
    out: Maps = []
    for k, kernel in enumerate(kernels):
        scale = weight[k] / math.sqrt(variance[k] + 1e-5)
        out.append([])
        for i in range(len(maps[0])):
            out[k].append([])
            for j in range(len(maps[0][0])):
                value = sum(kernel[c][0][0] * maps[c][i][j] for c in range(len(maps)))
                out[k][i].append((value - mean[k]) * scale + bias[k])
    return out


def context(branch: nn.Module, maps: Maps) -> Maps:
    """Return one branch of MS-CAM."""
    state = dict(branch.state_dict())
    hidden = convolved(state, 0, maps)
    hidden = [[[max(0.0, value) for value in row] for row in rows] for rows in hidden]
    return convolved(state, 3, hidden)


def reference(fusion: AttentionalFeatureFusion, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return Z and M of one shortcut and one residual (C, H, W), number by number."""
    channels, height, width = x.shape
    joint: Maps = (x + y).tolist()
    local = context(fusion.local_context, joint)
    means = [[[sum(map(sum, rows)) / (height * width)]] for rows in joint]
    pooled = context(fusion.global_context, means)
    out, gate = torch.empty_like(x), torch.empty_like(x)
    for c in range(channels):
        for i in range(height):
            for j in range(width):
                m = 1 / (1 + math.exp(-(local[c][i][j] + pooled[c][0][0])))
                gate[c, i, j] = m
                out[c, i, j] = m * float(x[c, i, j]) + (1 - m) * float(y[c, i, j])
    return out, gate


@pytest.mark.parametrize(("height", "width"), [(3, 5), (4, 2), (1, 1)])
def test_output_follows_the_equation(height: int, width: int) -> None:
    fusion = block(channels=8)
    shortcuts, residuals = pair(2, 8, height, width)
    with capture_attention(fusion) as records:
        out = fusion(shortcuts, residuals)
    (record,) = records
    assert record.role is AttentionRole.GATE
    for number in range(2):
        expected, gate = reference(fusion, shortcuts[number], residuals[number])
        torch.testing.assert_close(out[number], expected, rtol=0, atol=1e-9)
        torch.testing.assert_close(record.weights[number], gate, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("level", "chosen"), [(1.0, 0), (0.0, 1)])
def test_an_open_gate_gives_the_shortcut_and_a_closed_one_the_residual(
    level: float, chosen: int
) -> None:
    fusion = block(channels=8)
    maps = pair(1, 8, 3, 3)
    with replace_attention(fusion, lambda _tap, gate: torch.full_like(gate, level)):
        assert torch.equal(fusion(*maps), maps[chosen])


def test_it_can_start_as_the_average() -> None:
    fusion = AttentionalFeatureFusion(16).double()
    fusion.start_as_average()
    shortcuts, residuals = pair(2, 16, 3, 3)
    for training in (True, False):
        out = fusion.train(training)(shortcuts, residuals)
        torch.testing.assert_close(out, (shortcuts + residuals) / 2, rtol=0, atol=1e-12)
    out.square().sum().backward()
    for branch in (fusion.local_context, fusion.global_context):
        gradient = branch.get_parameter("4.weight").grad
        assert gradient is not None
        assert bool(gradient.all())


@pytest.mark.parametrize(("channels", "squeezed"), [(256, 16), (2048, 128), (8, 1)])
def test_channels_are_squeezed_to_a_sixteenth(channels: int, squeezed: int) -> None:
    fusion = AttentionalFeatureFusion(channels)
    for branch in (fusion.local_context, fusion.global_context):
        assert branch.get_parameter("0.weight").shape == (squeezed, channels, 1, 1)
        assert branch.get_parameter("3.weight").shape == (channels, squeezed, 1, 1)


def test_training_takes_two_pictures_but_not_one() -> None:
    fusion = AttentionalFeatureFusion(16).double().train()
    out = fusion(*pair(2, 16, 3, 3))
    out.square().sum().backward()
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in fusion.parameters())
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        fusion(*pair(1, 16, 3, 3))
