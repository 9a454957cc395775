"""Photographs from files, asked and written down: what `python -m ferstudio analyze` reports."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from ferstudio.errors import ImageError, UsageError
from ferstudio.explain.explainer import Heatmap, explainer
from ferstudio.explain.leakage import leakage_where_heat
from ferstudio.explain.overlay import draw_overlay, shared_scale
from ferstudio.faces.search import FaceSearch
from ferstudio.occlusion.occluder import Need, occluder
from ferstudio.report.album import Album, refuse_to_overwrite, unique_stems
from ferstudio.report.photographs import FaceChoice, Unanswered, face_numbers
from ferstudio.studio.results import ModelSummary
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop, Note, Prediction

UNCOVERED = Cover(NONE, 0.0)
"""The clean face."""


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """What every photograph is asked.

    Attributes:
        models: names of weights.
        covers: what is laid over the face, each once, besides nothing at all.
        explainers: registry names of the heatmap methods.
        seed: seed of everything random in the occluders.
        out: folder for the pictures; None writes none.
        face: which of a photograph's faces.
    """

    models: tuple[str, ...]
    covers: tuple[Cover, ...] = ()
    explainers: tuple[str, ...] = ()
    seed: int = 7
    out: Path | None = None
    face: FaceChoice = "largest"

    def name_of(self, cover: Cover) -> str:
        """Return "clean" or the occluder's name, with the amount where several are asked."""
        if cover == UNCOVERED:
            return "clean"
        often = Counter(each.name for each in self.covers)
        if often[cover.name] == 1:
            return cover.name
        return f"{cover.name}-{cover.amount:g}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one model says about the clean or the covered face.

    Attributes:
        occluder: name of the occluder, "none" for the clean face.
        amount: its severity in [0, 1].
        share: share of the face's oval that it covers, in [0, 1].
        top: the most probable emotion.
        confidence: its probability in [0, 1].
        probabilities: of every emotion the model knows, in [0, 1], in logit order.
        flipped: whether `top` differs from the clean face's.
        leakage_share: per explainer the share in [0, 1] of the heat that lies on the occluder;
            empty for the clean face, and without a method whose map of the covered one has no heat.
        heatmaps: per explainer the file of the overlay; None where no folder was given, no entry
            where the explainer doesn't support the model. All overlays of one model, photograph
            and explainer share one scale, and all explain the answer to the clean face.
    """

    occluder: str
    amount: float
    share: float
    top: str
    confidence: float
    probabilities: dict[str, float]
    flipped: bool
    leakage_share: dict[str, float]
    heatmaps: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class ModelAnalysis:
    """One model on one photograph.

    Attributes:
        weights: name of the weights.
        title: the network's title.
        labels: emotion names in logit order.
        clean: its answer to the clean face.
        occluded: its answer to each covered face, in the order asked.
    """

    weights: str
    title: str
    labels: tuple[str, ...]
    clean: Answer
    occluded: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """One photograph, answered by all models.

    Attributes:
        image: the file as it was given.
        faces: number of faces found in it.
        found: whether there was any; otherwise the centred square is analysed.
        face: number of the face that is analysed, 1 for the largest; None where none was found.
        detector: name of the face detector.
        note: what a person should know about the choice of the face; may be empty.
        notes: what decides how far the answers can be trusted: name, chip and sentence of each.
        seed: seed of everything random in the occluders.
        crops: files of the crop, "clean" and under each occluder; None where no folder was given.
        results: one per model, in the order asked.
    """

    image: str
    faces: int
    found: bool
    face: int | None
    detector: str
    note: str
    notes: tuple[Note, ...]
    seed: int
    crops: dict[str, str | None]
    results: tuple[ModelAnalysis, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the analysis as JSON values, keys named like the attributes."""
        return asdict(self)

    def table(self) -> str:
        """Return the analysis as text: a line per model and face."""
        faces = "1 face" if self.faces == 1 else f"{self.faces or 'no'} faces"
        if self.faces > 1:
            faces = f"face {self.face} of {self.faces}"
        faces = ", ".join([faces, *(note.chip for note in self.notes if note.name != "no-face")])
        head = f"  {'weights':26} {'face':22} {'hidden':>6}  {'answer':16}  heat on the cover"
        return "\n".join([f"{self.image} ({faces})", head, *chain(*map(_lines, self.results))])


def _lines(result: ModelAnalysis) -> list[str]:
    """Return one model's answers as text, the clean one first."""
    lines = []
    for answer in (result.clean, *result.occluded):
        covered = answer.occluder != NONE
        name = result.weights if not covered else ""
        face = f"{answer.occluder} {answer.amount:g}" if covered else "clean"
        hidden = f"{100 * answer.share:.0f} %" if covered else ""
        said = f"{answer.top} {100 * answer.confidence:.0f} %"
        shares = {
            how: answer.leakage_share.get(how) for how in (answer.heatmaps if covered else ())
        }
        heat = ", ".join(
            f"no heat ({how})" if share is None else f"{100 * share:.0f} % ({how})"
            for how, share in shares.items()
        )
        flip = "changed its mind" if answer.flipped else ""
        row = f"  {name:26} {face:22} {hidden:>6}  {said:16}  {heat:20} {flip}"
        lines.append(row.rstrip())
    return lines


