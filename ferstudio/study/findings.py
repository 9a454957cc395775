"""What a study found: shares with intervals, tests between networks, and how it is written."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from ferstudio import __version__
from ferstudio.errors import DataError
from ferstudio.intervals import Z, wilson_interval, with_interval
from ferstudio.models import LoadedModel
from ferstudio.study.faces import StudyFaces
from ferstudio.study.plan import StudyPlan
from ferstudio.study.tally import Tally

FORM = 1
"""Of the JSON; a reader of another form refuses it."""

_DIGITS = 6
"""Behind the point, of what is no count: a sum's last bits depend on the processor."""

_AREA_DIGITS = 4

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class EmotionRow:
    """One emotion of a row.

    Attributes:
        emotion: its name.
        n: labelled faces of it that the model knows; 0 without labels.
        correct: how many of them were answered rightly.
        faces: faces of it, by label or by the model's clean answer (`Findings.emotion_of`).
        flips: how many of them got another answer than the clean face.
        accuracy: correct / n; None for n = 0.
        ci95: its 95 % Wilson interval.
        flip_share: flips / faces; None without faces.
        flip_ci95: its 95 % Wilson interval.
    """

    emotion: str
    n: int
    correct: int
    faces: int
    flips: int
    accuracy: float | None
    ci95: Interval
    flip_share: float | None
    flip_ci95: Interval


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One model under one amount of a cover.

    Attributes:
        model: name of the weights.
        occluder: registry name; "none" for the clean face.
        amount: severity in [0, 1].
        share: mean share of the face's oval that is covered, in [0, 1].
        faces: faces asked.
        flips: how many of them got another answer than the clean face.
        flip_share: flips / faces, in [0, 1].
        flip_ci95: its 95 % Wilson interval.
        n: faces whose label the model knows.
        correct: how many of them were answered rightly.
        accuracy: correct / n; None for n = 0.
        ci95: its 95 % Wilson interval.
        emotions: the same per emotion.
    """

    model: str
    occluder: str
    amount: float
    share: float
    faces: int
    flips: int
    flip_share: float
    flip_ci95: Interval
    n: int
    correct: int
    accuracy: float | None
    ci95: Interval
    emotions: tuple[EmotionRow, ...]


@dataclass(frozen=True, slots=True)
class PairRow:
    """McNemar's exact test between two models on the same faces.

    McNemar, Psychometrika 12 (1947); exact as the binomial test of the faces on which one of the
    two alone succeeds.

    Attributes:
        first: name of the weights.
        second: name of the other weights.
        occluder: registry name; "none" for the clean face.
        amount: severity in [0, 1].
        of: "right" for the label's emotion, "held" for the answer to the clean face.
        n: faces.
        only_first: on how many the first alone succeeds.
        only_second: on how many the second alone does.
        p: probability of so uneven a pair, or a more uneven one, if both were as good.
        p_holm: p after Holm (1979) for all pairs of models under the same condition.
    """

    first: str
    second: str
    occluder: str
    amount: float
    of: str
    n: int
    only_first: int
    only_second: int
    p: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class MapRow:
    """How one model's heatmaps of clean faces fare against random ones (`AgainstRandom.gain`).

    Attributes:
        model: name of the weights.
        explainer: registry name of the method.
        n: faces judged; 0 where none was asked, or the method can't show the model.
        mean_gain: of insertion minus deletion area, in [-2, 2]; above 0 beats chance. None for
            n = 0.
        ci95: its 95 % interval, by its standard error; None below two faces.
        wins: faces on which the map is strictly better.
        win_share: wins / n; None for n = 0.
        win_ci95: its 95 % Wilson interval.
    """

    model: str
    explainer: str
    n: int
    mean_gain: float | None
    ci95: Interval | None
    wins: int
    win_share: float | None
    win_ci95: Interval


@dataclass(frozen=True, slots=True)
class StudiedModel:
    """One network of a study.

    Attributes:
        name: name of the weights.
        title: the network's title.
        labels: emotions in logit order.
        sha256: of its files.
    """

    name: str
    title: str
    labels: tuple[str, ...]
    sha256: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a study found. Nothing in it says when or how fast.

    Attributes:
        form: `FORM`.
        version: of ferstudio.
        source: name of the folder or file of faces.
        digest: of its names, labels and sizes.
        command: the command line that repeats it.
        plan: `StudyPlan.facts`.
        faces: pictures that were read.
        without_face: of them, those without a face, whose middle was taken.
        unread: pictures that couldn't be read.
        labelled: faces by label.
        emotion_of: what `EmotionRow.faces` go by: "label" or "answer".
        models: the networks.
        rows: models x conditions.
        between: pairs of models x conditions.
        maps: one per model.
    """

    form: int
    version: str
    source: str
    digest: str
    command: str
    plan: dict[str, Any]
    faces: int
    without_face: int
    unread: int
    labelled: dict[str, int]
    emotion_of: str
    models: tuple[StudiedModel, ...]
    rows: tuple[StudyRow, ...]
    between: tuple[PairRow, ...]
    maps: tuple[MapRow, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, keys named like the attributes."""
        return asdict(self)

    def content(self) -> bytes:
        """Return it as the content of a JSON file."""
        return (json.dumps(self.to_json(), indent=1, ensure_ascii=False) + "\n").encode()

    def under(self, occluder: str) -> dict[str, tuple[StudyRow, ...]]:
        """Return per model its rows under a cover, the clean face first."""
        found: dict[str, tuple[StudyRow, ...]] = {}
        for row in self.rows:
            if row.occluder in {"none", occluder}:
                found[row.model] = (*found.get(row.model, ()), row)
        return found

    @property
    def occluders(self) -> tuple[str, ...]:
        """The covers, in order."""
        return tuple(dict.fromkeys(row.occluder for row in self.rows if row.occluder != "none"))

    def table(self) -> str:
        """Return what people read first: accuracy and flips under all of each cover."""
        count = f"{self.faces} faces of {self.source}"
        if self.without_face:
            count += f", {self.without_face} of them without a face that was found"
        if self.unread:
            count += f"; {self.unread} pictures couldn't be read"
        shape = "{:28} {:18} {:>24} {:>24}"
        lines = [count + ".", shape.format("", "", "accuracy %", "answers changed %")]
        for row in self.rows:
            if row.amount in {0.0, 1.0}:
                right = "" if row.accuracy is None else with_interval(row.accuracy, row.ci95)
                flips = with_interval(row.flip_share, row.flip_ci95) if row.amount else ""
                lines.append(shape.format(row.model, row.occluder, right, flips).rstrip())
        return "\n".join(lines)


def read_findings(content: bytes) -> Findings:
    """Return what the JSON of a study says.

    Raises:
        DataError: if it is none, or of another form.
    """
    try:
        found = TypeAdapter(Findings).validate_json(content)
    except ValidationError as error:
        raise DataError(
            "This is no JSON of python -m ferstudio study; choose the study.json in its --out."
        ) from error
    if found.form != FORM:
        raise DataError(
            f"This study has form {found.form}, and this ferstudio reads form {FORM}; run it again."
        )
    return found


def findings(
    tally: Tally,
    plan: StudyPlan,
    faces: StudyFaces,
    models: Sequence[LoadedModel],
    checksums: Sequence[tuple[str, ...]],
) -> Findings:
    """Return what the counts of a study say; `checksums` are those of each model's files."""
    return Findings(
        form=FORM,
        version=__version__,
        source=faces.source,
        digest=faces.digest,
        command=plan.command(faces.source),
        plan=plan.facts(),
        faces=tally.faces,
        without_face=tally.without_face,
        unread=tally.unread,
        labelled={
            name: int(n) for name, n in zip(tally.emotions, tally.labelled, strict=True) if n
        },
        emotion_of="label" if tally.by_label else "answer",
        models=tuple(
            StudiedModel(each.name, each.title, each.card.label_names, sha256)
            for each, sha256 in zip(models, checksums, strict=True)
        ),
        rows=tuple(_rows(tally, plan)),
        between=tuple(_pairs(tally, plan)),
        maps=tuple(_maps(tally, plan)),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p of McNemar's exact test; 1 where no face tells two models apart."""
    differing = only_first + only_second
    from scipy.stats import binomtest  # takes longer to import than the page to start

    return float(binomtest(only_first, differing).pvalue) if differing else 1.0


def holm(values: Sequence[float]) -> list[float]:
    """Return p values after Holm (Scandinavian Journal of Statistics 6, 1979)."""
    adjusted, highest = [0.0] * len(values), 0.0
    for place, number in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        highest = max(highest, min(1.0, (len(values) - place) * values[number]))
        adjusted[number] = highest
    return adjusted


def _rows(tally: Tally, plan: StudyPlan) -> Iterable[StudyRow]:
    for model, name in enumerate(plan.models):
        n = int(tally.known[model].sum())
        for column, (occluder, amount) in enumerate(plan.conditions):
            flips = int(tally.all_flips[model, column])
            correct = int(tally.right[model, column].sum())
            yield StudyRow(
                model=name,
                occluder=occluder,
                amount=amount,
                share=_share(tally.shares[column], tally.faces) or 0.0,
                faces=tally.faces,
                flips=flips,
                flip_share=_share(flips, tally.faces) or 0.0,
                flip_ci95=_wilson(flips, tally.faces),
                n=n,
                correct=correct,
                accuracy=_share(correct, n),
                ci95=_wilson(correct, n),
                emotions=tuple(_emotions(tally, model, column)),
            )


def _emotions(tally: Tally, model: int, column: int) -> Iterable[EmotionRow]:
    for number, emotion in enumerate(tally.emotions):
        n, faces = int(tally.known[model, number]), int(tally.group[model, number])
        correct, flips = (int(each[model, column, number]) for each in (tally.right, tally.flips))
        if n or faces:
            yield EmotionRow(
                emotion=emotion,
                n=n,
                correct=correct,
                faces=faces,
                flips=flips,
                accuracy=_share(correct, n),
                ci95=_wilson(correct, n),
                flip_share=_share(flips, faces),
                flip_ci95=_wilson(flips, faces),
            )


def _pairs(tally: Tally, plan: StudyPlan) -> Iterable[PairRow]:
    names = list(combinations(plan.models, 2))
    everyone = np.full(len(names), tally.faces)
    kinds = [("right", tally.pairs, tally.right_only)] if tally.pairs.any() else []
    for of, counts, only in (*kinds, ("held", everyone, tally.held_only)):
        for column, (occluder, amount) in enumerate(plan.conditions):
            if of == "held" and not amount:
                continue
            values = [mcnemar(int(a), int(b)) for a, b in only[:, column]]
            for number, p_holm in enumerate(holm(values)):
                first, second = names[number]
                yield PairRow(
                    first=first,
                    second=second,
                    occluder=occluder,
                    amount=amount,
                    of=of,
                    n=int(counts[number]),
                    only_first=int(only[number, column, 0]),
                    only_second=int(only[number, column, 1]),
                    p=float(f"{values[number]:.6g}"),
                    p_holm=float(f"{p_holm:.6g}"),
                )


def _maps(tally: Tally, plan: StudyPlan) -> Iterable[MapRow]:
    for name, gains in zip(plan.models, tally.gains, strict=True):
        n, wins = len(gains), sum(gain > 0 for gain in gains)
        mean = math.fsum(gains) / n if n else None
        yield MapRow(
            model=name,
            explainer=plan.explainer,
            n=n,
            mean_gain=None if mean is None else round(mean, _AREA_DIGITS),
            ci95=None if mean is None or n < 2 else _mean_interval(gains, mean),
            wins=wins,
            win_share=_share(wins, n),
            win_ci95=_wilson(wins, n),
        )


def _mean_interval(gains: Sequence[float], mean: float) -> Interval:
    variance = math.fsum((gain - mean) ** 2 for gain in gains) / (len(gains) - 1)
    half = Z * math.sqrt(variance / len(gains))
    return round(mean - half, _AREA_DIGITS), round(mean + half, _AREA_DIGITS)


def _share(count: float, n: int) -> float | None:
    return round(float(count) / n, _DIGITS) if n else None


def _wilson(correct: int, n: int) -> Interval:
    low, high = wilson_interval(correct, n)
    return round(low, _DIGITS), round(high, _DIGITS)
