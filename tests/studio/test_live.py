"""A camera's frame: boxed, covered in place, and answered; nothing of it stays."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ferstudio.errors import UnknownNameError
from ferstudio.faces.alignment import align_face
from ferstudio.occlusion.occluder import Occluded
from ferstudio.studio.live import LiveFrame, LiveQuestion, put_back
from ferstudio.studio.look import look_together
from ferstudio.studio.results import View
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.studio.studio import Studio
from tests.studio_parts import FakeDetector, picture

MODELS = ("resnet18.test", "acsinet.test")
LOWER = Cover("lower", 1.0, 3)
FRAME = picture(5, 240, 320)


def studio(shelf: Path, faces: int = 2) -> Studio:
    return Studio(shelf, detector=FakeDetector(faces))


def seen(
    own: Studio,
    models: tuple[str, ...] = MODELS,
    cover: Cover = LOWER,
    explainer: str = "grad-cam",
) -> LiveFrame:
    return own.live(FRAME, LiveQuestion(models, cover, explainer))


def boxes(frame: LiveFrame) -> list[tuple[float, float, float, float]]:
    return [face.box_xyxy_px for face in frame.track.faces]


def test_every_face_is_boxed_and_the_largest_is_asked_about(shelf: Path) -> None:
    own = studio(shelf)
    before = FRAME.copy()
    frame = seen(own)
    found = own.find_faces(FRAME).faces
    assert boxes(frame) == [face.box_xyxy_px for face in found]
    assert [row.name for row in frame.rows] == list(MODELS)
    clean = align_face(FRAME, found[0])
    covered = own.cover(Selection(clean, LOWER)).crop
    for row in frame.rows:
        assert row.covered is not None
        target = row.clean.prediction.top
        for view, crop in ((row.clean, clean), (row.covered, covered)):
            expected = own.look(row.name, crop, explainer="grad-cam", target=target)
            logits = view.prediction.logits
            np.testing.assert_allclose(logits, expected.prediction.logits, rtol=0, atol=1e-4)
            assert view.heatmap is not None and expected.heatmap is not None
            np.testing.assert_allclose(
                view.heatmap.raw(), expected.heatmap.raw(), rtol=1e-3, atol=1e-5
            )
    np.testing.assert_array_equal(FRAME, before)


def test_frames_leave_half_of_the_cores_to_the_search_for_faces(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, asked = torch.get_num_threads(), list[int]()

    def noted(*arguments: Any) -> tuple[View, ...]:
        asked.append(torch.get_num_threads())
        return look_together(*arguments)

    monkeypatch.setattr("ferstudio.studio.live.look_together", noted)
    torch.set_num_threads(4)
    try:
        seen(studio(shelf))
    finally:
        torch.set_num_threads(before)
    assert asked == [2] * len(MODELS)


def test_without_a_face_nobody_is_asked(shelf: Path) -> None:
    frame = seen(studio(shelf, faces=0))
    assert frame.rows == ()
    assert frame.track.faces == ()
    np.testing.assert_array_equal(frame.picture, FRAME)


def test_without_a_cover_the_frame_stays_as_it_is(shelf: Path) -> None:
    frame = seen(studio(shelf), cover=Cover(), explainer=NONE)
    np.testing.assert_array_equal(frame.picture, FRAME)
    assert [(row.clean.heatmap, row.covered) for row in frame.rows] == [(None, None)] * 2


def test_a_method_that_takes_seconds_is_left_out_and_named(shelf: Path) -> None:
    frame = seen(studio(shelf), explainer="score-cam")
    assert frame.too_slow == "Score-CAM"
    assert all(row.clean.heatmap is None and row.no_map is None for row in frame.rows)
    assert seen(studio(shelf)).too_slow == ""


def test_unknown_models_are_refused(shelf: Path) -> None:
    with pytest.raises(UnknownNameError):
        seen(studio(shelf), models=("vgg99",))


def test_a_cover_lands_where_its_crop_came_from(shelf: Path) -> None:
    face = studio(shelf).find_faces(FRAME).faces[0]
    crop = align_face(FRAME, face)
    image = crop.image.copy()
    mask = np.zeros(image.shape[:2], bool)
    mask[100:140, 60:180] = True
    image[mask] = (255, 0, 0)
    covered = put_back(
        FRAME, Occluded(type(crop)(image, crop.landmarks_xy_px, crop.to_source), mask, 0.1)
    )
    inside = np.array([[120.5, 120.5, 1.0], [60.5 + 4, 104.5, 1.0], [174.5, 134.5, 1.0]])
    for x, y in (inside @ crop.to_source.T).astype(int):
        assert covered[y, x].tolist() == [255, 0, 0]
    outside = np.array([[120.5, 90.0, 1.0], [120.5, 150.0, 1.0], [50.0, 120.0, 1.0]])
    for x, y in (outside @ crop.to_source.T).astype(int):
        np.testing.assert_array_equal(covered[y, x], FRAME[y, x])
