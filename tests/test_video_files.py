"""Videos are read frame by frame, upright and within bounds, and refused in one sentence."""

import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferstudio import video_files
from ferstudio.errors import VideoError
from ferstudio.video_files import VideoWriter, read_info, video_frames
from tests.made_videos import SIZE_PX, cut_short, moving_face, turned, write_sound, write_video

RED = (200, 40, 40)


def test_a_file_says_what_it_holds(tmp_path: Path) -> None:
    info = read_info(write_video(tmp_path / "a.mp4", 2.0))
    assert (info.name, info.width_px, info.height_px, info.frames) == ("a.mp4", *SIZE_PX, 20)
    assert info.duration_s == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize(("fps", "expected"), [(5, 10), (2.5, 5), (30, 20)])
def test_so_many_frames_of_a_second_are_given_at_most(
    tmp_path: Path, fps: float, expected: int
) -> None:
    times = [frame.time_s for frame in video_frames(write_video(tmp_path / "a.mp4", 2.0), fps)]
    assert len(times) == expected
    assert times[0] == 0
    np.testing.assert_allclose(np.diff(times), 2.0 / expected, atol=1e-6)


@pytest.mark.parametrize(("name", "codec"), [("a.webm", "libvpx-vp9"), ("a.avi", "mpeg4")])
def test_other_containers_are_read(tmp_path: Path, name: str, codec: str) -> None:
    file = write_video(tmp_path / name, codec=codec)
    assert read_info(file).frames == 10
    first = next(video_frames(file, 5)).image.astype(int)
    assert np.abs(first - moving_face(0)).mean() < 6


def test_a_frame_is_turned_as_the_camera_was_held(tmp_path: Path) -> None:
    file = write_video(tmp_path / "a.mp4")
    lying = next(video_frames(file, 5)).image
    assert near(lying[4, 80], RED)
    upright = next(video_frames(turned(file), 5)).image
    assert upright.shape == (SIZE_PX[0], SIZE_PX[1], 3)
    np.testing.assert_array_equal(upright, np.rot90(lying, -1))
    info = read_info(file)
    assert (info.width_px, info.height_px) == SIZE_PX[::-1]


def near(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() < 30)


def scrambled(file: Path) -> Path:
    content = bytearray(write_video(file, 2.0).read_bytes())
    for place in range(700, len(content) - 1500, 3):
        content[place] ^= 0x5A
    file.write_bytes(content)
    return file


def playlist(file: Path) -> Path:
    clip = write_video(file.with_name("other.mp4"))
    file.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{clip}\n")
    return file


def renamed(file: Path) -> Path:
    stream = io.BytesIO()
    Image.new("RGB", (40, 40)).save(stream, "PNG")
    file.write_bytes(stream.getvalue())
    return file


def empty(file: Path) -> Path:
    file.touch()
    return file


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda file: write_video(file, 61, rate=1), "longer than the 60 seconds"),
        (lambda file: write_video(file, 1, rate=1, size_px=(2560, 1440)), "2560 x 1440 pixels"),
        (write_sound, "only sound"),
        (cut_short, "damaged"),
        (scrambled, "damaged"),
        (playlist, "damaged"),
        (renamed, "damaged"),
        (empty, "damaged"),
        (lambda file: file, "doesn't exist"),
        (lambda file: file.parent, "a folder"),
    ],
)
def test_what_cant_be_read_is_refused_in_a_sentence(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    file = make(tmp_path / "a.mp4")
    with pytest.raises(VideoError, match=said) as refused:
        read_info(file)
        list(video_frames(file, 5))
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


def test_a_decoder_that_few_videos_need_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="coded as ffv1, which isn't read"):
        read_info(write_video(tmp_path / "a.mkv", codec="ffv1"))


def test_frames_that_grow_half_way_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_files, "_MAX_CODED_PX", 100 * 100)
    with pytest.raises(VideoError, match="damaged"):
        list(video_frames(write_video(tmp_path / "a.mp4"), 5))


def test_a_large_file_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    with file.open("wb") as stream:
        stream.truncate(101_000_000)
    with pytest.raises(VideoError, match="101 MB, more than the 100 MB"):
        read_info(file)


def test_nothing_is_decoded_of_a_video_that_is_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_files, "_upright", None)  # every frame that is decoded gets there
    with pytest.raises(VideoError, match="seconds that are read"):
        read_info(write_video(tmp_path / "a.mp4", 61, rate=1))


def test_memory_doesnt_grow_with_the_length(tmp_path: Path) -> None:
    peaks = []
    for seconds in (2, 20):
        file = write_video(tmp_path / f"{seconds}.mp4", seconds, rate=5)
        tracemalloc.start()
        for frame in video_frames(file, 5):
            assert frame.image.nbytes == 3 * SIZE_PX[0] * SIZE_PX[1]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2 * 3 * SIZE_PX[0] * SIZE_PX[1]


def test_what_is_written_is_h264_and_can_be_read_again(tmp_path: Path) -> None:
    stream = io.BytesIO()
    writer = VideoWriter(stream, SIZE_PX, 5)
    frames = [moving_face(step) for step in range(6)]
    for step, frame in enumerate(frames):
        writer.add(frame, step / 5)
    writer.close()
    assert b"avc1" in stream.getvalue()
    file = tmp_path / "b.mp4"
    file.write_bytes(stream.getvalue())
    found = list(video_frames(file, 30))
    assert [again.time_s for again in found] == pytest.approx([step / 5 for step in range(6)])
    for again, written in zip(found, frames, strict=True):
        assert np.abs(again.image.astype(int) - written).mean() < 6
    assert read_info(file).duration_s == pytest.approx(1.2, abs=0.01)
