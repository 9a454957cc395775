"""What the cards say, as HTML: a table per label set, emotions, confusions. Pure functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.reported import REPORTED
from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.scores import Score, Scores
from ferstudio.ui.parts.confusion import confusion_table
from ferstudio.ui.tabs.benchmark import words
from ferstudio.ui.templates import render


def tables(all_scores: Sequence[Scores], seconds: Mapping[str, float], chosen: str) -> Markup:
    """Return a table per protocol, the one with most emotions first.

    Args:
        all_scores: what each card says.
        seconds: time of a bare forward pass by weights, as far as it was measured.
        chosen: name of the weights whose row is marked.
    """
    groups: dict[tuple[int, str, int], list[Scores]] = {}
    for each in all_scores:
        if each.clean is not None:
            key = (-len(each.clean.labels), each.clean.protocol, each.clean.n)
            groups.setdefault(key, []).append(each)
    shown = [
        {"protocol": words.protocol(protocol, n), **_table(group, seconds, chosen)}
        for (_, protocol, n), group in sorted(groups.items(), key=lambda item: item[0])
    ]
    return render("benchmark/tables.html", words=words, tables=shown)


def detail(scores: Scores) -> Markup:
    """Return one network's recall per emotion and its confusion matrix."""
    score = scores.clean
    if score is None:
        return render("benchmark/detail.html", words=words, score=None)
    return render(
        "benchmark/detail.html",
        words=words,
        score=score,
        title=scores.model.title,
        emotions=_emotions(score),
        confusion=confusion_table(score.confusion, score.labels),
    )


def reported() -> Markup:
    """Return what the papers report, apart from what is measured."""
    return render("benchmark/reported.html", words=words, reported=REPORTED)


def _table(group: Sequence[Scores], seconds: Mapping[str, float], chosen: str) -> dict[str, Any]:
    covers = list(dict.fromkeys(name for each in group for name in each.covered))
    worths = any(each.model.attention for each in group)
    ordered = sorted(group, key=lambda each: -each.clean.accuracy if each.clean else 0)
    return {
        "heads": [
            (words.NETWORK, ""),
            (words.ACCURACY, words.ACCURACY_TIP),
            (words.RECALL, words.RECALL_TIP),
            (words.DROP, words.DROP_TIP),
            *((words.COVER_HEADS.get(name, name), words.cover_tip(name)) for name in covers),
            *([(words.WORTH, words.WORTH_TIP)] if worths else []),
            (words.SIZE, words.SIZE_TIP),
            (words.TIME, words.TIME_TIP),
        ],
        "worths": worths,
        "raised": any(_raised(each) for each in group),
        "rows": [_row(each, covers, seconds, each.model.name == chosen) for each in ordered],
    }


def _row(
    each: Scores, covers: Sequence[str], seconds: Mapping[str, float], marked: bool
) -> dict[str, Any]:
    model, spent_s = each.model, seconds.get(each.model.name)
    return {
        "marked": marked,
        "name": model.name,
        "title": model.title,
        "clean": each.clean,
        "raised": _raised(each),
        "drop": each.mean_drop,
        "worth": _worth(model.attention),
        "covered": [each.covered.get(name) for name in covers],
        "size": "" if model.size_bytes is None else f"{model.size_bytes / 1e6:.1f} MB",
        "time": words.NOT_TIMED if spent_s is None else f"{1000 * spent_s:.0f} ms",
    }


def _raised(each: Scores) -> bool:
    """Return whether rare emotions were raised in the weights (`training.balance`)."""
    return bool(each.model.recipe.get("balance"))


def _worth(measured: Mapping[str, Any]) -> str:
    return f"{100 * measured['worth']:+.1f}".replace("-", "−") if measured else ""


def _emotions(score: Score) -> list[dict[str, Any]]:
    found = {each.emotion: each for each in score.emotions()}
    rows = []
    for emotion in (name for name in DISPLAY_ORDER if name in found):
        each = found[emotion]
        low, high = each.ci95
        tip = words.recall_tip(
            emotion, short_percent(each.recall), short_percent(low), short_percent(high), each.n
        )
        row = {"name": emotion, "colour": EMOTION_COLOURS[emotion], "tip": tip}
        rows.append({**row, "recall": each.recall, "low": low, "high": high, "n": each.n})
    return rows
