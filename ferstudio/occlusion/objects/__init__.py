"""Things that hide parts of faces in daily life, anchored to landmarks.

They are imported in the order in which people are shown them.
"""

# isort: off
from ferstudio.occlusion.objects import sunglasses
from ferstudio.occlusion.objects import glasses
from ferstudio.occlusion.objects import surgical_mask
from ferstudio.occlusion.objects import cloth_mask
from ferstudio.occlusion.objects import n95_mask
from ferstudio.occlusion.objects import scarf
from ferstudio.occlusion.objects import hand
from ferstudio.occlusion.objects import hair
from ferstudio.occlusion.objects import vr_headset
from ferstudio.occlusion.objects import microphone
# isort: on

__all__ = [
    "cloth_mask",
    "glasses",
    "hair",
    "hand",
    "microphone",
    "n95_mask",
    "scarf",
    "sunglasses",
    "surgical_mask",
    "vr_headset",
]
