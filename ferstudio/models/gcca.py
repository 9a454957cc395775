"""The context framework and its ablations: VGG16 with GCCA, partial decoder, reverse attention.

Chen and Chen, "A Framework for Facial Expression Recognition Combining Contextual Information and
Attention Mechanism", section 2 and Figs. 1 to 4: Eqs. 1 and 2 for GCCA, which ends each of the
five blocks, Eqs. 3 and 4 for the reverse attention on blocks 3, 4 and 5, Table 1 for the ablations
(rows 2 to 5; the joint loss of row 6 belongs to the training). Block 5 isn't pooled.

Fig. 2's caption puts CBAM into every block, sections 2.2 and 2.3, Fig. 3 and Eqs. 1 and 2 put GCCA
there; the text and its equations win.

Readings where the paper is silent:

- The low-level branch ("a convolutional layer with a single kernel" on block 2) is one 3x3
  convolution from 128 to 64 features with batch norm and ReLU.
- Fusion: the global averages of the edge features and of R_3, R_4 and R_5 side by side, dropout
  (0.001, as printed) and one linear layer.
- Without the partial decoder the blocks' outputs themselves are fused, R_i = C_i. With the decoder
  but without reverse attention the global map guides them directly, R_i = C_i · sigmoid(U(P_d)).
- Batch norm follows the convolutions of VGG16, as in the other networks from scratch; the option
  `batch_norm=False` leaves it out. Gates, maps
  and the linear layer keep torch's narrower initial weights, so that no sigmoid starts saturated.
"""

from functools import partial

import torch
from torch import Tensor, nn

from ferstudio.models.attention import GCCA, MapGuidance, PartialDecoder
from ferstudio.models.convolution import Conv2dNormActivation
from ferstudio.models.initialisation import draw_kernels
from ferstudio.models.registry import Head, register_model
from ferstudio.models.vgg import CAM_LAYERS, VGG16Backbone

PAPER = (
    "Chen & Chen, A Framework for Facial Expression Recognition Combining Contextual Information "
    "and Attention Mechanism"
)

HIGH_LEVELS = {3: 256, 4: 512, 5: 512}
"""Numbers of the blocks whose features are guided, with their channels."""

EDGE_CHANNELS = 64
"""Features of the low-level branch."""

DROPOUT = 0.001
"""Probability that a fused feature is dropped (section 3.3)."""

register_variant = partial(
    register_model,
    paper=PAPER,
    cam_layers=CAM_LAYERS,
    feature_layer="features",
    head=Head("classifier"),
)
"""Registers the framework or one of its ablations (Table 1)."""


class GlobalAverages(nn.Module):
    """The mean of each channel of several maps, side by side."""

    def forward(self, maps: list[Tensor]) -> Tensor:
        """Return (N, sum of C_i) from maps (N, C_i, H_i, W_i)."""
        return torch.cat([x.mean(dim=(2, 3)) for x in maps], dim=1)


class ContextNetwork(nn.Module):
    """VGG16 whose levels are fused, with or without channel attention and a guiding map."""

    def __init__(
        self,
        num_classes: int,
        *,
        gcca: bool = True,
        decoder: bool = True,
        reverse: bool = True,
        batch_norm: bool = True,
        dropout: float = DROPOUT,
    ) -> None:
        """Build an untrained network.

        Args:
            num_classes: number of logits.
            gcca: whether channel attention ends each block.
            decoder: whether a global map guides the features of blocks 3, 4 and 5.
            reverse: whether the guidance is reverse attention; of no effect without `decoder`.
            batch_norm: whether each convolution of VGG16 is followed by batch norm.
            dropout: probability that a fused feature is dropped in training.
        """
        super().__init__()
        attention = {n: GCCA(c) for n, c in enumerate(VGG16Backbone.channels, 1)} if gcca else {}
        self.backbone = VGG16Backbone(batch_norm=batch_norm, attention=attention)
        self.edges = Conv2dNormActivation(VGG16Backbone.channels[1], EDGE_CHANNELS)
        self.decoder = PartialDecoder(HIGH_LEVELS.values()) if decoder else None
        self.guidance = MapGuidance(HIGH_LEVELS, reverse=reverse) if decoder else None
        self.features = GlobalAverages()
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(EDGE_CHANNELS + sum(HIGH_LEVELS.values()), num_classes)
        draw_kernels(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, num_classes) of pictures (N, 3, H, W)."""
        _, c2, c3, c4, c5 = self.backbone(x)  # strides 1, 2, 4, 8, 16
        high = {3: c3, 4: c4, 5: c5}
        if self.decoder is not None and self.guidance is not None:
            high = self.guidance(high, self.decoder(c3, c4, c5))
        features = self.features([self.edges(c2), high[3], high[4], high[5]])  # (N, 1344)
        return self.classifier(self.dropout(features))


@register_variant(
    title="VGG16-GCCA",
    summary="pooled channel attention + reverse attention",
)
def vgg16_gcca(num_classes: int, *, batch_norm: bool = True, dropout: float = DROPOUT) -> nn.Module:
    """Return an untrained context framework (Table 1, row 5)."""
    return ContextNetwork(num_classes, batch_norm=batch_norm, dropout=dropout)


@register_variant(
    title="VGG16 fusion",
    summary="fused levels without attention",
)
def vgg16_gcca_fusion(
    num_classes: int, *, batch_norm: bool = True, dropout: float = DROPOUT
) -> nn.Module:
    """Return an untrained VGG16 with multi-feature fusion only (Table 1, row 2)."""
    return ContextNetwork(
        num_classes, gcca=False, decoder=False, batch_norm=batch_norm, dropout=dropout
    )


@register_variant(
    title="VGG16-GCCA −PD",
    summary="fused levels + pooled channel attention",
)
def vgg16_gcca_nopd(
    num_classes: int, *, batch_norm: bool = True, dropout: float = DROPOUT
) -> nn.Module:
    """Return an untrained network with fusion and GCCA (Table 1, row 3)."""
    return ContextNetwork(num_classes, decoder=False, batch_norm=batch_norm, dropout=dropout)


@register_variant(
    title="VGG16-GCCA −RA",
    summary="pooled channel attention + guidance by a global map",
)
def vgg16_gcca_nora(
    num_classes: int, *, batch_norm: bool = True, dropout: float = DROPOUT
) -> nn.Module:
    """Return an untrained network with fusion, GCCA and the partial decoder (Table 1, row 4)."""
    return ContextNetwork(num_classes, reverse=False, batch_norm=batch_norm, dropout=dropout)
