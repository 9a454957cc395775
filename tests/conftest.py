"""What holds for every test."""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # of torch here and in the processes tests start

import pytest
import torch

from tests.networks import VARIANTS
from tests.studio_parts import write_network


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what runs a whole network that is a variant of one that is tested anyway.

    A suite over the registry stays one line, `parametrize("name", list_models())`; `make test`
    runs it for the networks that each family ends with, and for every new one.
    """
    for item in items:
        chosen = getattr(item, "callspec", None)
        if chosen is not None and not VARIANTS.isdisjoint(
            value for value in chosen.params.values() if isinstance(value, str)
        ):
            item.add_marker(pytest.mark.slow)


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
