"""The shapes and the choice of the faces that are averaged."""

import numpy as np

from ferstudio.preprocess import FRAMING_XY
from ferstudio.regions import anchor_points, face_mask
from tests.training.data.made_up_exemplars import SIZE, make_exemplars
from training.data.exemplars import Exemplars, choose


def test_mean_shape_lies_in_the_framing_of_the_training_images() -> None:
    shape = make_exemplars(10).mean_shape(SIZE)
    np.testing.assert_allclose(anchor_points(shape) / SIZE, FRAMING_XY, atol=0.01)


def test_warped_faces_are_normalised_within_the_face() -> None:
    exemplars = make_exemplars(3)
    target = exemplars.mean_shape(SIZE)
    faces = exemplars.warped(target, SIZE)[:, face_mask(target, SIZE)]
    np.testing.assert_allclose(faces.mean(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose(faces.std(axis=1), 1, atol=1e-4)


def test_choice_drops_duplicates_and_is_deterministic() -> None:
    unique = make_exemplars(70)
    doubled = Exemplars(
        np.concatenate([unique.images, unique.images]),
        np.concatenate([unique.shapes_xy_px, unique.shapes_xy_px]),
        np.concatenate([unique.votes, unique.votes]),
    )
    chosen = choose(doubled, 1.0, SIZE)
    assert len({image.tobytes() for image in chosen.images}) == len(chosen) == 70
    np.testing.assert_array_equal(choose(doubled, 1.0, SIZE).images, chosen.images)
