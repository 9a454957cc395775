"""A tiny network that is registered for one test only."""

import pytest
import torch
from torch import Tensor, nn

from ferstudio.models import ModelEntry, registry
from ferstudio.models.registry import Head


class Tiny(nn.Module):
    """Two convolutions, a batch norm and a linear layer."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.body = nn.Conv2d(6, 10, 3, stride=2, padding=1, bias=False)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(10, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.body(torch.relu(self.norm(self.stem(x)))))
        return self.fc(self.pool(x).flatten(1))


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """Register `Tiny` as "tiny" while the test runs."""
    head = Head("fc")
    entry = ModelEntry("tiny", Tiny, "Tiny", "two convolutions", "none", {"body": 4}, "pool", head)
    monkeypatch.setitem(registry._entries, "tiny", entry)
    return entry
