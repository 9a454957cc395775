"""What holds for every test."""

from pathlib import Path

import pytest
import torch

from tests.studio_parts import write_network


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Tiny inputs gain nothing from more threads, and sums stay the same on every machine."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with untrained weights, acsinet.test and resnet18.test; leave it as it is."""
    folder = tmp_path_factory.mktemp("shelf")
    for model in ("acsinet", "resnet18"):
        write_network(folder, model)
    return folder
