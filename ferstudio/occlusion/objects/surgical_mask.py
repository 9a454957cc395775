"""A surgical mask: it hangs from the ears, follows the jaw, and rises from chin to nose bridge."""

import numpy as np

from ferstudio.occlusion.drawing import Array, scene_light, smoothstep
from ferstudio.occlusion.objects.mask_pattern import Cut, cut_pattern, drape, line
from ferstudio.occlusion.occluder import Overlay, register_occluder
from ferstudio.regions import points_of
from ferstudio.types import FaceCrop

CUT = Cut()
LOOP_THICKNESS = 0.011  # of the face's width
CLOTHS = np.array([(160, 200, 222), (150, 196, 214), (172, 208, 226)], dtype=np.float32)
LOOP = 232.0  # level of the white elastic

PLEATS = (0.34, 0.54, 0.74)  # from the upper edge, 0, to the lower, 1
_PROFILE_STEPS = 512


@register_occluder(
    "surgical-mask",
    title="Mask",
    summary="A surgical mask that rises from the chin over mouth and nose as the amount grows.",
    noun="A surgical mask",
    plural=False,
)
def draw_surgical_mask(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return pale blue pleated cloth with a nose wire and ear loops."""
    cloth_rgb = CLOTHS[int(rng.integers(len(CLOTHS)))]
    depth = float(rng.random())
    pattern = cut_pattern(points_of(crop), CUT)
    cloth = drape(pattern, amount, crop.size)
    loops = pattern.cover(pattern.ear_loops(LOOP_THICKNESS * pattern.width_px), crop.size)
    opacity = np.maximum(cloth.coverage, loops)

    nose = cloth.y / np.float32(pattern.nose_px)
    light = _cloth_light(cloth.across, cloth.down, nose, cloth.height_px, depth)
    colour = np.where(cloth.coverage > 0, light * cloth_rgb[:, None, None], np.float32(LOOP))
    return Overlay(scene_light(crop).lit(colour), opacity)


def _cloth_light(across: Array, down: Array, nose: Array, height_px: float, depth: float) -> Array:
    """Return the cloth's brightness, around 1.

    Args:
        across: (S, S) from -1 at the right edge of the face to 1 at the left.
        down: (S, S) from 0 on the upper edge to 1 on the lower.
        nose: (S, S) height below the nose's tip, in units of its length.
        height_px: full height of the cloth.
        depth: how deep the pleats are, in [0, 1].
    """
    v = np.linspace(0, 1, _PROFILE_STEPS, dtype=np.float32)
    fine = max(0.010, 0.6 / height_px)  # lines never get thinner than a pixel
    folds = np.zeros_like(v)
    kernel = np.hanning(2 + 2 * round(fine * _PROFILE_STEPS))
    kernel /= kernel.sum()
    for pleat in PLEATS:
        below = v - np.float32(pleat)
        folds += np.where(
            below < 0,
            0.05 * np.exp(below / 0.06),
            -(0.13 + 0.08 * depth) * np.exp(-below / max(0.035, 1.5 * fine)),
        )
    folds = np.convolve(folds, kernel, mode="same")
    hems = line(v, 0.055, fine) + line(v, 0.955, fine)
    wire = line(v, 0.10, fine) + line(v, 0.15, fine)
    shade = folds - 0.20 * smoothstep(v, 0.72, 1.0)
    index = (np.clip(down, 0, 1) * (_PROFILE_STEPS - 1)).astype(np.intp)
    squared = across * across
    light = 1.04 + shade[index] - 0.14 * squared - 0.18 * squared * squared
    light -= (0.08 * wire)[index] * (squared < 0.12)
    light -= (0.07 * hems)[index] * (squared < 0.5)
    ridge = np.exp(-(squared / 0.03 + np.square(nose + 0.15) / 0.4))
    hollow = np.exp(-(squared / 0.08 + np.square(nose - 0.55) / 0.05))
    return light + 0.08 * ridge - 0.05 * hollow
