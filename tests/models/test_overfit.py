"""Every network can learn by heart: 64 faces, 100 % within 200 steps.

With the environment variable FERSTUDIO_DATA (a folder that `training.prepare` wrote) the faces are
the first 64 training faces with a label; without it, randomly moved average faces with random
labels, which have to be told apart by nothing but their position. The large networks take minutes:
`pytest -m minutes tests/models/test_overfit.py`.
"""

import os

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from ferstudio.faces.samples import list_samples, read_sample
from ferstudio.models import list_models, model_entry
from ferstudio.preprocess import normalise, sample_faces
from tests.networks import INPUT, network
from training.augment.geometry import random_maps
from training.data.alignment import alignment_maps
from training.data.cache import load_split
from training.data.protocols import evaluation_labels
from training.recipes import Augmentation

FACES, STEPS = 64, 200
SMALL = ("resnet18", "acsinet")


def by_heart(side_px: int) -> tuple[Tensor, Tensor]:
    """Return the pictures (64, 3, side, side), normalised, and their labels (64,)."""
    folder = os.environ.get("FERSTUDIO_DATA")
    faces, maps, labels = _averages() if folder is None else _training_faces(folder)
    crops = sample_faces(faces, maps, side_px).expand(-1, 3, -1, -1)
    return normalise(crops, INPUT), labels


def _training_faces(folder: str) -> tuple[Tensor, Tensor, Tensor]:
    table = load_split(folder, "train")
    labels = evaluation_labels(table, "ferplus")
    rows = np.flatnonzero(labels >= 0)[:FACES]
    table = table.select(rows)
    faces = torch.from_numpy(table.images).unsqueeze(1).float() / 255
    return faces, torch.from_numpy(alignment_maps(table)), torch.from_numpy(labels[rows])


def _averages() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(5)
    pictures = np.stack([read_sample(sample.emotion)[:, :, 0] for sample in list_samples()])
    faces = torch.from_numpy(pictures).unsqueeze(1).float() / 255
    faces = faces.repeat(FACES // len(faces), 1, 1, 1)
    maps = random_maps(FACES, Augmentation(), generator)
    return faces, maps, torch.randint(8, (FACES,), generator=generator)


def answers(module: nn.Module, images: Tensor) -> Tensor:
    module.eval()
    with torch.no_grad():
        return module(images).argmax(dim=1)


def side_px(name: str) -> int:
    """Return a side that leaves the deepest map two cells: VGG's networks are finer, but costly."""
    return 48 if max(model_entry(name).cam_layers.values()) > 16 else 32


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "name",
    [
        name if name in SMALL else pytest.param(name, marks=pytest.mark.minutes)
        for name in list_models()
    ],
)
def test_it_learns_64_faces_by_heart(name: str) -> None:
    torch.manual_seed(0)
    images, labels = by_heart(side_px(name))
    module = network(name)
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-3)
    for step in range(1, STEPS + 1):
        module.train()
        optimizer.zero_grad()
        functional.cross_entropy(module(images), labels).backward()
        optimizer.step()
        if step % 10 == 0 and torch.equal(answers(module, images), labels):
            print(f"{name}: all {FACES} faces after {step} steps")
            return
    right = int((answers(module, images) == labels).sum())
    pytest.fail(f"{right} of {FACES} faces after {STEPS} steps")
