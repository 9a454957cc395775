"""Small videos made in tests: a sample face that moves over a backdrop, turned, silent, damaged."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.samples import read_sample
from ferstudio.labels import FERPLUS
from ferstudio.regions import mean_face
from ferstudio.studio.live import LiveQuestion
from ferstudio.studio.selection import Cover
from ferstudio.studio.video import VideoAnswer, VideoAnswers, VideoMoment, VideoPlan
from ferstudio.types import Face, Prediction
from ferstudio.video_files import VideoInfo

SIZE_PX = (160, 120)


def moving_face(
    step: int, size_px: tuple[int, int] = SIZE_PX, *, shows: bool = True
) -> NDArray[np.uint8]:
    """Return a frame of a video, (H, W, 3) uint8 RGB: grey, with a sample face that goes right."""
    width, height = size_px
    image = np.full((height, width, 3), (120, 130, 140), np.uint8)
    image[: height // 8] = (200, 40, 40)  # tells which way is up
    if shows:
        side = round(min(size_px) * 0.75)
        left = min(width - side, 4 + 3 * step)
        face = cv2.resize(read_sample("happiness"), (side, side), interpolation=cv2.INTER_AREA)
        image[height - side :, left : left + side] = face
    return image


def write_video(
    file: Path,
    seconds: float = 1.0,
    *,
    rate: int = 10,
    size_px: tuple[int, int] = SIZE_PX,
    empty: frozenset[int] = frozenset(),
    codec: str = "libx264",
) -> Path:
    """Write a video of a face that moves, and return the file; in frames of `empty` it is away."""
    with av.open(str(file), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuv420p"
        for step in range(round(seconds * rate)):
            image = moving_face(step, size_px, shows=step not in empty)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode(None))
    return file


def turned(file: Path) -> Path:
    """Write into an MP4's header that its camera was held upright, and return the file."""
    content = bytearray(file.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    one, minus = (1 << 16).to_bytes(4, "big"), (-(1 << 16)).to_bytes(4, "big", signed=True)
    zero, deep = bytes(4), (1 << 30).to_bytes(4, "big")
    rows = (zero, one, zero, minus, zero, zero, zero, zero, deep)  # a quarter clockwise
    content[matrix : matrix + 36] = b"".join(rows)
    file.write_bytes(content)
    return file


def write_sound(file: Path) -> Path:
    """Write half a second of silence without a picture, and return the file."""
    with av.open(str(file), "w") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        for number in range(8):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.sample_rate, frame.pts = 16000, number * 1024
            frame.time_base = Fraction(1, 16000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file


def cut_short(file: Path) -> Path:
    """Write the first half of a video's file, and return the file."""
    content = write_video(file).read_bytes()
    file.write_bytes(content[: len(content) // 2])
    return file


def said(happiness: float) -> Prediction:
    """Return an answer of a probability, where the rest is neutral."""
    probabilities = np.zeros(len(FERPLUS), np.float32)
    probabilities[:2] = 1 - happiness, happiness
    return Prediction(FERPLUS, probabilities, np.log(probabilities + 1e-6))


def made_answers(cover: Cover, *, faces: bool = True) -> VideoAnswers:
    """Return two networks' answers to a video of 2 s, without a face in the third of 4 frames."""
    moments = []
    for number, happiness in enumerate((0.8, 0.7, None, 0.5)):
        known = happiness is not None and faces
        answers = (
            tuple(
                VideoAnswer(f"{name}.test", said(happiness), under)
                for name in "ab"
                for under in [None if cover.bare else said(1 - happiness)]
            )
            if happiness is not None and faces
            else ()
        )
        moments.append(VideoMoment(number / 2, int(known), answers))
    plan = VideoPlan(LiveQuestion(("a.test", "b.test"), cover), 2)
    info, titles = VideoInfo("clip.mp4", 160, 120, 2.0, 20), {"a.test": "A", "b.test": "B"}
    return VideoAnswers(info, plan, titles, tuple(moments), done=True)


class ColumnDetector:
    """Finds the face of these videos where columns differ from the grey below the stripe."""

    name = "columns"
    gives_landmarks = True

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        below = image[image.shape[0] // 3 :].astype(int)
        columns = np.nonzero(np.abs(below - (120, 130, 140)).max(axis=(0, 2)) > 40)[0]
        if len(columns) < 20:
            return []
        left, side = float(columns[0]), float(columns[-1] + 1 - columns[0])
        top = image.shape[0] - side
        points = mean_face() * np.float32(side) + np.array([left, top], np.float32)
        return [Face((left, top, left + side, top + side), points, 1.0)]
