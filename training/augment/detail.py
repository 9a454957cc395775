"""Random changes of how sharp and how clean pictures are.

The training faces have 48 px and are enlarged. Photographs come from cameras that blur, from files
that were compressed, and are reduced, so they are softer or sharper. A network that has seen one
sharpness only reads the others worse.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from training.recipes.settings import Detail


def random_detail(faces: Tensor, detail: Detail, generator: torch.Generator) -> Tensor:
    """Return faces (N, 1, S, S) in [0, 1], each softened, sharpened and made noisy by chance.

    Each face's amounts are drawn evenly from 0 to those of `detail`. What a 3x3 mean takes away is
    the fine detail of which a share is added.
    """
    drawn = torch.rand(3, len(faces), generator=generator, device=generator.device)
    if detail.blur > 0:
        side = faces.shape[-1]
        faces = gaussian_blur(faces, drawn[0] * detail.blur * side, detail.blur * side)
    shares = drawn.view(3, -1, 1, 1, 1)
    if detail.sharpness > 0:
        smooth = functional.avg_pool2d(functional.pad(faces, (1, 1, 1, 1), mode="replicate"), 3, 1)
        faces = faces + detail.sharpness * shares[1] * (faces - smooth)
    if detail.noise > 0:
        grain = torch.randn(faces.shape, generator=generator, device=generator.device)
        faces = faces + detail.noise * shares[2] * grain
    return faces.clamp(0, 1)


def gaussian_blur(faces: Tensor, sigmas_px: Tensor, largest_px: float) -> Tensor:
    """Return faces (N, 1, S, S), each under a Gaussian of its own, edges continued.

    Args:
        faces: the pictures.
        sigmas_px: (N,) standard deviations in pixels; 0 leaves a picture as it is.
        largest_px: none of them is larger; the kernels reach two of these to either side.
    """
    reach = max(1, math.ceil(2 * largest_px))
    offsets = torch.arange(-reach, reach + 1, device=faces.device, dtype=faces.dtype)
    widths = sigmas_px.to(faces.dtype).clamp_min(1e-3)[:, None]
    kernels = torch.softmax(-(offsets**2) / (2 * widths**2), dim=1)  # (N, 2 * reach + 1)
    count = len(faces)
    together = functional.pad(faces.transpose(0, 1), [reach] * 4, mode="replicate")
    rows = functional.conv2d(together, kernels[:, None, :, None], groups=count)
    return functional.conv2d(rows, kernels[:, None, None, :], groups=count).transpose(0, 1)