def analyse_files(
    studio: Studio, files: Sequence[str], plan: AnalysisPlan
) -> Iterator[Analysis | Unanswered]:
    """Yield the analysis of each photograph's face or faces, in order.

    Every name and weights folder is checked before the first photograph is answered, so that a bad
    one stops the whole with nothing written; a photograph that can't be read or hasn't got the
    face is passed over, and says why. Pictures appear in `plan.out` whole or not at all, as
    `STEM.COVER.png` (crops) and `STEM.MODEL.COVER.EXPLAINER.png` (overlays), where COVER is "clean"
    or `plan.name_of(cover)`, and STEM ends in `.face-N` for all faces but the largest.

    Raises:
        UnknownNameError: if a model, an occluder or an explainer doesn't exist.
        WeightsError: if weights are damaged.
        UsageError: if an amount isn't in [0, 1], a cover lies elsewhere for each network, the seed
            is negative, `plan.out` can't be written, or a photograph lies there under a name that
            might be written.
    """
    for cover in plan.covers:
        if cover.needs is Need.HEAT:
            raise UsageError(
                f"{cover.name} lies elsewhere for each network, where its own heat says: sweep "
                "shows that, and the page; analyze covers a face alike for all."
            )
        occluder(cover.name)
    if plan.out is not None:
        refuse_to_overwrite(files, _like_ours(files, plan.out))
    for method in plan.explainers:
        explainer(method)
    models = [studio.model(name) for name in plan.models]
    studio.load(plan.models)
    for file, stem in zip(files, unique_stems(files), strict=True):
        try:
            search = studio.find_faces_in(file)
            numbers = face_numbers(plan.face, len(search.faces))
        except (ImageError, UsageError) as error:
            yield Unanswered(file, " ".join(str(error).split()))
            continue
        for number in numbers:
            crop = studio.crop(search.image, search.faces[number - 1] if number else None)
            own_stem = f"{stem}.face-{number}" if number and number > 1 else stem
            sitting = _Sitting(studio, plan, Album(plan.out, own_stem), crop)
            yield sitting.analysis(_Finding(file, search, number), models)


def _like_ours(files: Sequence[str], out: Path) -> Iterator[Path]:
    """Yield those photographs in `out` whose names are as those of pictures made of another."""
    stems = {Path(file).stem.casefold() for file in files}
    for file in map(Path, files):
        stem, *parts = file.name.casefold().split(".")
        begins = [".".join([stem, *parts[:count]]) for count in range(len(parts) - 1)]
        if file.suffix.lower() == ".png" and stems.intersection(begins):
            yield out / file.name


@dataclass(frozen=True, slots=True)
class _Finding:
    """A face in a photograph: which file, all that was found there, and which of it."""

    file: str
    search: FaceSearch
    number: int | None


@dataclass(frozen=True, slots=True)
class _Look:
    """One model on one picture: its answer and its heatmaps per explainer."""

    prediction: Prediction
    heatmaps: dict[str, Heatmap]


class _Sitting:
    """One face before the models, first as it is, then under each cover."""

    def __init__(self, studio: Studio, plan: AnalysisPlan, album: Album, crop: FaceCrop) -> None:
        """Cover the face as planned."""
        self.studio, self.plan, self.album = studio, plan, album
        self.faces = {
            cover: studio.cover(Selection(crop, replace(cover, seed=plan.seed), plan.models))
            for cover in (UNCOVERED, *plan.covers)
        }

    def analysis(self, finding: _Finding, models: Sequence[ModelSummary]) -> Analysis:
        """Return what all models say, once all pictures of it are written."""
        results = tuple(map(self.ask, models))
        crops = {
            self.plan.name_of(cover): self.album.write(face.crop.image, self.plan.name_of(cover))
            for cover, face in self.faces.items()
        }
        search = finding.search
        return Analysis(
            image=finding.file,
            faces=len(search.faces),
            found=bool(search.faces),
            face=finding.number,
            detector=search.detector,
            note=search.note if self.plan.face == "largest" else search.note_but_choice,
            notes=self.faces[UNCOVERED].crop.notes,
            seed=self.plan.seed,
            crops=crops,
            results=results,
        )

    def ask(self, model: ModelSummary) -> ModelAnalysis:
        """Return what one model says about the face, clean and under each cover."""
        looks: dict[Cover, _Look] = {}
        top = ""  # the model's own answer to the clean face, which all heatmaps explain
        for cover, face in self.faces.items():
            looks[cover] = self._look(model, face.crop, top)
            top = top or looks[cover].prediction.top
        scales = {
            method: shared_scale(look.heatmaps[method] for look in looks.values())
            for method in looks[UNCOVERED].heatmaps
        }
        clean, *occluded = (self._answer(model, cover, looks, scales) for cover in looks)
        return ModelAnalysis(model.name, model.title, model.labels, clean, tuple(occluded))

    def _look(self, model: ModelSummary, crop: FaceCrop, target: str) -> _Look:
        views = {
            method: self.studio.look(model.name, crop, explainer=method, target=target)
            for method in self.plan.explainers or (NONE,)
        }
        maps = {method: view.heatmap for method, view in views.items() if view.heatmap is not None}
        return _Look(next(iter(views.values())).prediction, maps)

    def _answer(
        self,
        model: ModelSummary,
        cover: Cover,
        looks: dict[Cover, _Look],
        scales: dict[str, float],
    ) -> Answer:
        face, look = self.faces[cover], looks[cover]
        said, name = look.prediction, self.plan.name_of(cover)
        leakage = {
            method: share
            for method, map_ in look.heatmaps.items()
            if (share := leakage_where_heat(map_, face.mask)) is not None
        }
        drawn = {
            method: draw_overlay(face.crop.image, map_, scales[method])
            for method, map_ in look.heatmaps.items()
        }
        return Answer(
            occluder=cover.name,
            amount=cover.amount,
            share=face.share,
            top=said.top,
            confidence=said.confidence,
            probabilities=dict(zip(said.labels, said.probabilities.tolist(), strict=True)),
            flipped=said.top != looks[UNCOVERED].prediction.top,
            leakage_share={} if cover == UNCOVERED else leakage,
            heatmaps={
                method: self.album.write(image, model.name, name, method)
                for method, image in drawn.items()
            },
        )
