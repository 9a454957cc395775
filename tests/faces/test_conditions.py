import numpy as np
import pytest

from ferstudio.faces.conditions import (
    NAMES,
    at_least,
    conditions,
    no_face,
    other_depth,
    other_frame,
)
from ferstudio.preprocess import apply_affine
from ferstudio.types import Face
from tests.drawn_face import drawn_face, mean_landmarks


def face_of(points: np.ndarray, score: float = 1.0) -> Face:
    low, high = points.min(axis=0), points.max(axis=0)
    return Face((*low.tolist(), *high.tolist()), points.astype(np.float32), score)


def names(picture: np.ndarray, face: Face) -> list[str]:
    found = conditions(picture, face)
    assert all(note.name in NAMES for note in found)
    assert all(note.chip and note.sentence.endswith(".") for note in found)
    return [note.name for note in found]


def test_a_plain_face_needs_no_words() -> None:
    assert names(drawn_face(256), face_of(mean_landmarks(256))) == []


def test_a_doubtful_face_says_how_sure_the_detector_is() -> None:
    (said,) = conditions(drawn_face(256), face_of(mean_landmarks(256), 0.62))
    assert (said.name, said.chip) == ("uncertain", "uncertain, 62 %")


def test_a_box_alone_has_no_points_to_judge() -> None:
    assert conditions(drawn_face(64), Face((0, 0, 9, 9), None, 1.0)) == ()


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("tilt_deg", [-30, 0, 30])
def test_a_turned_picture_says_how_it_was_turned(quarters: int, tilt_deg: int) -> None:
    """`np.rot90` turns counterclockwise, so as many quarters clockwise set it upright again."""
    turn = np.radians(tilt_deg - 90 * quarters)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shift = 200 - matrix @ (128, 128)
    points = apply_affine(np.hstack([matrix, shift[:, None]]), mean_landmarks(256))
    picture = np.full((400, 400, 3), 128, np.uint8)
    found = conditions(picture, face_of(points))
    chips = [note.chip for note in found if note.name == "turned"]
    assert chips == ([f"turned by {90 * quarters}°"] if quarters else [])


@pytest.mark.parametrize(("cut", "expected"), [(0, []), (20, []), (128, ["outside"])])
def test_a_face_that_is_cut_off_says_how_much_is_missing(cut: int, expected: list[str]) -> None:
    points = mean_landmarks(256) - np.array([cut, 0], np.float32)
    found = conditions(drawn_face(256)[:, cut:], face_of(points))
    assert [note.name for note in found if note.name == "outside"] == expected
    if expected:
        share = int(found[0].chip.split(" ")[0])
        assert 40 < share < 60


def test_a_face_wholly_outside_is_no_matter_of_light() -> None:
    picture = np.zeros((50, 50, 3), np.uint8)
    assert names(picture, face_of(mean_landmarks(256) + 900)) == ["outside"]


@pytest.mark.parametrize(("side_px", "small"), [(40, True), (256, False)])
def test_a_small_face_says_how_small(side_px: int, small: bool) -> None:
    found = names(drawn_face(side_px), face_of(mean_landmarks(side_px)))
    assert ("small" in found) == small


@pytest.mark.parametrize(
    ("factor", "offset", "expected"),
    [(0.1, 0, ["dark"]), (0.6, 0, []), (0.2, 210, ["bright"]), (1.0, 0, [])],
)
def test_light_beyond_what_was_learned_is_said(
    factor: float, offset: float, expected: list[str]
) -> None:
    picture = (drawn_face(256) * factor + offset).clip(0, 255).astype(np.uint8)
    assert names(picture, face_of(mean_landmarks(256))) == expected


def test_a_profile_is_said() -> None:
    points = mean_landmarks(256)
    points[1] = points[234] - (points[454] - points[234]) * 0.5
    assert "profile" in names(drawn_face(256), face_of(points))


def test_conditions_of_pictures_say_their_numbers() -> None:
    assert other_frame(3, 12).chip == "frame 3 of 12"
    assert other_depth(12).chip == "12 bits used"
    assert at_least(40).chip == "at least 40 faces"
    assert no_face().name == "no-face"
