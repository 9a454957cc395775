"""What teachers answer."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from ferstudio.errors import UsageError
from ferstudio.models import LoadedModel, load_weights
from ferstudio.preprocess import normalise, sample_faces
from training.data.alignment import alignment_maps
from training.data.table import FaceTable
from training.engine import device
from training.evaluation.teachers import ask

CPU = torch.device("cpu")


@pytest.fixture
def models(shelf: Path) -> list[LoadedModel]:
    return [load_weights(shelf / name) for name in ("resnet18.test", "acsinet.test")]


def test_answers_are_averaged_over_teachers_and_mirror_images(
    models: list[LoadedModel], table: FaceTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "has_fast_bf16", lambda _: False)
    teacher = ask(models, table.select(np.arange(9)), CPU)
    maps = torch.from_numpy(alignment_maps(table))
    for row in (0, 8):  # the first has no landmarks
        picture = torch.from_numpy(table.images[row]).view(1, 1, 48, 48).float() / 255
        total = np.zeros(8)
        for model in models:
            spec = model.card.input
            crop = sample_faces(picture, maps[row : row + 1], spec.size)
            image = normalise(crop.expand(-1, 3, -1, -1), spec)
            with torch.inference_mode():
                for view in (image, image.flip(3)):
                    total += model.module(view)[0].double().softmax(dim=0).numpy()
        np.testing.assert_allclose(teacher.probabilities[row], total / 4, atol=1e-6)
    assert teacher.weights == ("resnet18.test", "acsinet.test")
    assert teacher.sha256 == tuple(" ".join(model.card.sha256) for model in models)


@pytest.mark.skipif(not device.has_fast_bf16(CPU), reason="the processor has no bfloat16")
def test_in_bfloat16_they_answer_nearly_the_same(
    models: list[LoadedModel], table: FaceTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = table.select(np.arange(9))
    quick = ask(models, faces, CPU).probabilities
    monkeypatch.setattr(device, "has_fast_bf16", lambda _: False)
    exact = ask(models, faces, CPU).probabilities
    assert 0 < np.abs(quick - exact).max() < 0.03


def test_what_balance_added_is_no_lesson(models: list[LoadedModel], table: FaceTable) -> None:
    faces, model = table.select(np.arange(9)), models[0]
    plain = ask([model], faces, CPU).probabilities
    added = {name: float(n) for n, name in enumerate(model.card.label_names)}
    told = dataclasses.replace(
        model.card, recipe={"balance": {"added": added}}, calibration={"temperature": 2.0}
    )
    before = ask([dataclasses.replace(model, card=told)], faces, CPU).probabilities
    raised = before * np.exp(np.array(list(added.values())) / 2)
    # of the mean over two views that is only nearly so
    np.testing.assert_allclose(raised / raised.sum(axis=1, keepdims=True), plain, atol=0.02)


def test_teachers_of_two_label_sets_are_refused(
    models: list[LoadedModel], table: FaceTable
) -> None:
    other = dataclasses.replace(
        models[1], card=dataclasses.replace(models[1].card, labels="fer2013")
    )
    with pytest.raises(UsageError, match="fer2013 and ferplus"):
        ask([models[0], other], table, CPU)
