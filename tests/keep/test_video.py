"""What is kept of a video: film, numbers, rows and curves, all of the same frames."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import UsageError, VideoError
from ferstudio.keep.video import analyse_video, video_plan
from ferstudio.labels import FERPLUS
from ferstudio.studio.selection import Cover
from ferstudio.studio.studio import Studio
from ferstudio.video_files import read_info, video_frames
from tests.made_videos import ColumnDetector, cut_short, write_video

MODELS = ("acsinet.test", "resnet18.test")
PLAN = video_plan(MODELS, [Cover("sunglasses", 1.0)], ["grad-cam"])


def test_film_numbers_rows_and_curves_agree(shelf: Path, tmp_path: Path) -> None:
    clip, out = write_video(tmp_path / "clip.mp4", 1.0, empty=frozenset({4, 5})), tmp_path / "out"
    studio = Studio(shelf, detector=ColumnDetector())
    report = analyse_video(studio, str(clip), PLAN, out=out / "clip.mp4")
    assert {Path(file).name for file in report.files} == {file.name for file in out.iterdir()}
    assert [Path(file).suffix for file in report.files] == [".mp4", ".json", ".csv", ".png", ".svg"]
    numbers = json.loads((out / "clip.json").read_text("utf-8"))
    assert numbers == report.to_json()
    frames = numbers["frames"]
    assert [frame["time_s"] for frame in frames] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    assert [frame["found"] for frame in frames] == [True, True, False, True, True]
    assert (numbers["occluder"], numbers["amount"], numbers["fps"]) == ("sunglasses", 1.0, 5.0)
    with (out / "clip.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 4 * 2 * 2 + 1
    said = iter(row for row in rows if row["model"])
    for frame in frames:
        assert [answer["weights"] for answer in frame["answers"]] == list(MODELS)[
            : 2 * frame["found"]
        ]
        for answer in frame["answers"]:
            for face in ("clean", "covered"):
                row, known = next(said), answer[face]
                assert (row["model"], row["face"]) == (answer["weights"], face)
                assert float(row["time_s"]) == frame["time_s"]
                assert {name: float(row[name]) for name in FERPLUS} == known["probabilities"]
                assert row["top"] == known["top"] == max(FERPLUS, key=known["probabilities"].get)
            assert answer["flipped"] == (answer["clean"]["top"] != answer["covered"]["top"])
    film = list(video_frames(out / "clip.mp4", 30))
    assert [frame.time_s for frame in film] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    assert read_info(out / "clip.mp4").width_px == 1280
    assert (out / "clip.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (out / "clip.svg").read_bytes()
    assert not np.array_equal(film[0].image, film[2].image)


def test_without_a_folder_nothing_is_written(shelf: Path, tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", 0.5)
    studio = Studio(shelf, detector=ColumnDetector())
    report = analyse_video(studio, str(clip), PLAN, out=None)
    assert report.files == ()
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]
    assert "3 frames asked, a face in 3" in report.table()


def test_what_fails_leaves_nothing_behind(shelf: Path, tmp_path: Path) -> None:
    studio, out = Studio(shelf, detector=ColumnDetector()), tmp_path / "out"
    with pytest.raises(VideoError):
        analyse_video(studio, str(cut_short(tmp_path / "a.mp4")), PLAN, out=out / "a.mp4")
    assert not out.exists()
    clip = write_video(tmp_path / "clip.mp4", 0.5)
    before = clip.read_bytes()
    with pytest.raises(UsageError, match="was given to be asked about"):
        analyse_video(studio, str(clip), PLAN, out=clip)
    assert clip.read_bytes() == before


def test_one_cover_and_one_method_at_a_time() -> None:
    with pytest.raises(UsageError, match="one cover"):
        video_plan(MODELS, [Cover("scarf"), Cover("lower")], [])
    with pytest.raises(UsageError, match="one heatmap method"):
        video_plan(MODELS, [], ["grad-cam", "layer-cam"])
