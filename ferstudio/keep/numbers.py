"""What the page shows as rows of a table: plain values under plain names."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from ferstudio.explain.attention_maps import AttentionMap, BranchShares
from ferstudio.explain.face_parts import RegionShare
from ferstudio.studio.attention import AttentionReport
from ferstudio.studio.examination import Examination
from ferstudio.studio.feature_space import FeatureSpace
from ferstudio.studio.results import Comparison
from ferstudio.studio.robustness import Robustness
from ferstudio.studio.scores import Scores

Row = Mapping[str, object]


def csv_text(rows: Sequence[Row]) -> str:
    """Return rows as a CSV with a header; what a row lacks is empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO(newline="")
    table = csv.DictWriter(stream, names, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return stream.getvalue()


def comparison_rows(found: Comparison) -> list[Row]:
    """Return a row per model, face and emotion."""
    cover = found.selection.cover
    faces = ("clean",) if cover.bare else ("clean", "covered")
    return [
        {
            "model": row.name,
            "title": row.title,
            "face": face,
            "cover": "none" if face == "clean" else cover.name,
            "amount": 0.0 if face == "clean" else cover.amount,
            "seed": cover.seed,
            "share": 0.0 if face == "clean" else row.share,
            "emotion": emotion,
            "probability": probability,
        }
        for row in found.rows
        for face in faces
        for view in [row.clean if face == "clean" else row.covered]
        for emotion, probability in zip(
            view.prediction.labels, view.prediction.probabilities.tolist(), strict=True
        )
    ]


def robustness_rows(found: Robustness) -> list[Row]:
    """Return a row per model, cover and amount, the clean face's with amount 0."""
    seed = found.plan.selection.cover.seed
    return [
        {
            "model": sweep.model,
            "cover": sweep.occluder,
            "seed": seed,
            "amount": float(sweep.levels[level]),
            "share": float(sweep.covered[level]),
            "target": sweep.target,
            "probability": float(sweep.curve[level]),
            "answer": (sweep.target, *sweep.answers)[level],
        }
        for line in found.sweeps
        for sweep in line
        if sweep is not None
        for level in range(len(sweep.levels))
    ]


def attention_rows(report: AttentionReport) -> list[Row]:
    """Return the answer, a row per part of the face, and rows of what each block weighed."""
    said = report.prediction
    rows: list[Row] = [
        {"model": report.name, "what": f"probability of {said.top}", "value": said.confidence},
        *(_part(report.name, each) for each in report.regions),
    ]
    for view in report.views:
        block: Row = {
            "model": report.name,
            "block": view.block.module,
            "place": view.block.place,
            "role": view.block.role.value,
        }
        if isinstance(view, AttentionMap):
            low, high = view.heatmap.raw_range
            rows.append({**block, "what": "map", "lowest": low, "highest": high})
        elif isinstance(view, BranchShares):
            named = zip(view.names, view.shares.tolist(), strict=True)
            rows += [{**block, "what": f"share of {name}", "value": each} for name, each in named]
        else:
            numbered = enumerate(view.weights.tolist(), 1)
            rows += [{**block, "what": f"channel {i} by weight", "value": w} for i, w in numbered]
    return rows


def examination_rows(found: Examination) -> list[Row]:
    """Return a row per number that is known of one network's answer and heatmap."""
    answers: Iterable[tuple[str, float]] = zip(
        found.prediction.labels, found.prediction.probabilities.tolist(), strict=True
    )
    rows: list[Row] = [
        {"model": found.name, "what": f"probability of {emotion}, clean", "value": value}
        for emotion, value in answers
    ]
    if found.change is not None:
        rows += [
            {"model": found.name, "what": "heat on the cover", "value": found.change.leakage_share},
            {"model": found.name, "what": "heat kept", "value": found.change.heat_kept},
        ]
    rows += [
        {"model": found.name, "what": f"heat on {part.part}", "value": part.energy}
        for part in found.focus
    ]
    if found.curves is not None:
        areas = {
            "deletion area": found.curves.deletion.area,
            "insertion area": found.curves.insertion.area,
            "deletion area, random map": found.curves.random_deletion.area,
            "insertion area, random map": found.curves.random_insertion.area,
        }
        rows += [{"model": found.name, "what": name, "value": area} for name, area in areas.items()]
    return rows


def feature_rows(spaces: Iterable[FeatureSpace]) -> list[Row]:
    """Return a row per map and step of the face's way."""
    return [
        {
            "model": space.name,
            "map": space.kind,
            "amount": step.amount,
            "share": step.share,
            "x": float(step.place[0]),
            "y": float(step.place[1]),
            "answer": step.prediction.top,
            "away": step.away,
        }
        for space in spaces
        for step in space.steps
    ]


def score_rows(all_scores: Iterable[Scores]) -> list[Row]:
    """Return a row per network and cover that its card has a measurement of."""
    return [
        {
            "model": each.model.name,
            "protocol": score.protocol,
            "split": score.split,
            "cover": score.occlude,
            "n": score.n,
            "accuracy": score.accuracy,
            "low": score.ci95[0],
            "high": score.ci95[1],
            "macro_recall": score.macro_recall,
        }
        for each in all_scores
        for score in (each.clean, *each.covered.values())
        if score is not None
    ]


def _part(model: str, each: RegionShare) -> Row:
    return {"model": model, "what": f"attention on {each.name}", "value": each.share}
