"""CSINet's residual module and head, and where each of its variants has attention."""

import math

import pytest
import torch
from torch import Tensor, nn

from ferstudio.models.attention import attention_taps, capture_attention, replace_attention
from ferstudio.models.counts import count_network
from ferstudio.models.csinet import DEPTHS, AttentionResidualModule, FusionHead
from tests.models.attention.loops import lively
from tests.networks import network, pictures


def conv_norm(layers: nn.Module, x: Tensor) -> Tensor:
    """Return BN(conv(x)) of one picture (C, H, W) as loops, zero-padded."""
    conv, norm = layers.get_submodule("0"), layers.get_submodule("1")
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    assert conv.bias is None
    assert norm.running_mean is not None
    assert norm.running_var is not None
    channels, height, width = x.shape
    side, stride = conv.weight.shape[-1], conv.stride[0]
    rows, columns = -(-height // stride), -(-width // stride)
    out = torch.empty(conv.out_channels, rows, columns, dtype=x.dtype)
    for k in range(conv.out_channels):
        for i in range(rows):
            for j in range(columns):
                value = 0.0
                for u in range(side):
                    for v in range(side):
                        y, z = i * stride + u - side // 2, j * stride + v - side // 2
                        if 0 <= y < height and 0 <= z < width:
                            for c in range(channels):
                                value += float(conv.weight[k, c, u, v]) * float(x[c, y, z])
                value = (value - float(norm.running_mean[k])) / math.sqrt(
                    float(norm.running_var[k]) + norm.eps
                )
                out[k, i, j] = value * float(norm.weight[k]) + float(norm.bias[k])
    return out


def reference(module: AttentionResidualModule, x: Tensor) -> Tensor:
    """Return Eq. 2 for one picture (C, H, W)."""
    first, second = module.residual.get_submodule("0"), module.residual.get_submodule("1")
    hidden = conv_norm(first, x)
    for index, value in enumerate(hidden.flatten().tolist()):
        hidden.view(-1)[index] = max(0.0, value)
    residual = conv_norm(second, hidden)
    shortcut = module.attention(x[None])[0]  # tests/models/attention/test_cbam.py
    if not isinstance(module.projection, nn.Identity):
        shortcut = conv_norm(module.projection, shortcut)
    return residual + shortcut


@pytest.mark.parametrize("attentive", [True, False])
@pytest.mark.parametrize(
    ("in_channels", "channels", "stride", "height", "width"),
    [(3, 3, 1, 4, 3), (3, 4, 2, 5, 4), (2, 3, 1, 2, 3), (3, 3, 2, 4, 4)],
)
def test_module_follows_equation_2(
    in_channels: int, channels: int, stride: int, height: int, width: int, attentive: bool
) -> None:
    torch.manual_seed(13)
    module = AttentionResidualModule(in_channels, channels, stride, attentive=attentive)
    lively(module)
    x = torch.randn(2, in_channels, height, width, dtype=torch.float64)
    expected = torch.stack([reference(module, picture) for picture in x])
    assert (expected < 0).any(), "a ReLU after the sum couldn't be seen"
    torch.testing.assert_close(module(x), expected, rtol=0, atol=1e-9)


def test_the_shortcut_is_weighed_at_the_input_and_projected_where_the_shape_changes() -> None:
    for in_channels, channels, stride, projected in (
        (32, 32, 1, False),
        (32, 64, 2, True),
        (32, 64, 1, True),
        (32, 32, 2, True),
    ):
        module = AttentionResidualModule(in_channels, channels, stride)
        assert isinstance(module.projection, nn.Identity) != projected
        with torch.no_grad(), capture_attention(module) as records:
            module(torch.randn(2, in_channels, 8, 6))
        assert [tuple(r.weights.shape[1:]) for r in records] == [(in_channels, 1, 1), (1, 8, 6)]
    plain = AttentionResidualModule(32, 64, 2, attentive=False)
    assert not attention_taps(plain)


@pytest.mark.parametrize(("csff", "lgfe"), [(True, True), (True, False), (False, True)])
def test_the_head_shares_two_weighted_features(csff: bool, lgfe: bool) -> None:
    torch.manual_seed(14)
    head = FusionHead(8, csff=csff, lgfe=lgfe).double().requires_grad_(False)
    x = torch.randn(2, 8, 4, 3, dtype=torch.float64)
    with capture_attention(head) as records:
        out = head(x)
    se, sam, *gates = (record.weights for record in records)
    x_se, x_sam = x * se, x * sam
    expected = x
    if head.csff is not None:
        joint = torch.cat([x, x_se, x_sam], dim=1).clamp(min=0)
        expected = head.csff.conv(joint)
    if lgfe:
        rows = 1 / (1 + torch.exp(-x_se.sum(dim=3, keepdim=True) / 3))
        columns = 1 / (1 + torch.exp(-x_sam.sum(dim=2, keepdim=True) / 4))
        torch.testing.assert_close(gates, [rows, columns], rtol=0, atol=1e-12)
        expected = expected * rows * columns
    assert len(records) == 2 + 2 * lgfe == len(attention_taps(head))
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-9)


