"""A model that is right on the made-up data."""

import pytest

from ferstudio.models import LoadedModel, model_entry
from tests.training.evaluation.brightness import Brightness, card


@pytest.fixture
def oracle() -> LoadedModel:
    return LoadedModel(model_entry("resnet18"), card(), Brightness(slice(None)))
