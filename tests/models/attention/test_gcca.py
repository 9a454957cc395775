"""GCCA and its random pooling against their equations, written as loops, and against chance."""

import pytest
import torch
from torch import Tensor, nn

from ferstudio.models.attention import (
    GCCA,
    AttentionRole,
    StochasticPool2d,
    capture_attention,
)
from ferstudio.models.attention.gcca import draw_positions
from tests.models.attention.loops import Maps, randomise, sigmoid, tensor

DRAWS = 6000
SIGMAS = 5
"""How far a frequency may be from its probability: by chance once in two million times."""


def block(channels: int = 6, reduction: int = 3) -> GCCA:
    """Return a float64 block of which no layer is as it starts."""
    torch.manual_seed(1)
    attention = GCCA(channels, reduction).double()
    randomise(attention)
    return attention.requires_grad_(False)


def activations(*shape: int) -> Tensor:
    """Return float64 activations behind a ReLU, about half of them 0, all of the last channel."""
    generator = torch.Generator().manual_seed(2)
    x = 2 * torch.randn(*shape, generator=generator, dtype=torch.float64).relu()
    x[:, -1] = 0
    return x


def expected_activations(maps: Maps) -> list[float]:
    """Return the mean activation of each channel, weighted by probability."""
    pooled = []
    for rows in maps:
        values = [value for row in rows for value in row]
        total = sum(values)
        pooled.append(sum(value / total * value for value in values) if total > 0 else 0.0)
    return pooled


def reference(attention: GCCA, maps: Maps, drawn: list[float]) -> Tensor:
    """Return Eqs. 1 and 2 of one picture with F_rdm = `drawn`, number by number."""
    state = {key: value.tolist() for key, value in attention.state_dict().items()}
    mixed = []
    for c, rows in enumerate(maps):
        values = [value for row in rows for value in row]
        three = [sum(values) / len(values), max(values), drawn[c]]
        value = state["mix.bias"][c]
        for kernel, pooled in zip(state["mix.weight"][c][0], three, strict=True):
            value += kernel[0] * pooled
        mixed.append(max(0.0, value))
    hidden = []
    for k, kernels in enumerate(state["squeeze.weight"]):
        value = state["squeeze.bias"][k] + sum(
            kernel[0][0] * mixed[c] for c, kernel in enumerate(kernels)
        )
        hidden.append(max(0.0, value))
    out: Maps = []
    for c, kernels in enumerate(state["excite.weight"]):
        gate = state["excite.bias"][c] + sum(
            kernel[0][0] * hidden[k] for k, kernel in enumerate(kernels)
        )
        out.append([[sigmoid(gate) * value + value for value in row] for row in maps[c]])
    return tensor(out)


@pytest.mark.parametrize(("height", "width"), [(3, 5), (4, 2), (1, 1)])
def test_in_evaluation_the_output_follows_the_equations(height: int, width: int) -> None:
    attention = block().eval()
    x = activations(3, 6, height, width)
    expected = [reference(attention, p.tolist(), expected_activations(p.tolist())) for p in x]
    torch.testing.assert_close(attention(x), torch.stack(expected), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("height", "width"), [(3, 5), (4, 2), (1, 1)])
