"""`python -m benchmarks.loading`: weights loaded as the studio does, and through a full build.

The full build draws random weights, which the file's then replace.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from ferstudio.models import find_weights, load_weights, model_entry
from ferstudio.models.card import read_card
from ferstudio.models.weights import read_state

RUNS = 5


def built_in_full(folder: Path) -> nn.Module:
    """Return the network of a weights folder, drawn at random before it is filled."""
    card = read_card(folder)
    network = model_entry(card.model, card.options).build(num_classes=len(card.label_names))
    network.load_state_dict(read_state(folder, card))
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def main() -> None:
    """Print the median seconds of both, in turns, for each network of the weights folder."""
    for name, folder in find_weights("weights").items():
        if read_card(folder).members:
            continue
        ways: dict[str, Callable[[Path], object]] = {
            "full build": built_in_full,
            "load_weights": load_weights,
        }
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(RUNS):
            for way, load in ways.items():
                begun = time.process_time()
                load(folder)
                taken[way].append(time.process_time() - begun)
        full, own = (statistics.median(taken[way]) for way in ways)
        print(f"{name:24} full build {full:.2f} s, load_weights {own:.2f} s of processor time")


if __name__ == "__main__":
    main()
