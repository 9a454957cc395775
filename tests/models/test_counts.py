"""Parameters and multiply-adds against the papers: 1000 classes, one picture of 224 px."""

import pytest

from ferstudio.models import build_model
from ferstudio.models.counts import count_network

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
    counts = count_network(name, num_classes=1000, size_px=224)
    millions, billions = PUBLISHED[name]
    assert counts.parameters == MEASURED[name]
    assert counts.parameters / 1e6 == pytest.approx(millions, abs=0.0105)
    assert counts.multiply_adds / 1e9 == pytest.approx(billions, abs=0.01)


def test_parameters_are_those_of_the_built_network() -> None:
    built = build_model("resnet18", num_classes=8)
    expected = sum(parameter.numel() for parameter in built.parameters())
    assert count_network("resnet18").parameters == expected


def test_multiply_adds_grow_with_the_area() -> None:
    small, large = (count_network("resnet18", size_px=side) for side in (128, 256))
    assert large.parameters == small.parameters
    assert large.multiply_adds == pytest.approx(4 * small.multiply_adds, rel=0.001)
