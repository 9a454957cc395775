"""How our own recipes change faces: how sharp, how turned, guided; covers are beside it."""

from training.recipes.settings import Augmentation, Detail, Guidance, Jitter
from training.recipes.training_occluders import TRAINING_OCCLUSION

CHANGES = Augmentation(
    geometry=Jitter(rotation_deg=20.0),
    detail=Detail(blur=1.25 / 48, sharpness=1.0, noise=0.01),
    occlusion=TRAINING_OCCLUSION,
)
"""Softer and sharper pictures than the training faces, as wide a range as photographs have
(EXPERIMENTS, "Faces photographed anew"), turned further than they are, under covers."""


HALF = Guidance(share=0.5)
"""Half of the faces guided: the network is asked about ordinary pictures, so it has to see some."""
