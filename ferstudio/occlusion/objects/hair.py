"""A fringe of hair over forehead, brows and eyes: its tips come down as the amount grows.

The hair hangs in layers of locks. A lock is a column of a coordinate that stays the same along the
hair, so it bends as the hair does and ends in a tip of its own. Every tip only moves down with the
amount, so a shorter fringe always lies inside a longer one.

Heights are in units of the forehead's: 0 at the top of the face, 1 on the nose's bridge. Widths are
in units of one half of the face, so that the far side of a turned head has narrower locks.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.drawing import Array, head_frame, scene_light, smoothstep
from ferstudio.occlusion.occluder import Overlay, register_occluder
from ferstudio.regions import FACE_OVAL, LEFT_EYE, RIGHT_EYE, points_of
from ferstudio.types import FaceCrop

FOREHEAD, NOSE_BRIDGE = 10, 168
MIN_HALF = 0.35  # of the wider half of the face
SCALP = (1.16, 2.0)  # of the hair's outline: half its width, and its top above the nose's bridge
BELOW_EYES = 0.36  # how far the mean tip hangs below the eyes at amount 1
SIDE_FALL = 0.28  # how much further it hangs beside the face
SWEEP = 0.30  # how far to one side the hair is combed by the time it reaches the nose's bridge
TABLE = 64  # locks of a layer, and then the same again

COLOURS = np.array(
    [(30, 26, 26), (58, 40, 31), (92, 62, 42), (118, 66, 40), (184, 148, 98), (146, 142, 138)],
    dtype=np.float32,
)


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer of locks.

    Attributes:
        per_half: locks per half of the face.
        uneven: how much the locks differ in length.
        point: length of a lock's tip.
        present: share of the locks that are there.
        light: brightness.
    """

    per_half: float
    uneven: float
    point: float
    present: float
    light: float


LAYERS = (
    _Layer(per_half=7, uneven=0.12, point=0.20, present=1.0, light=0.72),
    _Layer(per_half=11, uneven=0.18, point=0.28, present=0.8, light=0.88),
    _Layer(per_half=17, uneven=0.34, point=0.34, present=0.6, light=1.02),
    _Layer(per_half=22, uneven=0.46, point=0.40, present=0.4, light=1.14),
)
"""From the scalp outwards: each has finer and more uneven locks than the one below."""


@dataclass(frozen=True, slots=True)
class _Scalp:
    """Where a head's hair grows; arrays are (S, S).

    Attributes:
        across: -1 and 1 at the sides of the face.
        down: 0 at the top of the face, 1 on the nose's bridge.
        half_px: half the face's width, mean of both sides.
        forehead_px: height of the forehead.
        eyes: how far down the eyes' lower edge lies.
    """

    across: Array
    down: Array
    half_px: float
    forehead_px: float
    eyes: float


@register_occluder(
    "hair",
    title="Hair",
    summary="A fringe of hair that comes down over brows and eyes as the amount grows.",
    noun="Hair",
)
def draw_hair(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return layers of pointed locks in one hair colour, with a band of gloss."""
    hair = COLOURS[int(rng.integers(len(COLOURS)))]
    sweep = SWEEP * rng.uniform(-1, 1)
    wave, phase = rng.uniform(0.01, 0.035), rng.uniform(0, 2 * math.pi)
    tables = rng.random(
        (len(LAYERS), 3, TABLE), np.float32
    )  # each lock's length, presence and shade
    fibres = rng.random(8 * TABLE, np.float32)

    scalp = _scalp(points_of(crop), crop.size)
    across, down = scalp.across, scalp.down
    fallen = np.maximum(down + 0.4, 0)
    combed = across - np.float32(sweep * 0.5) * fallen * fallen
    tip = (scalp.eyes + BELOW_EYES + SIDE_FALL * np.minimum(across * across, 1.4)) * amount

    opacity = np.zeros_like(down)
    light = np.full_like(down, LAYERS[0].light)
    gloss = np.zeros_like(down)
    for number, (layer, table) in enumerate(zip(LAYERS, tables, strict=True)):
        bent = combed + wave * np.sin(3.1 * down + 2.3 * across + phase + 1.7 * number)
        lock = (bent + 2) * layer.per_half + number * 0.37
        length, presence, shade = table[:, np.floor(lock).astype(np.intp) % TABLE]
        side = 2 * (lock - np.floor(lock)) - 1  # -1 and 1 on the lock's edges
        end = tip * (1 + layer.uneven * (length - 0.5)) - layer.point * np.abs(side)
        slope = 2 * layer.point * layer.per_half * scalp.forehead_px / scalp.half_px
        edge_px = min(math.hypot(1, slope), 1 + layer.point * scalp.forehead_px)
        hanging = np.clip((end - down) * scalp.forehead_px / edge_px, 0, 1)
        hanging *= presence < layer.present
        opacity = np.maximum(opacity, hanging)
        own = layer.light * (0.82 + 0.36 * shade) * (1.06 - 0.30 * side * side)
        band = np.exp(-np.square((down - 0.28 - 0.16 * length) / 0.15)) * (0.4 + 0.6 * shade)
        light += hanging * (own - light)
        gloss += hanging * (band * (1 - side * side) - gloss)

    light *= 0.86 + 0.28 * _fibres((combed + 2) * 24, fibres)
    light *= 1.06 - 0.30 * smoothstep(np.abs(across), 0.5, 1.2)
    opacity *= _outline(scalp)
    colour = hair[:, None, None] * light + (0.24 * hair + 24)[:, None, None] * gloss
    return Overlay(scene_light(crop).lit(colour.astype(np.float32)), opacity.astype(np.float32))


def _scalp(landmarks_xy_px: NDArray[np.float32], size_px: int) -> _Scalp:
    points = np.asarray(landmarks_xy_px, dtype=np.float64)
    frame = head_frame(landmarks_xy_px, points[NOSE_BRIDGE])
    oval = frame.local(points[list(FACE_OVAL)])[:, 0]
    halves = np.array([-oval.min(), oval.max()])
    halves = np.maximum(halves, max(1.0, MIN_HALF * float(halves.max())))
    forehead = max(1.0, -float(frame.local(points[[FOREHEAD]])[0, 1]))
    eyes = float(frame.local(points[[*RIGHT_EYE, *LEFT_EYE]])[:, 1].max())
    x, y = frame.grid(size_px)
    across = x / np.where(x > 0, np.float32(halves[1]), np.float32(halves[0]))
    down = y / np.float32(forehead) + 1
    return _Scalp(across, down, float(halves.mean()), forehead, eyes / forehead + 1)


def _fibres(position: Array, brightness: NDArray[np.float32]) -> Array:
    """Return the brightness at each position, blended between whole numbers, periodically."""
    low = np.floor(position)
    index = low.astype(np.intp) % len(brightness)
    part = position - low
    following = np.roll(brightness, -1)
    return brightness[index] + part * (following - brightness)[index]


def _outline(scalp: _Scalp) -> Array:
    """Return how much of each pixel lies within the hair's outline: a dome above straight sides."""
    half, top = SCALP
    u, v = scalp.across / half, np.minimum(scalp.down - 1, 0) / top
    return np.clip((1 - np.hypot(u, v)) * half * scalp.half_px + 0.5, 0, 1)
