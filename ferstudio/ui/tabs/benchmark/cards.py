"""What the cards say, as HTML: a table per label set, emotions, confusions. Pure functions."""

from collections.abc import Mapping, Sequence
from html import escape

from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.reported import REPORTED
from ferstudio.studio.scores import Score, Scores
from ferstudio.ui.parts.bars import percent
from ferstudio.ui.tabs.benchmark import words


def tables(all_scores: Sequence[Scores], seconds: Mapping[str, float], chosen: str) -> str:
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
    body = "".join(
        _table(protocol, n, group, seconds, chosen)
        for (_, protocol, n), group in sorted(groups.items(), key=lambda item: item[0])
    )
    return (
        f'<section class="bench"><h1 title="{escape(words.MEASURED_TIP)}">{words.MEASURED}</h1>'
        f"{body}</section>"
    )


def detail(scores: Scores) -> str:
    """Return one network's recall per emotion and its confusion matrix."""
    if scores.clean is None:
        return f'<p class="what">{words.NOT_MEASURED}</p>'
    return (
        f'<section class="bench pair"><article class="card"><h2 '
        f'title="{escape(words.EMOTIONS_TIP)}">{escape(scores.model.title)} · '
        f"{words.EMOTIONS_HEADING}</h2>{_emotions(scores.clean)}</article>"
        f'<article class="card"><h2 title="{escape(words.CONFUSION_TIP)}">'
        f"{words.CONFUSION_HEADING}</h2>{_confusion(scores.clean)}</article></section>"
    )


def reported() -> str:
    """Return what the papers report, apart from what is measured."""
    heads = "".join(f"<th>{head}</th>" for head in words.REPORTED_HEADS)
    rows = "".join(
        f"<tr><th scope='row'>{escape(item.network)}</th><td>{escape(item.data_set)}</td>"
        f"<td>{escape(item.protocol)}</td><td>{item.value:.2f}"
        f"{'' if item.spread is None else f' ± {item.spread:.2f}'} {item.unit}</td>"
        f"<td>{escape(item.source)}</td></tr>"
        for item in REPORTED
    )
    return (
        f'<section class="bench"><h1>{words.REPORTED_HEADING}</h1><p class="what">'
        f'{words.REPORTED_NOTE}</p><div class="scroll"><table class="reported"><thead><tr>{heads}'
        f"</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _table(
    protocol: str, n: int, group: Sequence[Scores], seconds: Mapping[str, float], chosen: str
) -> str:
    covers = list(dict.fromkeys(name for each in group for name in each.covered))
    heads = [
        (words.NETWORK, ""),
        (words.ACCURACY, words.ACCURACY_TIP),
        (words.RECALL, words.RECALL_TIP),
        (words.DROP, words.DROP_TIP),
        *((words.COVER_HEADS.get(name, name), words.cover_tip(name)) for name in covers),
        (words.SIZE, words.SIZE_TIP),
        (words.TIME, words.TIME_TIP),
    ]
    head = "".join(f'<th title="{escape(tip)}">{escape(name)}</th>' for name, tip in heads)
    ordered = sorted(group, key=lambda each: -each.clean.accuracy if each.clean else 0)
    rows = "".join(_row(each, covers, seconds, each.model.name == chosen) for each in ordered)
    return (
        f'<p class="what">{escape(words.protocol(protocol, n))}</p><div class="scroll"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(each: Scores, covers: Sequence[str], seconds: Mapping[str, float], marked: bool) -> str:
    clean, model = each.clean, each.model
    if clean is None:
        return ""
    low, high = clean.ci95
    interval = f"<small>({100 * low:.1f}–{100 * high:.1f})</small>"
    drop = "" if each.mean_drop is None else f"−{100 * each.mean_drop:.1f}"
    under = "".join(
        f"<td>{100 * each.covered[name].accuracy:.1f}</td>" if name in each.covered else "<td></td>"
        for name in covers
    )
    size = "" if model.size_bytes is None else f"{model.size_bytes / 1e6:.1f} MB"
    time = seconds.get(model.name)
    spent = words.NOT_TIMED if time is None else f"{1000 * time:.0f} ms"
    return (
        f'<tr{" class=chosen" if marked else ""}><th scope="row" title="{escape(model.name)}">'
        f"{escape(model.title)} <small>{escape(model.name.partition('.')[2])}</small></th>"
        f"<td><b>{100 * clean.accuracy:.1f}</b> {interval}</td><td>{100 * clean.macro_recall:.1f}"
        f"</td><td>{drop}</td>{under}<td>{size}</td><td>{spent}</td></tr>"
    )


def _emotions(score: Score) -> str:
    found = {each.emotion: each for each in score.emotions()}
    rows = ""
    for emotion in (name for name in DISPLAY_ORDER if name in found):
        each = found[emotion]
        low, high = each.ci95
        tip = words.recall_tip(emotion, percent(each.recall), percent(low), percent(high), each.n)
        rows += (
            f'<tr title="{escape(tip)}"><th scope="row">{emotion}</th><td><i class="recall" '
            f'style="--c:{EMOTION_COLOURS[emotion]}"><i style="width:{100 * each.recall:.1f}%"></i>'
            f'<u style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></u></i></td>'
            f"<td>{percent(each.recall)}</td><td><small>n = {each.n}</small></td></tr>"
        )
    return f'<table class="recalls"><tbody>{rows}</tbody></table>'


def _confusion(score: Score) -> str:
    order = [score.labels.index(name) for name in DISPLAY_ORDER if name in score.labels]
    head = "".join(f"<th>{score.labels[column][:3]}</th>" for column in order)
    rows = ""
    for row in order:
        counts = score.confusion[row]
        total = int(counts.sum())
        cells = ""
        for column in order:
            share = counts[column] / total if total else 0.0
            tip = words.cell_tip(
                score.labels[row], score.labels[column], int(counts[column]), total
            )
            kind = "right" if row == column else "wrong"
            number = f"{100 * share:.0f}" if counts[column] else ""
            cells += (
                f'<td class="{kind}" style="--s:{100 * share:.0f}%" title="{escape(tip)}">'
                f"{number}</td>"
            )
        rows += f'<tr><th scope="row">{score.labels[row]}</th>{cells}</tr>'
    return (
        f'<table class="confusion"><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody>'
        "</table>"
    )