def test_the_gates_multiply_what_csff_fused() -> None:
    module = network("csinet").eval()
    head = module.get_submodule("fusion")
    assert isinstance(head, FusionHead)
    assert head.csff is not None
    seen: dict[str, Tensor] = {}
    for name, part in (("csff", head.csff), ("fusion", head), ("avgpool", module.avgpool)):
        assert isinstance(part, nn.Module)
        part.register_forward_hook(lambda _m, _i, out, name=name: seen.update({name: out}))
    with torch.no_grad(), capture_attention(module) as records:
        logits = module(pictures(2, 96))
    gate_h, gate_w = (r.weights for r in records if r.module == "fusion.lgfe")
    assert gate_h.shape == (2, 512, 3, 1)
    assert gate_w.shape == (2, 512, 1, 3)
    torch.testing.assert_close(seen["csff"] * gate_h * gate_w, seen["fusion"])
    torch.testing.assert_close(seen["fusion"].mean(dim=(2, 3), keepdim=True), seen["avgpool"])
    fused = seen["csff"]

    def open_gate(name: str, weights: Tensor) -> Tensor:
        return torch.ones_like(weights) if name.startswith("fusion.lgfe.") else weights

    with torch.no_grad(), replace_attention(module, open_gate):
        assert not torch.allclose(module(pictures(2, 96)), logits)
    assert torch.equal(seen["fusion"], fused)


SHORTCUTS = [
    f"stage{stage}.{block}.attention.{half}"
    for stage, depth in enumerate(DEPTHS, start=1)
    for block in range(depth)
    for half in ("channel", "spatial")
]


@pytest.mark.parametrize(
    ("name", "owners", "taps"),
    [
        ("csinet", [*SHORTCUTS, "fusion.se", "fusion.sam", "fusion.lgfe"], 36),
        ("csinet_arm", SHORTCUTS, 32),
        ("csinet_csff", ["fusion.se", "fusion.sam"], 2),
        ("csinet_lgfe", ["fusion.se", "fusion.sam", "fusion.lgfe"], 4),
    ],
)
def test_attention_stands_where_the_paper_puts_it(name: str, owners: list[str], taps: int) -> None:
    module = network(name).eval()
    with torch.no_grad(), capture_attention(module) as records:
        module(pictures(1, 64))
    assert list(dict.fromkeys(record.module for record in records)) == owners
    assert len(records) == taps == len(attention_taps(module))


NAMES = ("csinet", "csinet_arm", "csinet_csff", "csinet_lgfe")


@pytest.mark.parametrize("name", NAMES)
def test_stages_halve_the_map_and_double_the_width(name: str) -> None:
    module = network(name).to("meta").eval()
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in ("stem", "stage1", "stage2", "stage3", "stage4", "fusion", "avgpool"):
        module.get_submodule(layer).register_forward_hook(
            lambda _module, _inputs, out, layer=layer: shapes.update({layer: tuple(out.shape[1:])})
        )
    with torch.no_grad():
        module(torch.empty(1, 3, 224, 224, device="meta"))
    assert shapes == {
        "stem": (64, 56, 56),
        "stage1": (64, 56, 56),
        "stage2": (128, 28, 28),
        "stage3": (256, 14, 14),
        "stage4": (512, 7, 7),
        "fusion": (512, 7, 7),
        "avgpool": (512, 1, 1),
    }
    for stage, depth in enumerate((3, 4, 6, 3), start=1):
        assert len(list(module.get_submodule(f"stage{stage}").children())) == depth


COUNTS = {
    "csinet": (28_559_947, 4_378_103_030),
    "csinet_arm": (21_448_136, 4_031_248_948),
    "csinet_csff": (28_429_899, 4_376_191_682),
    "csinet_lgfe": (21_351_499, 4_029_375_170),
}
"""Parameters and multiply-adds, eight classes and 224 px."""


@pytest.mark.parametrize("name", NAMES)
def test_counts(name: str) -> None:
    counts = count_network(name, num_classes=8, size_px=224)
    assert (counts.parameters, counts.multiply_adds) == COUNTS[name]


def test_modules_cost_what_their_weights_say() -> None:
    parameters = {name: count for name, (count, _) in COUNTS.items()}
    attention = 2 * 512 * 32 + 32 + 512 + 2 * 7 * 7 + 1  # SE and the spatial convolution
    fusion = 3 * 512 * 512 * 9 + 512
    assert parameters["csinet_csff"] - parameters["csinet_lgfe"] == fusion
    assert parameters["csinet"] - parameters["csinet_arm"] == attention + fusion
    plain = parameters["csinet_lgfe"] - attention
    widths = [64] * 4 + [128] * 4 + [256] * 6 + [512] * 2  # of the sixteen modules' inputs
    gates = sum(2 * c * (c // 16) + c // 16 + c + 2 * 7 * 7 + 1 for c in widths)
    assert parameters["csinet_arm"] - plain == gates
