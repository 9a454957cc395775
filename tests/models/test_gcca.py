"""The context framework: what stands where in each variant, what is fused and what it costs."""

import pytest
import torch
from torch import Tensor, nn

from ferstudio.models import build_model, model_entry
from ferstudio.models.attention import AttentionRole, capture_attention
from ferstudio.models.counts import count_network
from ferstudio.models.gcca import ContextNetwork
from tests.networks import network, pictures

NAMES = ("vgg16_gcca", "vgg16_gcca_fusion", "vgg16_gcca_nopd", "vgg16_gcca_nora")

GCCAS = [f"backbone.block{block}.attention" for block in (1, 2, 3, 4, 5)]
GUIDES = ["decoder", *(f"guidance.gates.{level}" for level in (5, 4, 3))]


def context_network(name: str) -> ContextNetwork:
    module = network(name)
    assert isinstance(module, ContextNetwork)
    return module


@pytest.mark.parametrize(
    ("name", "owners"),
    [
        ("vgg16_gcca", [*GCCAS, *GUIDES]),
        ("vgg16_gcca_nora", [*GCCAS, *GUIDES]),
        ("vgg16_gcca_nopd", GCCAS),
        ("vgg16_gcca_fusion", []),
    ],
)
def test_attention_stands_where_table_1_has_it(name: str, owners: list[str]) -> None:
    module = network(name).eval()
    with torch.no_grad(), capture_attention(module) as records:
        module(pictures(1, 64))
    assert [record.module for record in records] == owners
    for record in records:
        role = AttentionRole.MAP if record.module == "decoder" else AttentionRole.GATE
        assert record.role is role


@pytest.mark.parametrize("name", ["vgg16_gcca", "vgg16_gcca_nora"])
def test_maps_have_the_sizes_of_their_levels(name: str) -> None:
    module = network(name).eval()
    with torch.no_grad(), capture_attention(module) as records:
        module(pictures(2, 56))
    shapes = {record.module: tuple(record.weights.shape) for record in records}
    channels = [shapes[owner] for owner in GCCAS]
    assert channels == [(2, count, 1, 1) for count in (64, 128, 256, 512, 512)]
    sides = [shapes[owner] for owner in GUIDES]
    assert sides == [(2, 1, side, side) for side in (14, 3, 7, 14)]


@pytest.mark.parametrize("name", NAMES)
def test_the_features_are_the_means_of_edges_and_gated_levels(name: str) -> None:
    module = context_network(name).eval()
    x = pictures(2, 64)
    found: list[Tensor] = []
    module.features.register_forward_hook(lambda _module, _inputs, out: found.append(out))
    with torch.no_grad(), capture_attention(module) as records:
        logits = module(x)
        _, c2, *high = module.backbone(x)
        edges = module.edges(c2)
        expected_logits = module.classifier(found[0])
    gates = {record.module: record.weights for record in records}
    maps = [c * gates.get(f"guidance.gates.{level}", 1) for level, c in enumerate(high, start=3)]
    means = torch.cat([part.mean(dim=(2, 3)) for part in (edges, *maps)], dim=1)
    assert found[0].shape == (2, 64 + 256 + 512 + 512)
    torch.testing.assert_close(found[0], means)
    torch.testing.assert_close(logits, expected_logits)


@pytest.mark.parametrize(("name", "reverse"), [("vgg16_gcca", True), ("vgg16_gcca_nora", False)])
def test_the_first_gate_comes_from_the_global_map(name: str, reverse: bool) -> None:
    module = network(name).eval()
    with torch.no_grad(), capture_attention(module) as records:
        module(pictures(1, 64))
    weights = {record.module: record.weights for record in records}
    whole, gate = weights["decoder"], weights["guidance.gates.5"]  # 16 x 16 and 4 x 4 cells
    middle = whole.unfold(2, 4, 4).unfold(3, 4, 4)[..., 1:3, 1:3].mean(dim=(4, 5))
    torch.testing.assert_close(gate, torch.sigmoid(-middle if reverse else middle))


