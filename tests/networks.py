"""Small untrained networks for tests, and the look at their hooks."""

import copy
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ferstudio.files import replaced_folder
from ferstudio.models import LoadedModel, build_model, model_entry, prediction_from_logits
from ferstudio.models.attention import AttentionTap
from ferstudio.models.card import WeightsCard
from ferstudio.models.weights import fill_folder
from ferstudio.types import InputSpec, Prediction

VARIANTS = frozenset(
    (
        "resnet50 resnet50_se resnet50_cbam resnet50_eca resnet50_aff csinet_arm csinet_csff "
        "csinet_lgfe coresnet18 coresnet18_ca_a coresnet18_ca_b vgg16 vgg16_nopool5 "
        "vgg16_gcca_fusion vgg16_gcca_nopd vgg16_gcca_nora agfer_stride32 sefer cbamfer"
    ).split()
)
"""Networks made of the same blocks as the one that their paper ends with; `make check` has them."""

INPUT = InputSpec(size=64, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))


SCORE: dict[str, Any] = {
    "labels": "ferplus",
    "protocol": "unique majority",
    "split": "valid",
    "occlude": "none",
    "amount": 0.0,
    "n": 100,
    "accuracy": 0.5,
    "ci95": [0.4, 0.6],
}
"""What a test's card says of its network."""


def card(model: str, *, tag: str = "test", params: int = 0) -> WeightsCard:
    """Return a card for eight FER+ emotions without files."""
    return WeightsCard(
        model=model,
        tag=tag,
        files=(),
        sha256=(),
        labels="ferplus",
        input=INPUT,
        metrics=(SCORE,),
        recipe={"name": "none", "epochs": 0},
        data="nothing",
        commit="0" * 40,
        licence="MIT",
        params=params,
    )


def uneven_state() -> dict[str, Tensor]:
    """Return kernels of very different size per channel, a dead channel, and small vectors."""
    generator = torch.Generator().manual_seed(3)
    kernel = torch.randn(5, 4, 3, 3, generator=generator)
    kernel *= torch.tensor([1e-6, 1.0, 0.0, 30.0, 1e4])[:, None, None, None]
    return {
        "conv.weight": kernel,
        "fc.weight": torch.randn(3, 7, generator=generator),
        "fc.bias": torch.randn(3, generator=generator),
        "norm.num_batches_tracked": torch.tensor(11),
    }


def network(name: str) -> nn.Module:
    """Return the same seeded, untrained eight-class network at every call, as a fresh copy."""
    return copy.deepcopy(_network(name))


def loaded(name: str) -> LoadedModel:
    """Return `network(name)` as if it had been loaded from weights."""
    module = network(name).eval().requires_grad_(False).to(memory_format=torch.channels_last)
    return LoadedModel(entry=model_entry(name), card=card(name), module=module)


def predict(model: LoadedModel, batch: torch.Tensor) -> list[Prediction]:
    """Return one prediction per picture of a batch (N, 3, H, W), preprocessed as its card says."""
    with model.exclusive() as module, torch.inference_mode():
        logits = module(batch)  # (N, K)
    return [prediction_from_logits(row, model.card.label_names) for row in logits]


def write_weights(parent: Path, card: WeightsCard, state: dict[str, torch.Tensor]) -> WeightsCard:
    """Write a weights folder `parent/model.tag`, whole or not at all, and return its whole card."""
    with replaced_folder(parent / card.name) as folder:
        return fill_folder(folder, card, state)


def hook_count(module: nn.Module) -> int:
    """Return the number of hooks on a network and all its parts, and of listeners at its taps."""
    tables = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    hooks = sum(len(getattr(part, table)) for part in module.modules() for table in tables)
    taps = [part for part in module.modules() if isinstance(part, AttentionTap)]
    return hooks + sum(len(tap.listeners) for tap in taps)


def pictures(count: int, size_px: int, seed: int = 0) -> torch.Tensor:
    """Return (count, 3, size, size) random normal pictures."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 3, size_px, size_px, generator=generator)


@cache
def _network(name: str) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return build_model(name, num_classes=8)
