"""A made-up study of two models under two covers, for what draws it."""

import numpy as np

from ferstudio.labels import FERPLUS
from ferstudio.occlusion.occluder import Occluded
from ferstudio.studio.robustness import Robustness, RobustnessPlan
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.sweep import Sweep
from tests.ui.fake_studio import MODELS, SIZE, crop, prediction

AMOUNTS = (0.5, 1.0)
TITLES = ("Steady", "<Fickle>")


def sweep(model: int, occluder: str, *kept: float) -> Sweep:
    """Return a sweep whose happiness has `kept` left at each amount; neutral gets the rest."""
    rows = np.zeros((len(kept), len(FERPLUS)), np.float32)
    rows[:, 1], rows[:, 0] = kept, 1 - np.array(kept)
    return Sweep(
        MODELS[model], TITLES[model], occluder, np.array(AMOUNTS), np.array([0.2, 0.4]), rows,
        prediction("happiness", 0.9),
    )  # fmt: skip


def plan(*occluders: str) -> RobustnessPlan:
    return RobustnessPlan(
        Selection(crop(), Cover(seed=11), MODELS), occluders or ("lower", "blur"), AMOUNTS
    )


def found(share_done: float = 1.0) -> Robustness:
    asked = plan()
    steady = (sweep(0, "lower", 0.8, 0.7), sweep(0, "blur", 0.9, 0.6))
    fickle = (sweep(1, "lower", 0.7, 0.3), sweep(1, "blur", 0.8, 0.55))
    clean = prediction("happiness", 0.9)
    return Robustness(asked, (clean, clean), (steady, fickle), share_done, "Asking <Fickle>")


def film(name: str) -> tuple[Occluded, ...]:
    mask = np.zeros((SIZE, SIZE), bool)
    return tuple(Occluded(crop(grey), mask, share) for grey, share in ((90, 0.2), (40, 0.4)))
