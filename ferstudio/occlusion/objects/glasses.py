"""Spectacles: a thin dark frame around clear lenses that only a faint reflection shows."""

import numpy as np

from ferstudio.occlusion.drawing import Array, scene_light, smoothstep
from ferstudio.occlusion.objects.eyewear import (
    Lens,
    LensField,
    bridge_and_temples,
    fit_eyewear,
    lens_field,
)
from ferstudio.occlusion.occluder import Overlay, register_occluder
from ferstudio.regions import points_of
from ferstudio.types import FaceCrop

LENS = Lens(
    half=(0.50, 0.40),
    edges=np.array(
        [(-0.04, -0.97), (0.02, 0.97), (0.95, 0.06), (-0.95, 0.10), (-0.66, 0.62), (0.64, 0.62)],
        dtype=np.float32,
    ),
    scale=(0.66, 1.18),
    nose_gap=0.10,
    rim=0.05,
)
RIM_GROWTH = (0.7, 1.3)  # of the rim's thickness, just above amount 0 and at amount 1
MIN_RIM_PX = 1.6  # a thinner one would nowhere be opaque
BRIDGE, TEMPLE = 0.07, 0.085

FRAMES = np.array([(24, 23, 25), (58, 38, 27), (30, 36, 52)], dtype=np.float32)
"""Black, tortoiseshell brown and dark blue."""
REFLECTION = np.array([232, 238, 244], dtype=np.float32)
CLEAR = 0.05  # opacity of a lens where nothing is reflected


@register_occluder(
    "glasses",
    title="Glasses",
    summary="Clear spectacles with a thin dark frame that follow the head; more is larger.",
    noun="Glasses",
    plural=True,
)
def draw_glasses(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return opaque rims, bridge and temples, and lenses that let the eyes through."""
    frame_rgb = FRAMES[int(rng.integers(len(FRAMES)))][:, None, None]
    place, strength = rng.random(2)
    fit = fit_eyewear(points_of(crop), LENS)
    field = lens_field(fit, crop.size)
    scale = LENS.scale_at(amount)
    depth_px = field.depth_px(scale)
    upward = np.clip(-field.down / field.gauge, 0, 1)
    low, high = RIM_GROWTH
    outside_px = LENS.rim * fit.drop_px * (low + (high - low) * amount)
    thicker = 1 + np.float32(0.35) * upward
    half_px = np.float32(max(outside_px, MIN_RIM_PX) / 2) * thicker
    # In a small picture the rim is drawn too thick, then inwards.
    from_middle_px = depth_px + np.float32(outside_px) * thicker - half_px

    glass = np.clip(depth_px + 0.5, 0, 1)
    rim = np.clip(half_px + 0.5 - np.abs(from_middle_px), 0, 1)
    rest = bridge_and_temples(fit, crop.size, bridge=BRIDGE, temple=TEMPLE)
    frame = np.maximum(rim, rest * (1 - glass))
    seen = (1 - frame) * glass * _reflection(field, scale, place, strength)
    opacity = np.minimum(frame + seen, 1)

    bevel = np.clip(1 - np.abs(from_middle_px + 0.3 * half_px) / (0.6 * half_px), 0, 1)
    shine = 1 + 1.6 * bevel * upward * upward
    weight = frame / np.maximum(opacity, 1e-6)  # of the frame in the colour of a mixed pixel
    colour = weight * (shine * frame_rgb) + (1 - weight) * REFLECTION[:, None, None]
    return Overlay(scene_light(crop).lit(colour), opacity.astype(np.float32))


def _reflection(field: LensField, scale: np.float32, place: float, strength: float) -> Array:
    """Return the lenses' opacity, above 0 everywhere: two slanting streaks and a bright sky."""
    across, down = field.across * field.side / scale, field.down / scale
    slant = across + 0.55 * down + np.float32(0.5 - 0.4 * place)
    streaks = np.exp(-np.square(slant / 0.17)) + 0.6 * np.exp(-np.square((slant - 0.42) / 0.07))
    sky = smoothstep(-down, -0.1, 1.0)
    return np.float32(CLEAR) + np.float32(0.22 + 0.14 * strength) * streaks + 0.10 * sky
