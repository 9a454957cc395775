"""An ensemble: several trained networks that answer as one, by the mean of their probabilities."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ferstudio.errors import UsageError
from ferstudio.models.registry import Head, ModelEntry, register_entry


class Ensemble(nn.Module):
    """The mean of several networks' probabilities, each at the picture size it was trained with.

    Hansen and Salamon, "Neural Network Ensembles", IEEE TPAMI 12 (1990) 993-1001.
    """

    def __init__(self, members: Sequence[nn.Module], sizes_px: Sequence[int]) -> None:
        """Join networks that share label set and normalisation.

        Args:
            members: the networks.
            sizes_px: side of each one's pictures.

        Raises:
            UsageError: if there are fewer than two.
        """
        super().__init__()
        if len(members) < 2:
            raise UsageError("An ensemble needs at least two members.")
        self.members = nn.ModuleList(members)
        self.sizes_px = tuple(sizes_px)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logarithm of the mean probabilities (N, K) of pictures (N, 3, H, W)."""
        probabilities = []
        for member, size_px in zip(self.members, self.sizes_px, strict=True):
            logits = member(_resized(x, size_px))
            probabilities.append(functional.softmax(logits.float(), dim=1))
        mean = torch.stack(probabilities).mean(dim=0)  # (N, K)
        return mean.clamp_min(torch.finfo(mean.dtype).tiny).log()


def _resized(x: Tensor, size_px: int) -> Tensor:
    if x.shape[-1] == size_px:
        return x
    return functional.interpolate(
        x, size=(size_px, size_px), mode="bilinear", antialias=True, align_corners=False
    )


def _no_members(num_classes: int) -> nn.Module:
    raise UsageError(
        f"An ensemble of {num_classes} classes has no network of its own; load its weights."
    )


ENSEMBLE = register_entry(
    ModelEntry(
        name="ensemble",
        build=_no_members,
        title="Ensemble",
        summary="the mean of several networks' answers",
        paper="Hansen & Salamon, Neural Network Ensembles, IEEE TPAMI 1990",
        cam_layers={},
        feature_layer="",
        head=Head(""),
    ),
    listed=False,
)
"""What all ensembles have in common; which networks one joins is on its card."""
