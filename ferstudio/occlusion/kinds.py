"""All that can hide part of a face, in words: the registry's, a person's own, and by heat."""

from ferstudio.errors import UnknownNameError
from ferstudio.occlusion.guided import HEAT
from ferstudio.occlusion.occluder import Kind, list_occluders, occluder
from ferstudio.occlusion.painted import OWN


def list_kinds() -> list[str]:
    """Return the names of all of them, in menu order."""
    return [*list_occluders(), *OWN, *HEAT]


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
