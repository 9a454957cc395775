"""Faces found, wrong and false."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ferstudio.types import Face
from tests.drawn_face import mean_landmarks
from training.data.scenes import Scene
from training.evaluation.found_faces import Tally, judged, tally_faces, tally_text

POINTS = mean_landmarks(100)
SCENE = Scene("upright", 60, np.zeros((200, 300, 3), np.uint8), (POINTS, POINTS + 100))


def face(points: NDArray[np.floating]) -> Face:
    low, high = points.min(axis=0), points.max(axis=0)
    return Face((*low.tolist(), *high.tolist()), points.astype(np.float32), 1.0)


def counts(tally: Tally) -> tuple[int, int, int, int]:
    return tally.faces, tally.found, tally.wrong, tally.false


def test_a_face_in_its_place_is_found_one_turned_is_wrong_one_elsewhere_is_false() -> None:
    centre = POINTS.mean(axis=0)
    upside_down = 2 * centre - POINTS
    assert counts(judged(SCENE, [face(POINTS), face(POINTS + 101)])) == (2, 2, 0, 0)
    assert counts(judged(SCENE, [face(upside_down)])) == (2, 0, 1, 0)
    assert counts(judged(SCENE, [face(POINTS + np.array([150, 0]))])) == (2, 0, 0, 1)
    assert counts(judged(replace(SCENE, landmarks_xy_px=()), [face(POINTS)])) == (0, 0, 0, 1)
    assert counts(judged(SCENE, [])) == (2, 0, 0, 0)


def test_a_box_alone_counts_as_found() -> None:
    assert counts(judged(SCENE, [replace(face(POINTS), landmarks_xy_px=None)])) == (2, 1, 0, 0)


class Half:
    """Finds the first face only."""

    name, gives_landmarks = "half", True

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        return [face(POINTS)]


def test_pictures_of_a_kind_are_counted_together() -> None:
    both, turned = tally_faces(Half(), [SCENE, SCENE, replace(SCENE, kind="turned by 90")])
    assert (both.pictures, counts(both)) == (2, (4, 2, 0, 0))
    assert (turned.kind, turned.pictures) == ("turned by 90", 1)
    head, first, second = tally_text([both, turned]).splitlines()
    assert head.split() == "kind px high MP pictures faces found wrong false s, most".split()
    assert first.split()[:7] == ["upright", "60", "0.1", "2", "4", "2", "0"]
    assert second.startswith("turned by 90")