def test_in_training_the_output_follows_the_equations(height: int, width: int) -> None:
    attention = block().train()
    x = activations(3, 6, height, width)
    torch.manual_seed(3)
    positions: list[list[int]] = draw_positions(x).tolist()
    torch.manual_seed(3)
    out = attention(x)
    for picture, places, result in zip(x, positions, out, strict=True):
        maps: Maps = picture.tolist()
        drawn = [maps[c][place // width][place % width] for c, place in enumerate(places)]
        torch.testing.assert_close(result, reference(attention, maps, drawn), rtol=0, atol=1e-9)


def frequencies(x: Tensor) -> list[float]:
    """Return how often each position of one map (H, W) is drawn, row by row."""
    positions = draw_positions(x.expand(DRAWS, 1, *x.shape)).flatten()
    return [int((positions == place).sum()) / DRAWS for place in range(x.numel())]


def assert_near(frequency: float, probability: float) -> None:
    deviation = (probability * (1 - probability) / DRAWS) ** 0.5
    assert abs(frequency - probability) <= SIGMAS * deviation, (frequency, probability)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_positions_are_drawn_by_their_share_and_zeros_never(dtype: torch.dtype) -> None:
    torch.manual_seed(4)
    x = torch.tensor([[0, 1, 0, 5], [0, 0, 0, 0], [2, 0.5, 0, -9], [-1, 0, 8, 0]], dtype=dtype)
    values = [max(0.0, value) for row in x.tolist() for value in row]
    for frequency, value in zip(frequencies(x), values, strict=True):
        assert_near(frequency, value / sum(values))
        assert value > 0 or frequency == 0


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_where_nothing_is_active_all_positions_are_as_probable(value: float) -> None:
    torch.manual_seed(5)
    for frequency in frequencies(torch.full((3, 4), value)):
        assert_near(frequency, 1 / 12)


@pytest.mark.parametrize("number", [0.0, 1 - 2**-53])
def test_the_least_and_the_greatest_random_number_draw_an_active_position(
    number: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "rand_like", lambda like: torch.full_like(like, number))
    x = torch.zeros(1, 1, 4, 5)
    x[0, 0, 1, 2], x[0, 0, 1, 3], x[0, 0, 2, 1] = 0.1, 0.7, 0.3
    assert draw_positions(x).item() == (7 if number == 0 else 11)


def test_pictures_and_channels_are_drawn_apart() -> None:
    torch.manual_seed(6)
    positions = draw_positions(torch.ones(DRAWS, 2, 2, 2))
    first, second = positions.unbind(dim=1)
    for place in range(4):
        for other in range(4):
            assert_near(float(((first == place) & (second == other)).float().mean()), 1 / 16)
            following = (first[:-1] == place) & (first[1:] == other)
            assert_near(float(following.float().mean()), 1 / 16)


def test_the_memory_format_does_not_matter() -> None:
    x = activations(4, 6, 5, 3).float()
    torch.manual_seed(7)
    positions = draw_positions(x)
    torch.manual_seed(7)
    assert torch.equal(draw_positions(x.to(memory_format=torch.channels_last)), positions)


def test_an_overflown_activation_is_no_way_out_of_the_map() -> None:
    torch.manual_seed(8)
    x = activations(2, 3, 4, 5)
    x[0, 0, 1, 2] = torch.inf
    x[0, 1] = torch.inf
    x[1, 0, 3, 1] = torch.nan
    positions = draw_positions(x)
    assert int(positions.min()) >= 0
    assert int(positions.max()) < 20


def test_a_seed_repeats_the_draws() -> None:
    pool, x = StochasticPool2d(), activations(8, 6, 7, 7)
    torch.manual_seed(9)
    first, second = pool(x), pool(x)
    torch.manual_seed(9)
    assert torch.equal(pool(x), first)
    assert torch.equal(pool(x), second)
    assert not torch.equal(first, second)


def test_evaluation_draws_nothing() -> None:
    pool, x = StochasticPool2d().eval(), activations(2, 6, 7, 7)
    state = torch.get_rng_state()
    assert torch.equal(pool(x), pool(x))
    assert torch.equal(torch.get_rng_state(), state)


def test_evaluation_gives_the_mean_of_the_draws() -> None:
    torch.manual_seed(10)
    x = activations(1, 2, 3, 3)
    pool = StochasticPool2d()
    drawn = pool(x.expand(DRAWS, -1, -1, -1))[:, 0, 0, 0]
    expected = pool.eval()(x)[0, 0, 0, 0]
    assert float(drawn.std()) > 0.1
    assert float((drawn.mean() - expected).abs()) < SIGMAS * float(drawn.std()) / DRAWS**0.5


def test_what_is_negative_counts_as_zero_in_evaluation() -> None:
    pool, x = StochasticPool2d().eval(), torch.randn(2, 3, 4, 5)
    torch.testing.assert_close(pool(x), pool(x.relu()))


def test_only_the_drawn_activation_gets_a_gradient() -> None:
    x = activations(3, 6, 4, 5).requires_grad_()
    torch.manual_seed(11)
    positions = draw_positions(x)
    torch.manual_seed(11)
    StochasticPool2d()(x).sum().backward()
    assert x.grad is not None
    expected = torch.zeros(3, 6, 20, dtype=torch.float64)
    for n in range(3):
        for c in range(6):
            expected[n, c, int(positions[n, c])] = 1
    assert torch.equal(x.grad.flatten(2), expected)


def test_gradients_in_evaluation_are_right_and_finite_where_all_are_zero() -> None:
    pool = StochasticPool2d().eval()
    active = activations(2, 3, 3, 2)[:, :2] + 0.1
    assert torch.autograd.gradcheck(pool, active.requires_grad_())
    silent = torch.zeros(2, 3, 3, 2, requires_grad=True)
    pool(silent).sum().backward()
    assert silent.grad is not None
    assert bool(silent.grad.isfinite().all())


@pytest.mark.parametrize("training", [False, True])
def test_the_gate_is_one_number_per_channel(training: bool) -> None:
    attention = block().train(training)
    x = activations(2, 6, 4, 5)
    with capture_attention(attention) as records:
        out = attention(x)
    (record,) = records
    assert (record.module, record.tap, record.role) == ("", "gate", AttentionRole.GATE)
    assert record.weights.shape == (2, 6, 1, 1)
    assert 0 < float(record.weights.min()) < float(record.weights.max()) < 1
    assert not torch.allclose(record.weights[0], record.weights[1])
    torch.testing.assert_close(out, record.weights * x + x, rtol=0, atol=1e-12)


def test_the_mixture_starts_as_the_mean_of_the_three() -> None:
    attention = GCCA(8)
    three = torch.rand(2, 8, 3)
    mixed = attention.mix(three[..., None])
    torch.testing.assert_close(mixed[:, :, 0, 0], three.mean(dim=2))


@pytest.mark.parametrize(
    ("channels", "reduction", "squeezed"), [(512, 16, 32), (64, 16, 4), (8, 16, 1), (8, 3, 2)]
)
def test_channels_are_squeezed_but_never_to_none(
    channels: int, reduction: int, squeezed: int
) -> None:
    attention = GCCA(channels, reduction)
    assert isinstance(attention.squeeze, nn.Conv2d)
    assert attention.squeeze.out_channels == attention.excite.in_channels == squeezed
    assert attention.mix.groups == channels
