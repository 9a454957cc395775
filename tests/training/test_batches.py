import numpy as np
import pytest
import torch

from ferstudio.labels import FERPLUS
from training.batches import network_input, oversampled_rows, training_faces, validation_faces
from training.data import FaceTable
from training.recipes import get_recipe
from training.recipes.settings import Augmentation

CPU = torch.device("cpu")
RECIPE = get_recipe("resnet18.ferplus")


def test_targets_reach_the_device_with_their_faces(table: FaceTable) -> None:
    faces = training_faces(table, RECIPE, CPU)
    assert len(faces) == 64
    assert torch.equal(faces.faces[5, 0], torch.from_numpy(table.images[5]))
    assert int(faces.targets[5].argmax()) == int(table.votes[5, :8].argmax())
    assert faces.changes.all()


def test_oversampled_emotions_are_there_as_often_as_asked(table: FaceTable) -> None:
    recipe = RECIPE.changed(oversampled=(("disgust", 4), ("anger", 2)))
    plain = np.bincount(table.votes[:, :8].argmax(axis=1), minlength=8)
    faces = training_faces(table, recipe, CPU)
    times = np.array([{"disgust": 4, "anger": 2}.get(name, 1) for name in FERPLUS])
    counts = np.bincount(faces.targets.argmax(dim=1).numpy(), minlength=8)
    np.testing.assert_array_equal(counts, plain * times)
    assert plain[FERPLUS.index("disgust")] > 0
    disgust = faces.faces[faces.targets.argmax(dim=1) == FERPLUS.index("disgust")]
    copies = torch.unique(disgust, dim=0, return_counts=True)[1]
    assert (copies == 4).all()


def test_rows_are_repeated_by_the_most_probable_emotion() -> None:
    targets = np.zeros((3, 8), np.float32)
    targets[0, [5, 0]] = 0.6, 0.4
    targets[1, [5, 0]] = 0.4, 0.6
    targets[2, 3] = 1
    recipe = RECIPE.changed(oversampled=(("disgust", 3),))
    assert oversampled_rows(targets, recipe).tolist() == [0, 0, 0, 1, 2]
    assert oversampled_rows(targets, RECIPE).tolist() == [0, 1, 2]


def test_the_emotions_that_change_are_marked(table: FaceTable) -> None:
    recipe = RECIPE.changed(augmentation=Augmentation(emotions=("disgust", "fear")))
    faces = training_faces(table, recipe, CPU)
    emotions = faces.targets.argmax(dim=1)
    assert torch.equal(faces.changes, (emotions == 5) | (emotions == 6))


def test_validation_faces_have_one_label_and_are_never_oversampled(table: FaceTable) -> None:
    recipe = RECIPE.changed(oversampled=(("disgust", 4),))
    faces = validation_faces(table, recipe, CPU)
    assert len(faces) == 64
    assert torch.equal(faces.targets.sum(dim=1), torch.ones(64))
    assert (faces.targets.argmax(dim=1).numpy() == table.votes[:, :8].argmax(axis=1)).all()


def test_selected_rows_stay_together(table: FaceTable) -> None:
    guided = get_recipe("agfer.ferplus")
    faces = training_faces(table, guided, CPU)
    assert faces.masks is not None
    rows = torch.tensor([7, 3])
    few = faces.select(rows)
    assert len(few) == 2 and few.masks is not None
    assert torch.equal(few.masks, faces.masks[rows])
    for name in ("faces", "to_source", "targets", "changes"):
        assert torch.equal(getattr(few, name), getattr(faces, name)[rows])


@pytest.mark.parametrize("name", ["resnet18.ferplus", "psa_resnet50.paper"])
def test_network_input_is_normalised_and_channels_last(name: str) -> None:
    spec = get_recipe(name).input
    images = network_input(torch.full((2, 1, 8, 8), spec.mean[0] + spec.std[0]), spec)
    torch.testing.assert_close(images, torch.ones(2, 3, 8, 8))
    assert images.is_contiguous(memory_format=torch.channels_last)
