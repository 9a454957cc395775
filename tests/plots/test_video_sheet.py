"""The frames of a video's film: all of one even size, the scene beside the answers."""

import numpy as np
import pytest

from ferstudio.faces.tracking import Track
from ferstudio.plots.video_sheet import HEAD_PX, ROW_PX, SCENE_PX, video_sheet
from ferstudio.studio.live import LiveFrame, LiveQuestion, LiveRow
from ferstudio.studio.results import View
from ferstudio.studio.selection import NONE, Cover
from ferstudio.studio.video import VideoPlan
from tests.made_videos import said

PICTURE = np.full((90, 160, 3), (10, 200, 30), np.uint8)
FACE = np.full((48, 48, 3), (200, 20, 160), np.uint8)


def plan(models: int) -> VideoPlan:
    names = tuple(f"{number}.test" for number in range(models))
    return VideoPlan(LiveQuestion(names, Cover("scarf"), NONE))


def frame(rows: int) -> LiveFrame:
    clean, covered = View(said(0.9), None, FACE), View(said(0.2), None, FACE[::-1])
    row = LiveRow("a.test", "A", clean, covered)
    return LiveFrame(PICTURE, Track((), (90, 160)), (row,) * rows, "", 0.1)


@pytest.mark.parametrize(("width", "height"), [(160, 90), (90, 160), (1920, 1080), (101, 57)])
@pytest.mark.parametrize("models", [1, 5])
def test_sheets_have_even_sides_and_room_for_all(width: int, height: int, models: int) -> None:
    sheet = video_sheet(plan(models), width, height)
    assert sheet.size_px[0] % 2 == sheet.size_px[1] % 2 == 0
    assert sheet.size_px[1] >= HEAD_PX + models * ROW_PX
    assert sheet.scene_px[0] <= SCENE_PX and sheet.scene_px[1] <= sheet.size_px[1] - HEAD_PX
    assert sheet.scene_px[0] / sheet.scene_px[1] == pytest.approx(width / height, rel=0.02)


def test_a_frame_shows_the_scene_and_each_networks_faces() -> None:
    sheet = video_sheet(plan(2), 160, 90)
    drawn = sheet.drawn(1.5, frame(2))
    assert drawn.shape == (sheet.size_px[1], sheet.size_px[0], 3)
    scene = (drawn == PICTURE[0, 0]).all(-1)
    assert scene.sum() == sheet.scene_px[0] * sheet.scene_px[1]
    faces = (drawn == FACE[0, 0]).all(-1)
    assert faces.sum() == 4 * 112 * 112
    assert not faces[:, : 32 + SCENE_PX].any()


def test_a_frame_without_a_face_shows_the_scene_alone() -> None:
    sheet = video_sheet(plan(2), 160, 90)
    drawn = sheet.drawn(0.0, frame(0))
    assert not (drawn == FACE[0, 0]).all(-1).any()
    assert (drawn == PICTURE[0, 0]).all(-1).any()
    words = drawn[HEAD_PX : HEAD_PX + 24, 32 + SCENE_PX :]
    assert (words < 200).any()  # it says so
