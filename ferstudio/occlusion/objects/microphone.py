"""A hand microphone before the mouth: a mesh head on a handle that comes from below.

The head is a ball that grows upwards from the point where it sits on the handle, and the handle
widens with it. So a smaller microphone always lies inside a larger one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.drawing import Array, scene_light, smoothstep
from ferstudio.occlusion.occluder import Overlay, register_occluder
from ferstudio.regions import anchor_points, points_of
from ferstudio.types import FaceCrop

# Lengths in the distance between eyes and mouth.
RADIUS = (0.20, 0.56)  # of the head, just above amount 0 and at amount 1
SEAT = 0.40  # of the handle's top below the mouth, along the microphone
TILT_DEG = (8.0, 24.0)
HANDLE = 0.50  # half the handle's width at its top, in radii
COLLAR = 0.24  # height of the collar under the head, in radii
TAPER = 0.10  # by how much the handle narrows per radius of its length
MIN_TAPERED = 0.6
RING = 0.16  # half the height of the band around the head, in radii
MESH = 0.16  # from wire to wire, in radii
MIN_MESH_PX = 3.0

STEEL = np.array([158, 160, 164], dtype=np.float32)
BODIES = np.array([(40, 40, 43), (52, 50, 48), (36, 40, 50)], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a microphone is held.

    Attributes:
        seat_xy_px: (2,) where the head sits on the handle.
        down: (2,) unit vector along the handle, away from the head.
        unit_px: distance between eyes and mouth.
    """

    seat_xy_px: NDArray[np.float64]
    down: NDArray[np.float64]
    unit_px: float


@register_occluder(
    "microphone",
    title="Microphone",
    summary="A hand microphone held before the mouth from below; more is larger.",
    noun="A microphone",
)
def draw_microphone(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return an opaque mesh ball with a band, and a dark handle to the picture's lower edge."""
    body = BODIES[int(rng.integers(len(BODIES)))][:, None, None]
    lean, side = rng.random(2)
    tilt = np.deg2rad(TILT_DEG[0] + (TILT_DEG[1] - TILT_DEG[0]) * lean) * np.sign(side - 0.5)
    place = _place(points_of(crop), float(tilt))
    low, high = RADIUS
    radius = np.float32((low + (high - low) * amount) * place.unit_px)

    centres = np.arange(crop.size, dtype=np.float32) + np.float32(0.5)
    dx = centres[None, :] - np.float32(place.seat_xy_px[0])
    dy = centres[:, None] - np.float32(place.seat_xy_px[1])
    down_x, down_y = place.down.astype(np.float32)
    along = dx * down_x + dy * down_y  # below the seat, along the handle
    aside = dx * down_y - dy * down_x
    ball_px = radius - np.hypot(aside, along + radius)
    width = (
        radius
        * np.float32(HANDLE)
        * np.maximum(
            1 - np.float32(TAPER / place.unit_px) * np.maximum(along, 0), np.float32(MIN_TAPERED)
        )
    )
    grip_px = np.minimum(width - np.abs(aside), along + np.float32(0.2 * low * place.unit_px))
    ball, grip = np.clip(ball_px + 0.5, 0, 1), np.clip(grip_px + 0.5, 0, 1)
    opacity = np.maximum(ball, grip)

    head = _head_light(aside / radius, along / radius + 1, radius)
    handle = _handle_light(aside / width, along / radius)
    colour = ball * (head * STEEL[:, None, None]) + (1 - ball) * (handle * body)
    return Overlay(scene_light(crop).lit(colour), opacity.astype(np.float32))


def _place(landmarks_xy_px: NDArray[np.float32], tilt_rad: float) -> _Place:
    right_eye, left_eye, mouth = anchor_points(landmarks_xy_px)
    unit = max(1.0, float(np.linalg.norm(mouth - (right_eye + left_eye) / 2)))
    down = np.array([np.sin(tilt_rad), np.cos(tilt_rad)])
    return _Place(mouth + SEAT * unit * down, down, unit)


def _head_light(aside: Array, along: Array, radius_px: np.float32) -> Array:
    """Return the ball's brightness, around 1, at its surface's (aside, along) in radii."""
    squared = np.minimum(aside * aside + along * along, np.float32(0.999))
    facing = np.sqrt(1 - squared)
    lit = np.clip(0.62 * facing - 0.45 * along - 0.30 * aside, 0, 1)
    light = 0.45 + 0.75 * lit
    # Wires run along two circles of the ball, a right angle apart.
    mesh = np.float32(np.pi / max(MESH, MIN_MESH_PX / float(radius_px)))
    right = np.arcsin(np.clip(0.7071 * (aside + along), -1, 1))
    left = np.arcsin(np.clip(0.7071 * (aside - along), -1, 1))
    holes = np.square(np.sin(mesh * right) * np.sin(mesh * left))
    light *= 1 - 0.62 * holes
    glint = np.exp(-(np.square(aside + 0.30) + np.square(along + 0.42)) / 0.06)
    light += 0.30 * glint
    # The band lies on the ball's equator, seen a little from above.
    height = along - 0.22 * facing
    band = smoothstep(-np.abs(height), -RING, -0.8 * RING)
    rim = np.exp(-np.square((np.abs(height) - RING) / 0.05))
    smooth = 0.30 + 0.85 * lit + 0.5 * np.exp(-np.square((aside + 0.35) / 0.18))
    return light + band * (0.8 * smooth - light) - 0.18 * rim


def _handle_light(aside: Array, along: Array) -> Array:
    """Return the handle's brightness, around 1; `aside` in its half widths, `along` in radii."""
    round_ = 1.25 - 0.75 * np.square(aside) + 0.9 * np.exp(-np.square((aside + 0.45) / 0.20))
    collar = smoothstep(-np.abs(along - 0.5 * COLLAR), -0.5 * COLLAR, -0.4 * COLLAR)
    groove = np.exp(-np.square((along - COLLAR) / 0.035))
    return round_ * (1 + 1.3 * collar - 0.6 * groove)
