"""Random light."""

import torch

from tests.training.augment.generators import generator
from training.augment.light import random_light
from training.recipes.settings import Light


def test_light_stays_in_range_and_differs_between_faces() -> None:
    lit = random_light(torch.full((50, 1, 4, 4), 0.5), Light(), generator())
    assert 0 <= lit.min() and lit.max() <= 1
    assert lit[:, 0, 0, 0].unique().numel() > 40
