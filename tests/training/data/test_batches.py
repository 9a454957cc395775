import dataclasses

import numpy as np
import pytest
import torch

from ferstudio.labels import FERPLUS
from training.data.batches import (
    data_sentence,
    network_input,
    oversampled_rows,
    top_emotions,
    training_faces,
    validation_faces,
)
from training.data.table import FaceTable
from training.recipes import get_recipe
from training.recipes.settings import Augmentation

CPU = torch.device("cpu")
RECIPE = get_recipe("resnet18.ferplus")
BOTH = get_recipe("resnet18.both")


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


def test_the_first_label_set_that_teaches_a_face_names_its_emotion() -> None:
    targets = np.zeros((3, 15), np.float32)
    targets[0, 7] = targets[0, 8 + 2] = 1  # contempt for FER+, fear for FER2013
    targets[1, 8 + 1] = 1  # disgust for FER2013 alone
    targets[2, [0, 1]] = 0.3, 0.7
    assert top_emotions(targets, BOTH) == ["contempt", "disgust", "happiness"]
    recipe = BOTH.changed(oversampled=(("disgust", 3), ("contempt", 2), ("fear", 9)))
    assert oversampled_rows(targets, recipe).tolist() == [0, 0, 1, 1, 1, 2]
    seven = RECIPE.changed(labels="fer2013")
    assert top_emotions(targets[:2, 8:], seven) == ["fear", "disgust"]


def test_faces_of_both_label_sets_learn_more_than_they_judge(table: FaceTable) -> None:
    votes = table.votes.copy()
    votes[5] = 0
    votes[6] = [5, 5, 0, 0, 0, 0, 0, 0, 0, 0]
    table = dataclasses.replace(table, votes=votes)
    learned, judged = training_faces(table, BOTH, CPU), validation_faces(table, BOTH, CPU)
    assert (len(learned), len(judged)) == (64, 62)
    assert learned.targets.shape == (64, 15)
    assert learned.targets[5, :8].sum() == 0 and learned.targets[5, 8:].sum() == 1
    kept = np.setdiff1d(np.arange(64), [5, 6])
    np.testing.assert_array_equal(judged.targets[:, :8].argmax(1), votes[kept, :8].argmax(1))
    np.testing.assert_array_equal(judged.targets[:, 8:], np.eye(7)[table.truth[kept]])
    assert torch.equal(judged.targets.sum(dim=1), torch.full((62,), 2.0))
    changing = BOTH.changed(augmentation=Augmentation(emotions=("anger",)))
    changes = training_faces(table, changing, CPU).changes
    assert bool(changes[5]) == (table.truth[5] == 0)
    assert int(changes.sum()) == int((votes[:, :8].argmax(1) == 4).sum()) + int(changes[5])


def test_the_data_are_told_in_a_sentence(table: FaceTable) -> None:
    votes = table.votes.copy()
    votes[:4] = 0
    table = dataclasses.replace(table, votes=votes)
    assert data_sentence(table, RECIPE) == (
        "FER2013 pictures with FER+ votes, training split, 60 faces"
    )
    assert data_sentence(table, BOTH) == (
        "FER2013 pictures and labels with FER+ votes, training split, 64 faces"
    )


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
