"""A hand held over the mouth: it reaches in from the lower left or right as the amount grows.

The hand slides along its fingers. Going back from the fingertips its outline never gets narrower,
so a hand that reaches less far always lies inside one that reaches further. The thumb's base stays
where it is and the thumb only gets longer.

Lengths are in units of the distance from the eyes to the mouth, about 7 cm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.drawing import Array, head_frame, scene_light, smoothstep
from ferstudio.occlusion.occluder import Overlay, register_occluder
from ferstudio.regions import anchor_points, points_of
from ferstudio.types import FaceCrop

REACH = (-1.5, 1.0)  # of the middle finger's tip beyond the mouth, just above amount 0 and at 1
REACH_POWER = 0.5
TILT = (0.18, 0.40)  # radians by which the fingers rise
CENTRE = 0.06  # of the hand's width, below the mouth
TAPER = 0.17  # loss of width per unit of length, from the knuckles to the tips

FINGER_EDGES = np.array([-0.49, -0.24, 0.02, 0.27, 0.48])  # across, from index to little finger
TIPS_BEHIND = np.array([0.13, 0.0, 0.09, 0.37])  # the middle finger's tip
FINGER_LENGTHS = np.array([1.20, 1.32, 1.24, 0.98])  # knuckle to tip
LENGTH_SPREAD = 0.03
WEB = (0.60, 0.95)  # where a finger merges into the back of the hand, from its tip
JOINTS = (0.26, 0.53)  # likewise
WRINKLES = (-0.022, 0.0, 0.022)  # beside each joint
CREASE = 0.022  # depth of the shade along outlines

THUMB_BASE = (-1.45, -0.25)  # along and across
THUMB_TURN = 0.62  # radians away from the fingers
THUMB_LENGTH = 1.02
THUMB_RADIUS = 0.125
THUMB_ROOT = 0.17  # by how much it is wider at its base
THUMB_WEB = 0.8  # where it begins to, from its base
THUMB_FROM = 0.2  # amount at which it begins to come out from behind the hand

SKINS = np.array(
    [
        (238, 200, 174),
        (224, 180, 146),
        (198, 148, 112),
        (160, 112, 80),
        (120, 80, 56),
        (88, 60, 46),
    ],
    dtype=np.float32,
)
NAIL = np.array((244, 206, 196), dtype=np.float32)
TOWARDS_LIGHT = (-0.25, -0.62, 0.74)  # right, down, out of the picture


@dataclass(frozen=True, slots=True)
class _Hand:
    """Where each pixel lies on the digit that is nearest to it; arrays are (S, S), in units.

    Attributes:
        inside: distance to the hand's outline, positive inside.
        behind: distance back from the digit's tip.
        side: offset from its middle line, 1 on its outline.
        rim: 0 on its middle line, 1 on its outline, rounded at the tip.
        radius: half of its width at the knuckle.
        length: its length from tip to knuckle.
        thumb: whether it is the thumb.
        waist: how far across the whole hand, half a unit to either side.
    """

    inside: Array
    behind: Array
    side: Array
    rim: Array
    radius: Array
    length: Array
    thumb: NDArray[np.bool_]
    waist: Array


@register_occluder(
    "hand",
    title="Hand",
    summary="A hand over the mouth that reaches in from one side as the amount grows.",
    noun="A hand",
)
def draw_hand(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return the back of a hand, its fingers side by side across the mouth, in one skin tone."""
    skin = SKINS[int(rng.integers(len(SKINS)))]
    from_right = rng.random() < 0.5
    low, high = TILT
    tilt = low + (high - low) * rng.random()
    lengths = FINGER_LENGTHS + LENGTH_SPREAD * rng.uniform(-1, 1, len(FINGER_LENGTHS))

    landmarks = points_of(crop)
    right_eye, left_eye, mouth = anchor_points(landmarks)
    frame = head_frame(landmarks, mouth)
    unit_px = max(1.0, -float(frame.local((right_eye + left_eye)[None] / 2)[0, 1]))
    x, y = (axis / np.float32(unit_px) for axis in frame.grid(crop.size))
    along, across = _turned(-x if from_right else x, y, -tilt)

    hand = _hand(along, across, amount, lengths)
    opacity = np.clip(hand.inside * unit_px + 1, 0, 1)  # a pixel more, or seams would show through
    light = _relief_light(_height(hand), unit_px)
    crease = np.exp(-np.maximum(hand.inside, 0) / CREASE)
    light *= 1 - (0.34 - 0.20 * smoothstep(hand.behind / hand.length, *WEB)) * crease
    light *= 1 - 0.16 * _wrinkles(hand, max(0.008, 0.6 / unit_px))
    nail, gloss = _nails(hand.behind / hand.radius, hand.side, hand.radius * unit_px)
    nail_rgb = 0.35 * NAIL + 0.65 * skin
    colour = skin[:, None, None] * (1 - nail) + nail_rgb[:, None, None] * nail  # (3, S, S)
    return Overlay(scene_light(crop).lit(colour * light + 22 * gloss), opacity)


