"""From the sidebar's choices to what the studio is asked."""

from typing import Any

from ferstudio.studio.selection import Cover, Selection
from ferstudio.ui.parts.faces import ChosenFace


def selection_of(
    face: ChosenFace, models: list[str], occluder: str, amount: float, *rest: Any
) -> Selection:
    """Return what the studio is asked; `rest` is the seed, the explainer and the layers."""
    seed, explainer, layers = rest
    cover = Cover(occluder, amount, int(seed or 0), layers)
    return Selection(face.crop, cover, tuple(models), explainer)
