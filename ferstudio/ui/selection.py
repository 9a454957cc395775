"""From the sidebar's choices to what the studio is asked."""

from typing import Any, TypeVar

from ferstudio.studio.results import CompareRequest
from ferstudio.studio.robustness import RobustnessRequest
from ferstudio.ui.parts.faces import ChosenFace

Asked = TypeVar("Asked", CompareRequest, RobustnessRequest)


def compare_request(
    face: ChosenFace, models: list[str], occluder: str, amount: float, *rest: Any
) -> CompareRequest:
    """Return what the studio is asked; `rest` is the seed, the explainer and the layers."""
    seed, explainer, layers = rest
    cover = (occluder, amount, int(seed or 0))
    return CompareRequest(face.crop, tuple(models), *cover, explainer, layers)


def same_request(first: Asked, second: Asked) -> bool:
    """Return whether two requests ask the same of the very same crop."""
    return first.crop is second.crop and first == second
