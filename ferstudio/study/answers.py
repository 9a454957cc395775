"""What networks answer to a few faces of a study, and the file that keeps it."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from ferstudio.distributed import all_reduce_sum
from ferstudio.errors import ImageError
from ferstudio.explain.explainer import explainer
from ferstudio.explain.faithfulness import against_random
from ferstudio.faces.pictures import read_picture
from ferstudio.files import write_whole
from ferstudio.models import LoadedModel
from ferstudio.studio.covers import Covers
from ferstudio.studio.robustness import RobustnessPlan, even_amounts, robustness
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.studio.sweep import Sweep
from ferstudio.study.faces import StudyFaces
from ferstudio.study.plan import StudyPlan
from ferstudio.types import FaceCrop

PART_FACES = 8
"""Faces whose answers are kept together: so many are lost, at most, when a process is killed."""

UNREAD, NO_FACE, FOUND = range(3)
"""What became of a picture: not read, its middle was taken, or a face was found."""


Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Part:
    """Answers to n faces in a row.

    Attributes:
        state: (n,) uint8, what became of each picture: `UNREAD`, `NO_FACE` or `FOUND`.
        answers: (n, M, C) uint8 number of the most probable emotion among the model's own, for each
            of the plan's models and conditions; 0 where the picture wasn't read.
        shares: (n, C) float32 share in [0, 1] of the face's oval that is covered.
        gains: (n, M) float64 by how much the heatmap of the clean face beats a random one, in
            [-2, 2] (`AgainstRandom.gain`); NaN where it wasn't judged.
    """

    state: NDArray[np.uint8]
    answers: NDArray[np.uint8]
    shares: NDArray[np.float32]
    gains: NDArray[np.float64]

    @classmethod
    def empty(cls, faces: int, plan: StudyPlan) -> "Part":
        """Return room for the answers to so many faces, all 0, as no picture was read."""
        models, conditions = len(plan.models), len(plan.conditions)
        return cls(
            np.zeros(faces, np.uint8),
            np.zeros((faces, models, conditions), np.uint8),
            np.zeros((faces, conditions), np.float32),
            np.zeros((faces, models)),
        )

    def write(self, file: Path) -> None:
        """Write it, whole or not at all."""
        stream = io.BytesIO()
        np.savez_compressed(
            stream, **{each.name: getattr(self, each.name) for each in fields(self)}
        )
        write_whole(file, stream.getvalue())

    def shared(self) -> "Part":
        """Return the part that one process has and all others have empty, to all of them."""
        return Part(_sum(self.state), _sum(self.answers), _sum(self.shares), _sum(self.gains))


def read_part(file: Path, faces: int, plan: StudyPlan) -> Part | None:
    """Return what a file keeps; None where there is none, or it isn't whole."""
    wanted = Part.empty(faces, plan)
    try:
        with np.load(file, allow_pickle=False) as stored:
            part = Part(*(stored[each.name] for each in fields(Part)))
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    fits = all(
        getattr(part, each.name).shape == getattr(wanted, each.name).shape for each in fields(Part)
    )
    return part if fits else None


class Asker:
    """Asks all networks of a plan about one face after the other."""

    def __init__(self, studio: Studio, faces: StudyFaces, plan: StudyPlan) -> None:
        """Load the networks of `plan`.

        Raises:
            WeightsError: if one is damaged.
        """
        self._studio, self._faces, self._plan = studio, faces, plan
        self._models = {name: studio.network(name) for name in plan.models}
        self._judged = plan.judged_rows(len(faces.faces))
        self._method = explainer(plan.explainer)

    @property
    def models(self) -> tuple[LoadedModel, ...]:
        """The networks, in the order of the plan."""
        return tuple(self._models.values())

    @property
    def checksums(self) -> tuple[tuple[str, ...], ...]:
        """SHA-256 of each network's files, of an ensemble those of its members."""
        return tuple(self._studio.checksums(name) for name in self._models)

    def ask(self, rows: Sequence[int]) -> Part:
        """Return the answers to some of the faces."""
        part = Part.empty(len(rows), self._plan)
        part.gains[:] = np.nan
        for place, row in enumerate(rows):
            try:
                crop = self._crop(row)
            except ImageError:
                continue
            part.state[place] = FOUND if crop.shows_face else NO_FACE
            part.answers[place], part.shares[place] = self._answers(crop, row)
            if row in self._judged:
                part.gains[place] = [self._gain(model, crop, row) for model in self.models]
        return part

    def _crop(self, row: int) -> FaceCrop:
        source = self._faces.read(self._faces.faces[row])
        if self._plan.crop == "whole":
            return replace(self._studio.crop(read_picture(source), None), shows_face=True)
        search = self._studio.find_faces_in(source)
        return self._studio.crop(search.image, search.faces[0] if search.faces else None)

    def _answers(self, crop: FaceCrop, row: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Return a face's (M, C) answers and (C,) shares."""
        plan = self._plan
        asked = Selection(crop, Cover(seed=plan.seed + row), plan.models, explainer=plan.explainer)
        amounts = even_amounts(plan.steps)
        study = RobustnessPlan(asked, plan.occluders, amounts)
        covers = Covers(self._models.__getitem__)
        *_, found = robustness(study, self._models.__getitem__, covers)
        answers = [
            [int(clean.probabilities.argmax()), *(i for sweep in sweeps for i in _numbers(sweep))]
            for clean, sweeps in zip(found.clean, found.sweeps, strict=True)
            if clean is not None
        ]
        shares = [0.0, *(each for sweep in found.sweeps[0] if sweep for each in sweep.shares)]
        return np.array(answers, np.uint8), np.array(shares, np.float32)

    def _gain(self, model: LoadedModel, crop: FaceCrop, row: int) -> float:
        if not self._method.supports(model):
            return float("nan")
        found = self._method.explain(model, crop)
        rng = np.random.default_rng([self._plan.seed, row])
        return against_random(model, crop, found.heatmaps[0], found.target, rng=rng).gain


def _sum(values: NDArray[Number]) -> NDArray[Number]:
    return all_reduce_sum(torch.from_numpy(values)).numpy()


def _numbers(sweep: Sweep | None) -> list[int]:
    """Return the numbers of a sweep's most probable emotions, in logit order."""
    return [] if sweep is None else sweep.probabilities.argmax(axis=1).tolist()
