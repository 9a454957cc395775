"""Read any video file a person may bring, frame by frame and within bounds, and write one to keep.

What a file holds is measured by its packets before one of them is decoded: headers may lie or say
nothing. FFmpeg, by PyAV, may open nothing but the file itself: no playlist, no other file, no
address. No more than a frame is in memory beside what the decoder needs itself.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import FerStudioError, VideoError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame as DecodedFrame
    from av.video.stream import VideoStream

MAX_SECONDS, MAX_VIDEO_MB = 60, 100
"""Of a video that is read."""

MAX_SIDES_PX = (1920, 1080)
"""Of its frames, lying or upright."""

MAX_RATE = 250
"""Frames in a second of a video, on average: slow motion has 240."""

VIDEO_SUFFIXES = frozenset(".3gp .avi .m4v .mkv .mov .mp4 .mpeg .mpg .ogv .ts .webm".split())
"""Endings by which a file is taken for a video."""

_READABLE = "MP4, MOV, WebM, MKV or AVI"
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,ogg"
_CODECS = frozenset(
    "av1 h263 h264 hevc libdav1d mjpeg mpeg1video mpeg2video mpeg4 msmpeg4v3 prores theora vp8 vp9 "
    "libvpx-vp9".split()
)
"""Decoders that a file may ask for; FFmpeg has hundreds, which few files and many faults need."""

_CODED_LINES = 8
"""A codec may store a few lines more than it shows: 1088 of 1080."""

_MAX_CODED_PX = (MAX_SIDES_PX[0] + _CODED_LINES) * (MAX_SIDES_PX[1] + _CODED_LINES)
"""Of a frame; a file may say that its frames grow half-way."""

_CLOCK = 1000
"""Ticks of a second in videos that are written."""

_QUALITY = "23"  # of x264, its usual one


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a video file holds.

    Attributes:
        name: of the file.
        width_px: of an upright frame, as it is shown.
        height_px: likewise.
        duration_s: from its first to the end of its last frame.
        frames: how many there are.
    """

    name: str
    width_px: int
    height_px: int
    duration_s: float
    frames: int


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrame:
    """One frame of a video.

    Attributes:
        time_s: since the first frame.
        image: (H, W, 3) uint8 RGB, upright.
    """

    time_s: float
    image: NDArray[np.uint8]


def read_info(file: str | os.PathLike[str]) -> VideoInfo:
    """Return what a video file holds; nothing but its first frame is decoded.

    Raises:
        VideoError: if there is no such file, or it is damaged, too long, too large or no video.
        FerStudioError: if PyAV isn't installed.
    """
    with _opened(file) as (name, container, stream):
        _check_sides(name, stream.width, stream.height)
        start, end, count = None, 0.0, 0
        for packet in container.demux(stream):
            if packet.pts is None or packet.time_base is None:
                count += packet.size > 0
                continue
            begin = float(packet.pts * packet.time_base)
            start = begin if start is None else min(start, begin)
            end = max(end, begin + float((packet.duration or 0) * packet.time_base))
            count += 1
            _check_length(name, end - start, count)
        if not count:
            raise VideoError(f"{name} holds no frame; choose another video.")
        seconds = end - start if start is not None and end > start else count / _rate(stream)
        _check_length(name, seconds, count)
    first = next(video_frames(file, 1.0))
    height, width = first.image.shape[:2]
    return VideoInfo(name, width, height, seconds, count)


def video_frames(file: str | os.PathLike[str], per_second: float) -> Iterator[VideoFrame]:
    """Yield the frames of a video, at most so many of each second; the others are passed over.

    Raises:
        VideoError: if it is damaged, or a frame is larger than the first ones said.
        FerStudioError: if PyAV isn't installed.
    """
    with _opened(file) as (name, container, stream):
        stream.thread_type = "AUTO"
        stream.codec_context.options = {"max_pixels": str(_MAX_CODED_PX)}
        first, taken = None, -1
        for number, frame in enumerate(container.decode(stream)):
            _check_sides(name, frame.width, frame.height)
            time_s = number / _rate(stream) if frame.time is None else float(frame.time)
            first = time_s if first is None else first
            time_s -= first
            if time_s > MAX_SECONDS + 1 or number > MAX_RATE * (MAX_SECONDS + 1):
                raise VideoError(_too_long(name))
            cell = int(time_s * per_second + 1e-6)
            if cell > taken:
                taken = cell
                yield VideoFrame(time_s, _upright(frame, stream))
        if first is None:
            raise VideoError(f"{name} holds no frame that can be read; choose another video.")


