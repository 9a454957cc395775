"""A frame of a video with the answers to it: the scene, and per network both faces and its bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ferstudio.explain.explainer import explainer
from ferstudio.explain.overlay import draw_overlay, shared_scale
from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.plots.frame import GRID, INK, MUTED, RUST
from ferstudio.sentences.sentence import percent
from ferstudio.studio.live import LiveFrame, LiveRow
from ferstudio.studio.results import View
from ferstudio.studio.selection import NONE
from ferstudio.studio.video import VideoPlan
from ferstudio.types import Prediction

WIDTH_PX, SCENE_PX, GAP_PX, HEAD_PX = 1280, 600, 16, 40
ROW_PX, FACE_PX, BARS_PX = 148, 112, 84
HIGHEST_SCENE_PX = 480
NO_FACE = "No face in this frame."

_PAPER = "#ffffff"


@dataclass(frozen=True, slots=True)
class VideoSheet:
    """Where things stand on the frames of one video, all of one size.

    Attributes:
        plan: what was asked.
        scene_px: width and height of the scene.
        size_px: width and height of the sheet, both even as codecs want them.
    """

    plan: VideoPlan
    scene_px: tuple[int, int]
    size_px: tuple[int, int]

    def drawn(self, time_s: float, seen: LiveFrame) -> NDArray[np.uint8]:
        """Return a frame with its cover and its answers, (H, W, 3) uint8 RGB.

        Args:
            time_s: since the video's first frame.
            seen: what was made of it.
        """
        sheet = Image.new("RGB", self.size_px, _PAPER)
        pen = ImageDraw.Draw(sheet)
        _write(pen, (GAP_PX, 11), f"{time_s:.1f} s", INK, 18)
        _write(pen, (GAP_PX + 90, 14), self._words(), MUTED, 14)
        sheet.paste(Image.fromarray(self._scene(seen)), (GAP_PX, HEAD_PX))
        left = 2 * GAP_PX + SCENE_PX
        for number, row in enumerate(seen.rows):
            _row(sheet, pen, (left, HEAD_PX + number * ROW_PX), row)
        if not seen.rows:
            _write(pen, (left, HEAD_PX), NO_FACE, MUTED, 18)
        return np.asarray(sheet, np.uint8)

    def _scene(self, seen: LiveFrame) -> NDArray[np.uint8]:
        picture = cv2.resize(seen.picture, self.scene_px, interpolation=cv2.INTER_AREA)
        scale = self.scene_px[0] / seen.picture.shape[1]
        for face in seen.track.faces[:1]:
            left, top, right, bottom = (round(scale * each) for each in face.box_xyxy_px)
            cv2.rectangle(picture, (left, top), (right, bottom), (255, 255, 255), 2)
        return np.asarray(picture, np.uint8)

    def _words(self) -> str:
        asked = self.plan.question
        parts = []
        if not asked.cover.bare:
            parts.append(f"{asked.cover.name} {asked.cover.amount:g}")
        if asked.explainer != NONE:
            parts.append(f"heat: {explainer(asked.explainer).title}")
        return "; ".join(parts)


def video_sheet(plan: VideoPlan, width_px: int, height_px: int) -> VideoSheet:
    """Return the sheet for a video whose frames have a size in pixels."""
    rows_px = len(plan.question.models) * ROW_PX
    body_px = max(rows_px, min(HIGHEST_SCENE_PX, round(SCENE_PX / width_px * height_px)))
    height = HEAD_PX + body_px + GAP_PX
    height += height % 2
    scale = min(SCENE_PX / width_px, body_px / height_px)
    scene = (max(1, round(scale * width_px)), max(1, round(scale * height_px)))
    return VideoSheet(plan, scene, (WIDTH_PX, height))


def _row(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, place: tuple[int, int], row: LiveRow
) -> None:
    """Draw one network: its name, both faces under their heat on one scale, and its bars."""
    left, top = place
    views = [("clean", row.clean)] + ([("covered", row.covered)] if row.covered else [])
    maps = [view.heatmap for _, view in views if view.heatmap is not None]
    scale = shared_scale(maps)
    for number, (when, view) in enumerate(views):
        at = left + number * (FACE_PX + 8)
        sheet.paste(_face(view, scale), (at, top + 16))
        _write(pen, (at, top), when, MUTED, 12)
    across = left + 2 * (FACE_PX + 8) + 8
    said = [view.prediction for _, view in views]
    changed = len({each.top for each in said}) > 1
    _write(pen, (across, top - 2), row.title, INK, 16)
    words = " to ".join(f"{each.top} {percent(each.confidence)}" for each in said)
    _write(pen, (across, top + 19), words, RUST if changed else MUTED, 14)
    _bars(pen, (across, top + 16 + FACE_PX - 14), said)


def _face(view: View, scale: float) -> Image.Image:
    size = (FACE_PX, FACE_PX)
    seen = np.asarray(cv2.resize(view.seen, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Image.fromarray(
        seen if view.heatmap is None else draw_overlay(seen, view.heatmap, scale)
    )


def _bars(pen: ImageDraw.ImageDraw, place: tuple[int, int], said: Sequence[Prediction]) -> None:
    """Draw probabilities side by side, the clean ones hollow where there are covered ones."""
    left, bottom = place
    labels = [name for name in DISPLAY_ORDER if name in said[0].labels]
    step, high = (WIDTH_PX - GAP_PX - left) // len(DISPLAY_ORDER), BARS_PX - 24
    pen.line((left, bottom, left + step * len(labels), bottom), GRID)
    wide = (step - 10) // len(said)
    for number, label in enumerate(labels):
        colour = EMOTION_COLOURS[label]
        for which, each in enumerate(said):
            at = left + number * step + which * wide
            top = bottom - round(high * each.probability_of(label))
            hollow = which == 0 and len(said) > 1
            box = (at, top, at + wide - 2, bottom)
            pen.rectangle(box, outline=colour, fill=None if hollow else colour)
        _write(pen, (left + number * step, bottom + 3), label[:3], MUTED, 11)


def _write(
    pen: ImageDraw.ImageDraw, place: tuple[int, int], words: str, colour: str, size_px: int
) -> None:
    font: Any = ImageFont.load_default(size_px)
    pen.text(place, words, colour, font)