def _turned(x: Array, y: Array, angle: float) -> tuple[Array, Array]:
    """Return (along, across): the coordinates in axes turned by `angle` from x towards y."""
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return x * cos + y * sin, y * cos - x * sin


def _hand(along: Array, across: Array, amount: float, lengths: NDArray[np.float64]) -> _Hand:
    """Return the hand at `amount`, in coordinates along and across its fingers from the mouth."""
    low, high = REACH
    reach = low + (high - low) * amount**REACH_POWER
    knuckles = reach - float(FINGER_LENGTHS.max())
    waist = (across - CENTRE) / (1 - TAPER * np.clip(along - knuckles, 0, 2))

    base_along, base_across = THUMB_BASE
    out, aside = _turned(along - base_along, across - base_across, -THUMB_TURN)
    aside /= 1 + THUMB_ROOT / THUMB_RADIUS * smoothstep(THUMB_WEB - out, 0, THUMB_WEB)
    grown = max(0.0, amount - THUMB_FROM) / (1 - THUMB_FROM)

    tips = reach - TIPS_BEHIND + (lengths - FINGER_LENGTHS)
    centres = (FINGER_EDGES[1:] + FINGER_EDGES[:-1]) / 2
    radii = np.append(np.diff(FINGER_EDGES) / 2, THUMB_RADIUS).astype(np.float32)
    radius = radii[:, None, None]
    behind = np.stack([*(float(tip) - along for tip in tips), THUMB_LENGTH * grown - out])
    side = np.stack([*(waist - float(centre) for centre in centres), aside]) / radius
    ahead = np.maximum(1 - behind / (1.1 * radius), 0)
    ahead[-1] = np.maximum(ahead[-1], -out / THUMB_RADIUS)
    rim = np.hypot(side, ahead)  # (5, S, S): four fingers and the thumb

    nearest = rim.argmin(axis=0)
    behind, side, rim_there = (
        np.take_along_axis(values, nearest[None], 0)[0] for values in (behind, side, rim)
    )
    return _Hand(
        inside=((1 - rim) * radius).max(axis=0),
        behind=behind,
        side=side,
        rim=rim_there,
        radius=radii[nearest],
        length=np.append(lengths, THUMB_LENGTH).astype(np.float32)[nearest],
        thumb=nearest == len(radii) - 1,
        waist=waist,
    )


def _height(hand: _Hand) -> Array:
    """Return how far the hand's surface stands out of the picture, (S, S) in units."""
    from_tip = hand.behind / hand.length
    knobs = sum(np.exp(-np.square((from_tip - joint) / 0.075)) for joint in JOINTS)
    digit = hand.radius * np.sqrt(np.maximum(1 - hand.rim * hand.rim, 0)) * (1 + 0.14 * knobs)
    knuckle = np.exp(-np.square((from_tip - 1) / 0.10) - np.square(hand.side / 0.65))
    tendon = smoothstep(from_tip, 1.0, 1.25) * np.exp(-np.square(hand.side / 0.35))
    back = 0.05 + 0.13 * np.sqrt(np.maximum(1 - np.square(hand.waist / 0.5), 0))
    back += 0.055 * knuckle + 0.012 * tendon
    merged = np.where(hand.thumb, 0, smoothstep(from_tip, *WEB))
    return digit + merged * (back - digit)


def _relief_light(height: Array, unit_px: float) -> Array:
    """Return how bright a matt surface of that height is under a lamp, (S, S) around 1."""
    slope_y, slope_x = (np.clip(s * unit_px, -1.6, 1.6) for s in np.gradient(height))
    right, down, out = TOWARDS_LIGHT
    facing = (out - right * slope_x - down * slope_y) / np.sqrt(1 + slope_x**2 + slope_y**2)
    return (0.58 + 0.58 * np.maximum(facing, 0)).astype(np.float32)


def _wrinkles(hand: _Hand, width: float) -> Array:
    """Return the folds of skin over the finger joints, (S, S) from 0 to 1."""
    squared = hand.side * hand.side
    bow = hand.behind + 0.018 * squared
    folds = np.zeros_like(bow)
    for joint in JOINTS:
        for offset in WRINKLES:
            line = np.exp(-np.square((bow - joint * hand.length - offset) / width))
            np.maximum(folds, line, out=folds)
    return folds * np.maximum(1 - squared, 0)


def _nails(behind: Array, side: Array, radius_px: Array) -> tuple[Array, Array]:
    """Return how much of each pixel is nail, and the gloss on it, (S, S) in [0, 1].

    Args:
        behind: distance back from the tip, in radii of the digit.
        side: offset from the middle line, in radii.
        radius_px: radius of the digit.
    """
    u, v = np.square(side / 0.58), np.square((behind - 0.95) / 0.68)
    inside_px = (1 - np.sqrt(np.hypot(u, v))) * 0.58 * radius_px
    nail = np.clip(inside_px + 0.5, 0, 1)
    gloss = nail * np.exp(-np.square((side + 0.25) / 0.2) - np.square((behind - 0.9) / 0.45))
    return nail, gloss