class VideoWriter:
    """An MP4 file that browsers and presentations play: H.264, without sound."""

    def __init__(self, target: BinaryIO, size_px: tuple[int, int], fps: float) -> None:
        """Begin a file.

        Args:
            target: where it goes; it can be sought in.
            size_px: width and height of all frames, both even.
            fps: how many there are in a second, about; the last one is shown as long as that says.

        Raises:
            FerStudioError: if PyAV isn't installed.
        """
        self._av = _library()
        self._container = self._av.open(target, "w", format="mp4")
        rate = Fraction(fps).limit_denominator(_CLOCK)
        settings = {"crf": _QUALITY, "preset": "veryfast"}
        self._stream: Any = self._container.add_stream("libx264", rate=rate, options=settings)
        self._stream.width, self._stream.height = size_px
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, _CLOCK)
        self._stream.codec_context.thread_count = 1  # networks are asked meanwhile
        self._empty = True

    def add(self, image: NDArray[np.uint8], time_s: float) -> None:
        """Add a frame, (H, W, 3) uint8 RGB, that is shown from `time_s` on; each later."""
        frame = self._av.VideoFrame.from_ndarray(image, "rgb24")
        frame.pts, frame.time_base = round(time_s * _CLOCK), Fraction(1, _CLOCK)
        self._container.mux(self._stream.encode(frame))
        self._empty = False

    def close(self) -> None:
        """End the file, which holds a frame at least."""
        if not self._empty:
            self._container.mux(self._stream.encode(None))
        self._container.close()


@contextmanager
def _opened(
    file: str | os.PathLike[str],
) -> Iterator[tuple[str, "InputContainer", "VideoStream"]]:
    """Give a video file's name, the file as PyAV has it, and its first stream of pictures."""
    path, library = Path(file), _library()
    if not path.is_file():
        problem = "is a folder, not a file" if path.is_dir() else "doesn't exist"
        raise VideoError(f"{path} {problem}; choose a video: {_READABLE}.")
    if path.stat().st_size > MAX_VIDEO_MB * 1_000_000:
        size_mb = path.stat().st_size / 1_000_000
        raise VideoError(
            f"{path.name} has {size_mb:.0f} MB, more than the {MAX_VIDEO_MB} MB that are read; "
            "shorten or reduce it first."
        )
    allowed = {"format_whitelist": _FORMATS}
    try:
        # a file object, so that FFmpeg opens no file or address that a name could mean
        with path.open("rb") as content, library.open(content, "r", options=allowed) as container:
            streams = [each for each in container.streams.video if not _is_cover(each)]
            if not streams:
                raise VideoError(f"{path.name} has no pictures, only sound; choose a video.")
            if streams[0].codec_context.name not in _CODECS:
                raise VideoError(
                    f"{path.name} is coded as {streams[0].codec_context.name}, which isn't read; "
                    f"save it again as {_READABLE}."
                )
            yield path.name, container, streams[0]
    except (library.FFmpegError, OSError, ValueError) as error:  # FFmpeg's own, and of its seeking
        raise VideoError(
            f"{path.name} is damaged, or no video that can be read; save it again as {_READABLE}."
        ) from error


def _library() -> Any:
    """Return PyAV, which says nothing on stderr."""
    try:
        import av
    except ImportError:
        raise FerStudioError(
            "Videos need PyAV; install it with python -m pip install av."
        ) from None
    av.logging.set_level(None)
    return av


def _is_cover(stream: "VideoStream") -> bool:
    """Return whether a stream is the picture on an album's cover."""
    return bool(stream.disposition & stream.disposition.__class__["attached_pic"])


def _check_sides(name: str, width: int, height: int) -> None:
    long_px, short_px = MAX_SIDES_PX
    if max(width, height) > long_px or min(width, height) > short_px + _CODED_LINES:
        raise VideoError(
            f"{name} has frames of {width} x {height} pixels, more than the {long_px} x {short_px} "
            "that are read; reduce it first."
        )


def _check_length(name: str, seconds: float, frames: int) -> None:
    if seconds > MAX_SECONDS + 0.5 or frames > MAX_RATE * MAX_SECONDS:
        raise VideoError(_too_long(name))


def _too_long(name: str) -> str:
    return f"{name} is longer than the {MAX_SECONDS} seconds that are read; cut out a part first."


def _rate(stream: "VideoStream") -> float:
    return float(stream.average_rate or stream.guessed_rate or 25)


def _upright(frame: "DecodedFrame", stream: "VideoStream") -> NDArray[np.uint8]:
    """Return a frame with square pixels, turned as the camera was held, (H, W, 3) uint8 RGB."""
    ratio = float(stream.sample_aspect_ratio or 1)
    width = min(MAX_SIDES_PX[0], max(1, round(frame.width * ratio)))
    image = frame.to_ndarray(format="rgb24", width=width, height=frame.height)
    turned = np.rot90(image, round(frame.rotation / 90) % 4)
    return np.ascontiguousarray(turned, np.uint8)
