"""Ways to hide part of a face, by name.

Importing this package registers all of them, in the order in which people are shown them.
"""

from ferstudio.occlusion import objects

# isort: split
from ferstudio.occlusion import bars, textures

# isort: split
from ferstudio.occlusion import degradations
from ferstudio.occlusion.occluder import (
    Draw,
    Group,
    Need,
    Occluded,
    Occluder,
    Overlay,
    composite,
    covered_share,
    list_occluders,
    occluder,
    register_occluder,
)

__all__ = [
    "Draw",
    "Group",
    "Need",
    "Occluded",
    "Occluder",
    "Overlay",
    "bars",
    "composite",
    "covered_share",
    "degradations",
    "list_occluders",
    "objects",
    "occluder",
    "register_occluder",
    "textures",
]
