"""Parameters and multiply-adds against the papers: 1000 classes, one picture of 224 px."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from ferstudio.models import build_model

PUBLISHED = {
    "resnet18": (11.69, 1.82),
    "coresnet18": (11.69, 1.82),
    "coresnet18_ca_a": (11.72, 1.82),
    "coresnet18_ca_b": (11.75, 1.82),
    "acsinet": (11.78, 1.82),
}
"""Millions of parameters and billions of multiply-adds: Tables 3 and 4 of the ACSI-Net paper."""

MEASURED = {
    "resnet18": 11_689_512,
    "coresnet18": 11_689_512,
    "coresnet18_ca_a": 11_725_288,
    "coresnet18_ca_b": 11_739_784,
    "acsinet": 11_775_560,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_counts_meet_the_paper(name: str) -> None:
    with torch.device("meta"):  # shapes only: nothing is computed
        module = build_model(name, num_classes=1000).eval()
        picture = torch.empty(1, 3, 224, 224)
    parameters = sum(parameter.numel() for parameter in module.parameters())
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(picture)
    multiply_adds = counter.get_total_flops() / 2
    millions, billions = PUBLISHED[name]
    assert parameters == MEASURED[name]
    assert parameters / 1e6 == pytest.approx(millions, abs=0.0105)
    assert multiply_adds / 1e9 == pytest.approx(billions, abs=0.01)
