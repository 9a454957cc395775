"""Patterns over the picture: an opaque patch of pattern or noise, spots on the lens, and gauze.

Patches lie where the random square of `bars` does. The spots grow around fixed centres. The gauze
lies over the whole picture from the first and only gets denser.
"""

from collections.abc import Callable

import cv2
import numpy as np

from ferstudio.occlusion.bars import random_square
from ferstudio.occlusion.drawing import Array, scene_light, smoothstep
from ferstudio.occlusion.occluder import Group, Overlay, register_occluder
from ferstudio.types import FaceCrop

Pattern = Callable[[Array, Array], Array]
"""Signed distance to the edge of the light dye at (u, v), all in periods, positive inside."""

PATCH_SHARE = (1 / 6, 1 / 3)  # of the picture's area, at amount 1

PERIOD = (0.07, 0.12)  # of the picture's side
DYES = np.array(
    [
        [(28, 34, 58), (236, 232, 222)],
        [(150, 30, 36), (244, 236, 224)],
        [(24, 74, 66), (232, 196, 92)],
        [(36, 34, 36), (204, 120, 60)],
    ],
    dtype=np.float32,
)  # dark and light

NOISE_GRID = 64  # cells along the picture's side, so that noise is as coarse in any picture

SPOTS = 8
SPOT_RADIUS = (0.09, 0.20)  # of the picture's side, at amount 1
SPOT_OPACITY = (0.45, 0.75)
SPOT_SOFTNESS = 0.6  # of the radius
SPOT_LEVELS = np.array([26, 240], dtype=np.float32)  # in turn

MESHES = 13  # of the net along the picture's side
THREAD = 0.10  # of a mesh
NET_OPACITY = 0.80
FABRIC_OPACITY = (0.18, 0.50)  # between folds, and on them
FABRICS = np.array([(244, 242, 238), (226, 214, 196), (36, 34, 40)], dtype=np.float32)


