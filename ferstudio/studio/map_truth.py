"""What a card says about a heatmap method on its network: does it beat random maps?"""

from dataclasses import dataclass

from ferstudio.models.card import WeightsCard

CHANCE = 0.5
"""Share of faces on which a map that says nothing beats a random one."""


@dataclass(frozen=True, slots=True)
class MapTruth:
    """How a method's maps of one network fared against random maps, as measured on many faces.

    Measured by `training.faithfulness`: insertion minus deletion area against that of a random map
    of the same smoothness.

    Attributes:
        n: faces judged.
        split: split of the data that they are from.
        share: share of faces on which the map was better, in [0, 1].
        ci95: 95 % Wilson interval of the share.
    """

    n: int
    split: str
    share: float
    ci95: tuple[float, float]

    @property
    def beats_chance(self) -> bool:
        """Whether the whole interval lies above what random maps would reach."""
        return self.ci95[0] > CHANCE


def map_truth(card: WeightsCard, explainer: str) -> MapTruth | None:
    """Return what `card` says about the maps of `explainer`; None where it wasn't measured."""
    for row in card.explanations:
        if row["explainer"] == explainer:
            low, high = row["both"]["ci95"]
            return MapTruth(row["n"], row["split"], row["both"]["share"], (low, high))
    return None
