"""Names of blocks: where they stand, what they are, and what their branches are called."""

import pytest
from torch import nn

from ferstudio.explain.block_names import block_place, block_title, branch_names


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("layer2.0.attention", "block 2.1"),
        ("backbone.block3.attention", "block 3"),
        ("final_attention", "final attention"),
        ("gates.5", "gate 5"),
        ("members.1.final_attention", "member 2 · final attention"),
    ],
)
def test_a_place_is_told_by_the_qualified_name(name: str, place: str) -> None:
    network = nn.Module()
    network.add_module("gates", nn.ModuleDict({"5": nn.Identity()}))
    network.add_module("members", nn.ModuleList([nn.Module(), nn.Module()]))
    assert block_place(network, name) == place


@pytest.mark.parametrize(
    ("class_name", "title"),
    [("CoordinateAttention", "Coordinate attention"), ("GCCA", "GCCA"), ("MapGate", "Map gate")],
)
def test_a_title_is_the_class_in_words(class_name: str, title: str) -> None:
    assert block_title(class_name) == title


def test_branches_are_named_by_their_kernels_or_numbered() -> None:
    owner = nn.Module()
    owner.add_module("branches", nn.ModuleList([nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, (1, 5))]))
    assert branch_names(owner, 2) == ("3×3", "1×5")
    assert branch_names(owner, 3) == ("branch 1", "branch 2", "branch 3")
