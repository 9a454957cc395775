"""Which occluders cover the faces that our own recipes train on, and how often."""

from training.recipes.settings import Occlusion

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
