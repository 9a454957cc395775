"""How our own recipes change faces: which occluders cover them, how sharp, how turned, guided."""

from training.recipes.settings import Augmentation, Detail, Guidance, Jitter, Occlusion

TRAINING_OCCLUSION = Occlusion(
    share=0.45,
    begins=0.03,
    occluders=(
        ("random", 3.0),
        ("upper", 1.0),
        ("middle", 1.0),
        ("lower", 1.0),
        ("sunglasses", 1.0),
        ("surgical-mask", 1.0),
        ("cloth-mask", 0.5),
        ("hand", 1.5),
        ("hair", 1.0),
        ("scarf", 1.0),
    ),
    amount=(0.25, 1.0),
)
"""Bare faces for the first epochs, then nearly half of them under the papers' own covers and under
things of daily life."""


CHANGES = Augmentation(
    geometry=Jitter(rotation_deg=20.0),
    detail=Detail(blur=1.25 / 48, sharpness=1.0, noise=0.01),
    occlusion=TRAINING_OCCLUSION,
)
"""Softer and sharper pictures than the training faces, as wide a range as photographs have
(EXPERIMENTS, "Faces photographed anew"), turned further than they are, under covers."""


HALF = Guidance(share=0.5)
"""Half of the faces guided: the network is asked about ordinary pictures, so it has to see some."""
