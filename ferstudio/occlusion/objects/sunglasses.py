"""Sunglasses on the eyes: they follow the head's tilt and turn, and grow from small to oversize.

Both lenses are level sets of one gauge function around the eye's centre, so a smaller pair always
lies inside a larger one. Bridge and temples don't depend on the amount.
"""

import numpy as np

from ferstudio.occlusion.drawing import Array, scene_light, smoothstep
from ferstudio.occlusion.objects.eyewear import (
    Lens,
    bridge_and_temples,
    fit_eyewear,
    lens_field,
)
from ferstudio.occlusion.occluder import Overlay, register_occluder
from ferstudio.regions import points_of
from ferstudio.types import FaceCrop

LENS = Lens(
    half=(0.53, 0.46),
    edges=np.array(
        [(-0.06, -0.95), (0.04, 0.95), (0.94, 0.10), (-0.94, 0.14), (-0.62, 0.66), (0.60, 0.58)],
        dtype=np.float32,
    ),  # top, bottom, outer, inner, and the two lower corners
    scale=(0.5, 1.21),
    nose_gap=0.08,
    rim=0.065,
)
BRIDGE, TEMPLE = 0.085, 0.12

GLASS = np.array([(16, 17, 20), (30, 22, 16), (18, 26, 22)], dtype=np.float32)
FRAME = np.array([(15, 14, 16), (38, 24, 17), (24, 25, 28)], dtype=np.float32)


@register_occluder(
    "sunglasses",
    title="Sunglasses",
    summary="Dark glasses that sit on the eyes and follow the head; more is larger.",
    noun="Sunglasses",
    plural=True,
)
def draw_sunglasses(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return opaque dark lenses with rims, bridge and temples."""
    tint = int(rng.integers(len(GLASS)))
    glare, shade = rng.random(2)
    fit = fit_eyewear(points_of(crop), LENS)
    field = lens_field(fit, crop.size)
    scale = LENS.scale_at(amount)
    depth_px = field.depth_px(scale)
    upward = np.clip(-field.down / field.gauge, 0, 1)
    rim_px = np.float32(LENS.rim * fit.drop_px) * (1 + 0.7 * upward)

    glass = np.clip(depth_px + 0.5, 0, 1)
    frame = np.clip(depth_px + rim_px + 0.5, 0, 1)
    rest = bridge_and_temples(fit, crop.size, bridge=BRIDGE, temple=TEMPLE)
    opacity = np.maximum(frame, rest)

    bevel = np.clip(1 - np.abs(depth_px + 0.6 * rim_px) / (0.4 * rim_px), 0, 1)
    frame_light = 1 + 1.2 * bevel * upward * upward
    gradient, reflection = _glass_light(
        field.across * field.side / scale, field.down / scale, glare, shade
    )
    frame_rgb, glass_rgb = FRAME[tint][:, None, None], GLASS[tint][:, None, None]
    colour = frame_light * frame_rgb  # (3, S, S)
    colour += glass * (gradient * glass_rgb + reflection - colour)
    return Overlay(scene_light(crop).lit(colour), opacity.astype(np.float32))


def _glass_light(across: Array, down: Array, glare: float, shade: float) -> tuple[Array, Array]:
    """Return the glass's gradient (a factor) and its reflection (levels) over the unit lens."""
    gradient = 0.7 + (0.7 + 0.9 * shade) * smoothstep(down, -0.5, 1.1)
    slant = down + 0.35 * across
    window = np.exp(-(np.square((across + 0.28) / 0.40) + np.square((slant + 0.56) / 0.20)))
    sky = smoothstep(-slant, -0.15, 0.9)
    return gradient, (34 + 40 * glare) * window + 14 * sky
