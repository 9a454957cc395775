import numpy as np
import pytest

from ferstudio.faces.pyramid import Pyramid
from ferstudio.preprocess import warp
from tests.drawn_face import drawn_face


def test_levels_are_halved_until_they_are_small() -> None:
    pyramid = Pyramid(np.zeros((900, 1700, 3), np.uint8))
    assert [level.shape[:2] for level in pyramid.levels] == [
        (900, 1700),
        (450, 850),
        (225, 425),
        (112, 212),
    ]
    assert len(Pyramid(np.zeros((1, 5000, 3), np.uint8)).levels) == 5


@pytest.mark.parametrize("scale", [0.1, 0.4, 0.5, 1.0, 1.5])
def test_what_is_cut_is_what_a_warp_of_the_picture_shows(scale: float) -> None:
    picture, side_px = drawn_face(900), 64
    left, top = 300.0, 200.0
    matrix = np.array([[scale, 0, -scale * left], [0, scale, -scale * top]])
    cut = Pyramid(picture).warped(matrix, side_px)
    apart = np.abs(cut.astype(int) - warp(picture, matrix, side_px).astype(int))
    assert apart.mean() < 2
    box = np.array([[left, top, left + side_px / scale, top + side_px / scale]], np.float32)
    np.testing.assert_array_equal(Pyramid(picture).squares(box, side_px)[0], cut)


def test_the_edge_is_continued() -> None:
    pyramid = Pyramid(np.full((30, 20, 3), 77, np.uint8))
    assert (pyramid.squares(np.array([[-50, -50, 90, 90]], np.float32), 24) == 77).all()


def test_all_of_the_picture_at_another_size() -> None:
    small = Pyramid(drawn_face(800)).resized(0.1)
    assert small.shape == (81, 81, 3)
    assert abs(float(small.mean()) - float(drawn_face(800).mean())) < 2
