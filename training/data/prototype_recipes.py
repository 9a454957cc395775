"""How the faces of each expression are chosen and shaped for its prototype."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrototypeRecipe:
    """How one expression's faces are chosen and shaped.

    Attributes:
        emotion: a name in `labels.FERPLUS`.
        min_votes: FER+ votes of ten that a face needs at least.
        exaggeration: how much further from the neutral shape than the mean of its faces is, as a
            share of their difference.
        one_sided: whether faces are mirrored to have the left mouth corner higher; otherwise the
            sides of a one-sided expression cancel out.
        most_turned: `selection.pose_cost` from which a face is left out.
        typical_share: share of the faces that is kept for their shape, and of these again for
            their looks.
    """

    emotion: str
    min_votes: int
    exaggeration: float = 0.0
    one_sided: bool = False
    most_turned: float = 3.0
    typical_share: float = 0.8


RECIPES = (
    PrototypeRecipe("neutral", 10),
    PrototypeRecipe("happiness", 10),
    PrototypeRecipe("surprise", 9, exaggeration=0.1),
    PrototypeRecipe("sadness", 9, exaggeration=0.2),
    PrototypeRecipe("anger", 9, exaggeration=0.2),
    PrototypeRecipe("disgust", 5, exaggeration=0.3, most_turned=9.0),
    PrototypeRecipe("fear", 5, exaggeration=0.3, typical_share=0.7),
    PrototypeRecipe("contempt", 5, exaggeration=0.8, one_sided=True, most_turned=5.0),
)
"""The neutral face comes first: the others' shapes are measured from it."""
