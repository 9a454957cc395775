"""Reverse attention: features without what a map of the deeper levels has found already.

Chen and Chen, "A Framework for Facial Expression Recognition Combining Contextual Information and
Attention Mechanism", section "Reverse Attention Module", Eqs. 3 and 4, after Chen, Tan, Wang and
Hu, "Reverse Attention for Salient Object Detection", ECCV 2018. From the deepest level i = 5 to
i = 3, with U a resizing to the size of C_i and S_6 = P_d, the global map of a partial decoder:

    A_i = 1 - sigmoid(U(S_{i+1}))    R_i = C_i · A_i    S_i = refine(R_i) + U(S_{i+1})

Readings: Eq. 4 prints C_{i+1} and the text calls it the prediction of that level, which the paper
doesn't define: here it is S, as in Chen et al. 2018. Refining is a 1x1 convolution to 64 features,
two 3x3 with 64, each with batch norm and ReLU, and a 3x3 to one, as for the finer levels of
PraNet (Fan et al., MICCAI 2020), which joins the same decoder and the same attention; unlike
there, a ReLU follows the first and no batch norm the last. The shallowest level's S has no reader
and isn't computed.

Without the reversal, for the paper's ablation, each gate is sigmoid(U(P_d)).
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ferstudio.models.attention.decoder import resize
from ferstudio.models.attention.tap import AttentionRole, AttentionTap
from ferstudio.models.convolution import Conv2dNormActivation


class MapGate(nn.Module):
    """Multiplies features by the sigmoid of a one-channel map, or by what that leaves of 1."""

    def __init__(self, *, reverse: bool = True) -> None:
        """Build; `reverse` erases what the map shows, else that is kept."""
        super().__init__()
        self.reverse = reverse
        self.gate = AttentionTap(AttentionRole.GATE)

    def forward(self, x: Tensor, prediction: Tensor) -> Tensor:
        """Return features (N, C, H, W) gated by a map in logits (N, 1, H, W), Eqs. 3 and 4."""
        found = torch.sigmoid(prediction)
        return x * self.gate(1 - found if self.reverse else found)


class MapGuidance(nn.Module):
    """Gates the features of several levels by a map, in reverse by one that each level refines."""

    def __init__(
        self, channels: Mapping[int, int], *, reverse: bool = True, width: int = 64
    ) -> None:
        """Build.

        Args:
            channels: number of features by the level's number, which rises with depth.
            reverse: whether what the map shows is erased and the map refined from level to level;
                else what the map shows is kept, and all levels use the same map.
            width: number of features between a level and its map.
        """
        super().__init__()
        self.gates = nn.ModuleDict({str(level): MapGate(reverse=reverse) for level in channels})
        self.refinements = nn.ModuleDict(
            {
                str(level): _refinement(count, width)
                for level, count in channels.items()
                if reverse and level != min(channels)
            }
        )

    def forward(self, features: Mapping[int, Tensor], prediction: Tensor) -> dict[int, Tensor]:
        """Return the gated features R_i by level, each of the shape of its C_i.

        Args:
            features: features C_i (N, C, H, W) by the level's number.
            prediction: the global map P_d (N, 1, H', W') in logits.
        """
        gated = {}
        for level in sorted(features, reverse=True):
            resized = resize(prediction, features[level])
            gated[level] = self.gates[str(level)](features[level], resized)
            if str(level) in self.refinements:
                prediction = self.refinements[str(level)](gated[level]) + resized
        return gated


def _refinement(channels: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        Conv2dNormActivation(channels, width, kernel_size=1),
        Conv2dNormActivation(width, width),
        Conv2dNormActivation(width, width),
        nn.Conv2d(width, 1, kernel_size=3, padding=1),
    )
