"""A photograph covered more and more, written down: what `python -m ferstudio sweep` reports."""

from dataclasses import dataclass
from pathlib import Path

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.occlusion.kinds import list_drawable
from ferstudio.occlusion.occluder import list_occluders
from ferstudio.plots.frame import require_matplotlib
from ferstudio.plots.sweep import matrix_plot, sweep_plot
from ferstudio.report.album import Album
from ferstudio.sentences.robustness import hardest_occluder, robustness_verdict
from ferstudio.sentences.sentence import percent
from ferstudio.studio.robustness import STEPS, Robustness, RobustnessPlan, even_amounts
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.studio.sweep import Flip, Sweep
from ferstudio.types import FaceCrop

LEGEND = """\
Per cell: the clean answer's probability under all of the cover; then the emotion that wins first,
and the share of the face that has to be covered for it, or x the amount where no share tells it."""


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What a photograph is asked.

    Attributes:
        models: names of weights.
        occluders: registry names.
        steps: so many amounts of each occluder, evenly up to 1.
        seed: seed of everything random in the occluders.
        out: folder for the plots; None writes none.
    """

    models: tuple[str, ...]
    occluders: tuple[str, ...]
    steps: int = STEPS
    seed: int = 7
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class CleanAnswer:
    """What a model says of the clean face.

    Attributes:
        top: the most probable emotion.
        confidence: its probability in [0, 1].
        probabilities: of every emotion the model knows, in [0, 1], in logit order.
    """

    top: str
    confidence: float
    probabilities: dict[str, float]


@dataclass(frozen=True, slots=True)
class SweepRow:
    """One model under one occluder.

    Attributes:
        image: the file as it was given.
        weights: name of the weights.
        occluder: registry name of the occluder.
        seed: seed of everything random in it.
        clean: the answer to the clean face.
        target: the emotion whose probability is watched: the clean answer.
        amounts: severities in (0, 1], rising, the last one 1.
        shares: per amount the share of the face's oval that is covered, in [0, 1].
        probabilities: per amount the probability of `target`, in [0, 1].
        answers: per amount the most probable emotion.
        flip_amount: amount at which another emotion wins first, between two tried ones on a
            straight line; None where none ever does.
        flip_share: share of the face that is covered there, likewise; None, too, where the
            occluder lies on all of the face from the first amount on.
        flip_answer: that emotion; None where there is none.
        area: under the probability of `target` over the amount from 0 to 1; 1 is unshaken.
    """

    image: str
    weights: str
    occluder: str
    seed: int
    clean: CleanAnswer
    target: str
    amounts: tuple[float, ...]
    shares: tuple[float, ...]
    probabilities: tuple[float, ...]
    answers: tuple[str, ...]
    flip_amount: float | None
    flip_share: float | None
    flip_answer: str | None
    area: float


@dataclass(frozen=True, slots=True)
class SweepReport:
    """One photograph, asked about.

    Attributes:
        image: the file as it was given.
        note: what a person should know about the choice of the face; may be empty.
        found: all answers.
        plots: files that were written: the curves per occluder, then the matrix.
    """

    image: str
    note: str
    found: Robustness
    plots: tuple[str, ...]

    def rows(self) -> list[SweepRow]:
        """Return one row per model and occluder, the occluders of a model one after the other."""
        seed = self.found.plan.selection.cover.seed
        return [
            _row(self.image, seed, sweep) for row in self.found.sweeps for sweep in row if sweep
        ]

    def table(self) -> str:
        """Return the matrix in words: a line per occluder, a column per model."""
        asked = self.found.plan
        cells = [["clean", *(f"{p.top} {percent(p.confidence)}" for p in self.found.clean if p)]]
        cells += [[name, *map(_cell, self.found.under(name))] for name in asked.occluders]
        cells.insert(0, ["", *asked.models])
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in cells
        ]
        said = robustness_verdict(self.found, hardest_occluder(self.found))
        return "\n".join([self.image, *(f"  {line}" for line in lines), LEGEND, str(said)])


def chosen_occluders(text: str) -> tuple[str, ...]:
    """Return the occluders that a list of names means, each once.

    "all" means those that are the same for all models; covers by heat have to be named.

    Raises:
        UnknownNameError: if one doesn't exist.
        UsageError: if there is no name in it.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        names = list_occluders()
    if not names:
        raise UsageError("--occluders needs at least one name, or all.")
    known = list_drawable()
    for name in names:
        if name not in known:
            raise UnknownNameError("occluder", name, known)
    return tuple(dict.fromkeys(names))


def sweep_file(studio: Studio, file: str | Path, plan: SweepPlan) -> SweepReport:
    """Return how the models bear each occluder on the largest face of a photograph.

    Plots appear in `plan.out` whole or not at all, as `STEM.OCCLUDER.sweep.png` and
    `STEM.matrix.png`.

    Raises:
        UnknownNameError: if a model or an occluder doesn't exist.
        ImageError: if the file can't be read as a picture.
        WeightsError: if weights are damaged.
        UsageError: if the number of steps or the seed makes no sense, or `plan.out` can't be
            written.
        FerStudioError: if plots are wanted and matplotlib isn't installed.
    """
    amounts = even_amounts(plan.steps)
    if plan.out is not None:
        require_matplotlib()
    search = studio.find_faces_in(file)
    crop = studio.crop(search.image, search.faces[0] if search.faces else None)
    asked = RobustnessPlan(
        Selection(crop, Cover(seed=plan.seed), plan.models), plan.occluders, amounts
    )
    *_, found = studio.robustness(asked)
    plots = () if plan.out is None else _write(studio, found, Album(plan.out, Path(file).stem))
    return SweepReport(str(file), _note(search.note, crop), found, plots)


def _note(note: str, crop: FaceCrop) -> str:
    """Return what is to be said of a search and of the face that was chosen."""
    sentences = [note, *(each.sentence for each in crop.notes)]
    return " ".join(dict.fromkeys(filter(None, sentences)))


def _write(studio: Studio, found: Robustness, album: Album) -> tuple[str, ...]:
    files = []
    for name in found.plan.occluders:
        plot = sweep_plot(found, name, studio.film(found.plan, name))
        files.append(album.write(plot, name, "sweep"))
    files.append(album.write(matrix_plot(found), "matrix"))
    return tuple(file for file in files if file is not None)


def _row(image: str, seed: int, sweep: Sweep) -> SweepRow:
    clean, flip = sweep.clean, sweep.flip
    return SweepRow(
        image=image,
        weights=sweep.model,
        occluder=sweep.occluder,
        seed=seed,
        clean=CleanAnswer(
            clean.top,
            clean.confidence,
            dict(zip(clean.labels, clean.probabilities.tolist(), strict=True)),
        ),
        target=sweep.target,
        amounts=tuple(sweep.amounts.tolist()),
        shares=tuple(sweep.shares.tolist()),
        probabilities=tuple(sweep.curve[1:].tolist()),
        answers=sweep.answers,
        flip_amount=None if flip is None else flip.amount,
        flip_share=None if flip is None else flip.share,
        flip_answer=None if flip is None else flip.answer,
        area=sweep.area,
    )


def _cell(sweep: Sweep) -> str:
    flip = sweep.flip
    held = percent(float(sweep.curve[-1]))
    return held if flip is None else f"{held} {flip.answer} {_point(flip)}"


def _point(flip: Flip) -> str:
    return f"({percent(flip.share)})" if flip.share else f"(x{flip.amount:.2f})"
