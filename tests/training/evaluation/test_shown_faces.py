"""How faces are covered before they are judged."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ferstudio.explain import explainer
from ferstudio.models import LoadedModel, load_weights
from ferstudio.occlusion import occluder
from ferstudio.occlusion.by_heat import GREY
from ferstudio.pixel_order import ranks
from ferstudio.preprocess import normalise
from ferstudio.types import FaceCrop
from tests.training.evaluation.brightness import SPEC
from training.augment.occlusion import cover, draw_cover
from training.data.alignment import aligned_landmarks
from training.data.crops import face_crops
from training.data.table import FaceTable
from training.evaluation.evaluate import evaluate_split
from training.evaluation.shown_faces import Protocol, split_batches


def test_occluders_are_on_the_faces(oracle: LoadedModel, table: FaceTable) -> None:
    upper = [
        evaluate_split(oracle, table, Protocol(occlude="upper", amount=a), split="valid")
        for a in (0.0, 0.5, 1.0)
    ]
    assert upper[0].accuracy == 1
    assert upper[0].accuracy > upper[1].accuracy > upper[2].accuracy
    again = evaluate_split(oracle, table, Protocol(occlude="upper", amount=0.5), split="valid")
    assert again.confusion == upper[1].confusion


def shown(table: FaceTable, model: LoadedModel, protocol: Protocol) -> Tensor:
    """Return the faces (N, 1, S, S) in [0, 1] that a network is shown."""
    (batch,) = split_batches(table, model, protocol)
    return batch[:, :1] * SPEC.std[0] + SPEC.mean[0]


@pytest.mark.parametrize("name", ["blur", "noise", "jpeg"])
def test_pictures_are_degraded_themselves(oracle: LoadedModel, table: FaceTable, name: str) -> None:
    few = table.select(np.arange(6))
    clean = shown(few, oracle, Protocol())
    found = shown(few, oracle, Protocol(occlude=name, amount=0.5, seed=3))
    for row, (before, after) in enumerate(zip(clean, found, strict=True)):
        grey = (before[0] * 255).round().byte().numpy()
        crop = FaceCrop(np.stack([grey] * 3, axis=2), None, np.eye(2, 3))
        expected = occluder(name).occlude(crop, 0.5, np.random.default_rng([3, row])).crop.image
        apart = np.abs(np.asarray(after[0]) * 255 - expected[:, :, 0]) > 0.01
        assert apart.mean() < 0.001  # levels that round up in one and down in the other
        assert not np.array_equal(grey, expected[:, :, 0])


def test_each_network_hides_its_own_hottest_pixels(shelf: Path, table: FaceTable) -> None:
    model, few = load_weights(shelf / "resnet18.test"), table.select(np.arange(6))
    protocol, spec = Protocol(occlude="hottest", amount=0.25), model.card.input
    heats = {
        row: explainer("grad-cam").explain(model, crop).heatmaps[0].values
        for row, crop in enumerate(face_crops(few, spec))
    }
    (clean,) = split_batches(few, model, Protocol())
    (found,) = split_batches(few, model, protocol, heats=heats)
    grey = normalise(torch.full((1, 3, 1, 1), GREY / 255), spec)
    for row, heat in heats.items():
        hidden = torch.from_numpy(ranks(heat, spec.size) < round(0.25 * spec.size**2))
        torch.testing.assert_close(found[row][:, ~hidden], clean[row][:, ~hidden])
        expected = grey[0, :, :, 0].expand(-1, int(hidden.sum()))
        torch.testing.assert_close(found[row][:, hidden], expected)
    result = evaluate_split(model, few, protocol, split="valid")
    with torch.no_grad():
        answers = model.module(found).argmax(dim=1).numpy()
    assert result.n == 6
    assert np.sum(result.confusion, axis=0).tolist() == np.bincount(answers, minlength=8).tolist()


@pytest.mark.parametrize("name", ["random", "surgical-mask"])
def test_things_are_drawn_as_over_a_blank_crop(
    oracle: LoadedModel, table: FaceTable, name: str
) -> None:
    few = table.select(np.arange(6))
    (clean,) = split_batches(few, oracle, Protocol())
    (found,) = split_batches(few, oracle, Protocol(occlude=name, amount=0.7, seed=3))
    overlays = [
        draw_cover(
            occluder(name),
            aligned_landmarks(few, row, SPEC.size, SPEC.margin_ratio),
            0.7,
            np.random.default_rng([3, row]),
            SPEC.size,
        )
        for row in range(6)
    ]
    faces = clean[:, :1] * SPEC.std[0] + SPEC.mean[0]
    covered = cover(faces, torch.from_numpy(np.stack(overlays)).float() / 255)
    torch.testing.assert_close(found, normalise(covered.expand(-1, 3, -1, -1), SPEC))


def test_random_masks_follow_the_seed(oracle: LoadedModel, table: FaceTable) -> None:
    seeds = (1, 1, 2)
    runs = [
        evaluate_split(oracle, table, Protocol(occlude="random", seed=s), split="valid")
        for s in seeds
    ]
    assert runs[0].confusion == runs[1].confusion != runs[2].confusion