@pytest.mark.parametrize("name", NAMES)
def test_training_draws_and_evaluation_does_not(name: str) -> None:
    module = build_model(name, num_classes=8)
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    batch = pictures(2, 56)
    with torch.no_grad():
        torch.manual_seed(0)
        first, second = module(batch), module(batch)
        torch.manual_seed(0)
        assert torch.equal(module(batch), first)
        assert torch.equal(first, second) is (name == "vgg16_gcca_fusion")
        module.eval()
        assert torch.equal(module(batch), module(batch))


@pytest.mark.parametrize("name", ["vgg16_gcca", "vgg16_gcca_nora"])
def test_it_trains_in_channels_last_and_bfloat16(name: str) -> None:
    torch.manual_seed(0)
    module = network(name).to(memory_format=torch.channels_last)
    batch = pictures(2, 56).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        logits = module(batch)
    logits.float().logsumexp(dim=1).sum().backward()
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in module.parameters())
    module.eval()
    with torch.no_grad():
        exact = module(batch)
        with torch.autocast("cpu", torch.bfloat16):
            close = module(batch)
    torch.testing.assert_close(close.float(), exact, rtol=0.1, atol=0.05 * float(exact.std()))


def test_gates_start_half_open() -> None:
    torch.manual_seed(0)
    module = network("vgg16_gcca").train()
    with torch.no_grad(), capture_attention(module) as records:
        module(pictures(4, 64))
    for record in records:
        if record.role is AttentionRole.GATE:
            assert float(record.weights.mean()) == pytest.approx(0.5, abs=0.05)
            assert 0.1 < float(record.weights.min()) <= float(record.weights.max()) < 0.9


def test_convolutions_start_as_he_et_al_draw_them() -> None:
    module = context_network("vgg16_gcca")
    drawn = [p for p in module.backbone.parameters() if p.shape[2:] == (3, 3)]
    assert len(drawn) == 13
    for kernels in (*drawn, module.edges.convolution.weight):
        expected = (2 / (9 * kernels.shape[0])) ** 0.5
        assert float(kernels.detach().std()) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(
    ("name", "weights", "operations"),
    [
        ("vgg16_gcca", 15_420_807, 17_155_529_280),
        ("vgg16_gcca_nora", 15_205_893, 17_050_598_720),
        ("vgg16_gcca_nopd", 14_887_268, 16_271_566_144),
        ("vgg16_gcca_fusion", 14_803_528, 16_271_485_440),
    ],
)
def test_counts(name: str, weights: int, operations: int) -> None:
    counts = count_network(name, num_classes=8, size_px=224)
    assert (counts.parameters, counts.multiply_adds) == (weights, operations)


def test_each_part_costs_what_its_layers_hold() -> None:
    full, nora, nopd, fusion, plain = (
        count_network(name).parameters
        for name in (*("vgg16_gcca", "vgg16_gcca_nora", "vgg16_gcca_nopd"), NAMES[1], "vgg16")
    )
    edges = 9 * 128 * 64 + 2 * 64
    assert fusion - plain == edges + 8 * (64 + 256 + 512)
    gcca = (4 * c + 2 * c * c // 16 + c // 16 + c for c in (64, 128, 256, 512, 512))
    assert nopd - fusion == sum(gcca)
    reduced = sum(32 * c + 2 * 32 for c in (256, 512, 512))
    convs = sum(9 * c * c + 2 * c for c in (32, 32, 32, 32, 64, 64, 96, 96))
    assert nora - nopd == reduced + convs + 96 + 1
    refinement = 64 * 512 + 2 * 9 * 64 * 64 + 3 * 2 * 64 + 9 * 64 + 1
    assert full - nora == 2 * refinement


@pytest.mark.parametrize("name", NAMES)
def test_dropout_is_the_papers_unless_another_is_asked_for(name: str) -> None:
    with torch.device("meta"):
        modules = build_model(name, 8), model_entry(name).build(8, dropout=0.4)
    rates = [[p.p for p in m.modules() if isinstance(p, nn.Dropout)] for m in modules]
    assert rates == [[0.001], [0.4]]
