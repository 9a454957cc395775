"""Feature vectors: a bank of validation faces per network, its maps, and new faces among them."""

from ferstudio.features.bank import BANK_FILE, FeatureBank, read_bank, write_bank
from ferstudio.features.projection import (
    NEIGHBOURS,
    Projection,
    neighbours,
    projection,
    tsne_map,
)
from ferstudio.features.scores import purity, silhouette, usual_distance

__all__ = [
    "BANK_FILE",
    "NEIGHBOURS",
    "FeatureBank",
    "Projection",
    "neighbours",
    "projection",
    "purity",
    "read_bank",
    "silhouette",
    "tsne_map",
    "usual_distance",
    "write_bank",
]
