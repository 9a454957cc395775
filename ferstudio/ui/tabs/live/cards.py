"""An answered camera frame as HTML. Pure functions."""

from html import escape

from ferstudio.explain.overlay import draw_overlay, shared_scale
from ferstudio.labels import EMOTION_COLOURS
from ferstudio.studio.live import LiveFrame, LiveRow
from ferstudio.ui import words as text
from ferstudio.ui.parts.bars import paired_bars, percent
from ferstudio.ui.parts.data_uri import data_uri
from ferstudio.ui.tabs.live import words as text_live

FACE_SIDE_PX = 192


def seen(frame: LiveFrame, number: int) -> str:
    """Return a frame with its boxes and the answers to it.

    Args:
        frame: what the studio made of it.
        number: the browser's count of the frame, by which it knows that it is answered.
    """
    height, width = frame.picture.shape[:2]
    boxes = "".join(
        f'<i class="{"box first" if index == 0 else "box"}" style="left:{100 * left / width:.2f}%;'
        f"top:{100 * top / height:.2f}%;width:{100 * (right - left) / width:.2f}%;"
        f'height:{100 * (bottom - top) / height:.2f}%"></i>'
        for index, (left, top, right, bottom) in enumerate(frame.boxes_xyxy_px)
    )
    answers = "".join(_row(row) for row in frame.rows)
    if not frame.rows:
        answers = f'<p class="message">{text_live.NO_FACE}</p>'
    spent = text_live.spent(1000 * frame.elapsed_s)
    return (
        f'<section class="live" data-frame="{number}"><figure class="scene">'
        f'<img src="{data_uri(frame.picture)}" alt="{text_live.SEEN_ALT}">{boxes}</figure>'
        f'<div class="answers">{answers}<p class="rate"><output '
        f'title="{text_live.RATE_TIP}"></output><span title="{text_live.SPENT_TIP}">{spent}</span>'
        f"</p></div></section>"
    )


def failed(words: str, number: int) -> str:
    """Return a sentence in the place of an answer to frame `number`."""
    return (
        f'<section class="live" data-frame="{number}"><p class="message" role="alert">'
        f"{escape(words)}</p></section>"
    )


def _row(row: LiveRow) -> str:
    view, answer = row.view, row.view.prediction
    picture = view.seen
    if view.heatmap is not None:
        picture = draw_overlay(view.seen, view.heatmap, shared_scale([view.heatmap]))
    share = percent(answer.confidence)
    tip = text.answer_tip(text.CLEAN.lower(), answer.top, share)
    colour = EMOTION_COLOURS.get(answer.top, "currentColor")
    return (
        f'<article class="card"><img src="{data_uri(picture, FACE_SIDE_PX)}" '
        f'alt="{escape(text.seen_alt(row.title, "live", view.heatmap is not None))}"><div>'
        f'<h2>{escape(row.title)} <span class="emotion" style="--c:{colour}" '
        f'title="{escape(tip)}">{escape(answer.top)} <b>{share}</b></span></h2>'
        f"{paired_bars(row.title, answer, None)}</div></article>"
    )
