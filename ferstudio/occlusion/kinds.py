"""All that can hide part of a face, in words: the registry's, a person's own, and by heat."""

from ferstudio.errors import UnknownNameError
from ferstudio.occlusion.by_heat import HEAT
from ferstudio.occlusion.occluder import Kind, Need, list_occluders, occluder
from ferstudio.occlusion.painted import OWN


def list_kinds() -> list[str]:
    """Return the names of all of them, in menu order."""
    return [*list_occluders(), *OWN, *HEAT]


def list_drawable() -> list[str]:
    """Return the names of those that need nothing of a person's own."""
    return [name for name in list_kinds() if need(name) is not Need.LAYER]


def kind(name: str) -> Kind:
    """Return what is known of `name` without a layer or a heatmap.

    Raises:
        UnknownNameError: if there is no such thing.
    """
    if name in OWN:
        return OWN[name]
    if name in HEAT:
        return HEAT[name]
    if name not in list_occluders():
        raise UnknownNameError("occluder", name, list_kinds())
    return occluder(name)


def need(name: str) -> Need:
    """Return what is needed to draw what is called `name`.

    Raises:
        UnknownNameError: if there is no such thing.
    """
    return kind(name).needs