@register_occluder(
    "checks",
    title="Pattern",
    summary="A patch of stripes, checks or dots; the seed decides which and where.",
    noun="A patterned patch",
    group=Group.TEXTURES,
)
def draw_checks(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return an opaque square of a pattern that stays in place while the square grows."""
    covered = random_square(crop.size, amount, PATCH_SHARE, rng)
    pattern = PATTERNS[int(rng.integers(len(PATTERNS)))]
    dark, light = DYES[int(rng.integers(len(DYES)))]
    low, high = PERIOD
    period_px = (low + (high - low) * rng.random()) * crop.size
    angle = np.pi * rng.random()
    centres = (np.arange(crop.size, dtype=np.float32) + np.float32(0.5)) / np.float32(period_px)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    u = centres[None, :] * cos + centres[:, None] * sin
    v = centres[:, None] * cos - centres[None, :] * sin
    drawn = np.clip(pattern(u, v) * np.float32(period_px) + 0.5, 0, 1)
    colour = dark[:, None, None] + (light - dark)[:, None, None] * drawn  # (3, S, S)
    return Overlay(scene_light(crop).lit(colour), covered.astype(np.float32))


def _stripes(u: Array, v: Array) -> Array:  # noqa: ARG001 - the same all along a stripe
    return _from_whole(u) - np.float32(0.25)


def _checks(u: Array, v: Array) -> Array:
    across, along = _from_whole(u) - np.float32(0.25), _from_whole(v) - np.float32(0.25)
    return np.where(across * along > 0, 1, -1) * np.minimum(np.abs(across), np.abs(along))


def _dots(u: Array, v: Array) -> Array:
    return np.float32(0.3) - np.hypot(_from_whole(u), _from_whole(v))


def _from_whole(values: Array) -> Array:
    """Return the distance to the nearest whole number."""
    return np.abs(values - np.rint(values))


PATTERNS: tuple[Pattern, ...] = (_stripes, _checks, _dots)


@register_occluder(
    "noise-patch",
    title="Noise",
    summary="A patch of random grey noise; the seed decides where.",
    noun="A patch of noise",
    group=Group.TEXTURES,
)
def draw_noise_patch(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return an opaque square of uniform noise that stays in place while the square grows."""
    covered = random_square(crop.size, amount, PATCH_SHARE, rng)
    cells = rng.integers(0, 256, (NOISE_GRID, NOISE_GRID), dtype=np.uint8)
    noise = cv2.resize(cells, (crop.size, crop.size), interpolation=cv2.INTER_NEAREST)
    colour = np.asarray(cv2.merge([noise] * 3), dtype=np.uint8)
    return Overlay(colour, covered.astype(np.float32))


@register_occluder(
    "blobs",
    title="Blobs",
    summary="Half-transparent dark and bright spots with soft edges, like dirt on a lens.",
    noun="Blobs",
    plural=True,
    group=Group.TEXTURES,
)
def draw_blobs(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return soft spots that grow around fixed centres and let the picture through."""
    position = (np.arange(crop.size, dtype=np.float32) + np.float32(0.5)) / np.float32(crop.size)
    clear = np.ones((crop.size, crop.size), dtype=np.float32)
    total = np.zeros_like(clear)
    weighted = np.zeros_like(clear)
    for number in range(SPOTS):
        x, y, size, density, phase = rng.random(5)
        radius = (SPOT_RADIUS[0] + (SPOT_RADIUS[1] - SPOT_RADIUS[0]) * size) * np.sqrt(amount)
        dx, dy = position[None, :] - np.float32(x), position[:, None] - np.float32(y)
        turn = np.arctan2(dy, dx)
        dent = 1 + 0.13 * np.sin(2 * turn + 7 * phase) + 0.07 * np.sin(3 * turn + 17 * phase)
        depth = 1 - np.hypot(dx, dy) / (np.float32(radius) * dent)
        peak = SPOT_OPACITY[0] + (SPOT_OPACITY[1] - SPOT_OPACITY[0]) * density
        spot = np.float32(peak) * smoothstep(depth, 0, SPOT_SOFTNESS)
        total += spot
        weighted += spot * SPOT_LEVELS[number % 2]
        clear *= 1 - spot
    opacity = np.minimum(1 - clear, np.float32(SPOT_OPACITY[1]))
    level = np.rint(weighted / np.maximum(total, np.float32(1e-6))).astype(np.uint8)
    return Overlay(cv2.merge([level] * 3), opacity)


@register_occluder(
    "gauze",
    title="Gauze",
    summary="A veil over the whole face that gets denser as the amount grows.",
    noun="A veil of gauze",
    group=Group.TEXTURES,
)
def draw_gauze(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return a net of threads on thin fabric that falls in folds."""
    fabric = FABRICS[int(rng.integers(len(FABRICS)))]
    phases = 2 * np.pi * rng.random(4)
    position = (np.arange(crop.size, dtype=np.float32) + np.float32(0.5)) / np.float32(crop.size)
    x, y = position[None, :], position[:, None]
    drawn = x + 0.03 * np.sin(2.6 * y + phases[0]) + (x - 0.5) * 0.18 * y  # spreads on its way down
    folds = np.sin(19 * drawn + phases[1]) + 0.7 * np.sin(37 * drawn + phases[2] + 0.8 * y)
    fold = smoothstep(folds.astype(np.float32), -1.2, 1.6)

    sag = 0.012 * folds + 0.02 * np.sin(7 * x + phases[3])
    mesh_px = crop.size / MESHES
    half_thread = max(THREAD / 2, 0.4 / mesh_px)
    crossing = [_from_whole((x + sign * (y + sag)) * MESHES * 0.7) for sign in (1, -1)]
    thread_px = (half_thread - np.minimum(*crossing)) * mesh_px / 0.7
    threads = np.clip(thread_px + 0.5, 0, 1)

    low, high = FABRIC_OPACITY
    film = low + (high - low) * fold
    opacity = amount * (film + (NET_OPACITY - film) * threads)
    light = 0.80 + 0.26 * fold - 0.10 * threads
    colour = np.asarray(fabric[:, None, None] * light, dtype=np.float32)  # (3, S, S)
    return Overlay(scene_light(crop).lit(colour), np.asarray(opacity, dtype=np.float32))
