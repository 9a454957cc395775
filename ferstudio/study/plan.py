"""What a study asks: networks, covers, amounts, and what is measured of heatmaps."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ferstudio.errors import UsageError
from ferstudio.occlusion.kinds import need
from ferstudio.occlusion.occluder import Need
from ferstudio.studio.robustness import STEPS, even_amounts

JUDGED = 100
"""On so many faces heatmaps are judged unless asked otherwise: each costs 68 forward passes."""

CROPS = ("find", "whole")
"""How a picture becomes a face: found in it, or all of it is the face."""


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What every face of a study is asked.

    Attributes:
        models: full names of weights, each once, in the order of the answer.
        occluders: names of covers, each once; those by heat come last.
        steps: so many amounts of each, evenly up to 1.
        seed: of everything random; the covers of face number r, from 0, have the seed `seed + r`.
        explainer: registry name of the method that places covers by heat and is judged.
        judged: on how many faces, chosen at random, the method's maps are judged; 0 for none.
        crop: one of `CROPS`.
    """

    models: tuple[str, ...]
    occluders: tuple[str, ...]
    steps: int = STEPS
    seed: int = 7
    explainer: str = "grad-cam"
    judged: int = JUDGED
    crop: str = CROPS[0]

    def __post_init__(self) -> None:
        """Refuse what can't be asked, and put covers by heat last."""
        even_amounts(self.steps)
        if self.judged < 0:
            raise UsageError(f"--faithfulness counts faces from 0 on, not {self.judged}.")
        if self.seed < 0:
            raise UsageError(f"The seed must be a whole number from 0 on, not {self.seed}.")
        ordered = sorted(dict.fromkeys(self.occluders), key=lambda name: need(name) is Need.HEAT)
        object.__setattr__(self, "occluders", tuple(ordered))

    @property
    def conditions(self) -> tuple[tuple[str, float], ...]:
        """Cover and amount of each picture of a face: the clean one as ("none", 0) first."""
        amounts = even_amounts(self.steps)
        return (("none", 0.0), *((name, each) for name in self.occluders for each in amounts))

    def judged_rows(self, count: int) -> frozenset[int]:
        """Return on which of `count` faces heatmaps are judged."""
        chosen = np.random.default_rng(self.seed).permutation(count)[: self.judged]
        return frozenset(chosen.tolist())

    def command(self, place: str) -> str:
        """Return the command line that repeats it for the faces in `place`."""
        return (
            f"python -m ferstudio study {place} --models {','.join(self.models)} "
            f"--occluders {','.join(self.occluders)} --steps {self.steps} --seed {self.seed} "
            f"--explainer {self.explainer} --faithfulness {self.judged} --crop {self.crop} "
            "--out OUT"
        )

    def facts(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return {
            "models": list(self.models), "occluders": list(self.occluders), "steps": self.steps,
            "seed": self.seed, "explainer": self.explainer, "judged": self.judged,
            "crop": self.crop,
        }  # fmt: skip
