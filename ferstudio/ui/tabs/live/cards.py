"""The camera and an answered frame of it, as HTML. Pure functions."""

from typing import Any

from markupsafe import Markup

from ferstudio.explain.overlay import draw_overlay, shared_scale
from ferstudio.labels import EMOTION_COLOURS
from ferstudio.sentences.explain import no_map_sentence
from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.live import LiveFrame, LiveRow
from ferstudio.studio.results import View
from ferstudio.ui import words as shared
from ferstudio.ui.parts.bars import paired_bars
from ferstudio.ui.tabs.live import words
from ferstudio.ui.templates import render

FACE_SIDE_PX = 192


def camera() -> Markup:
    """Return the camera's buttons and picture; `live.js` makes them work."""
    return render("live/camera.html", words=words, shared=shared)


def nothing_yet() -> Markup:
    """Return what stands in the place of an answer before the first one."""
    return render("live/nothing_yet.html", words=words)


def seen(frame: LiveFrame, number: int) -> Markup:
    """Return a frame with its boxes and the answers to it.

    Args:
        frame: what the studio made of it.
        number: the browser's count of the frame, by which it knows that it is answered.
    """
    height, width = frame.picture.shape[:2]
    boxes = [
        (left / width, top / height, right / width, bottom / height)
        for left, top, right, bottom in (face.box_xyxy_px for face in frame.track.faces)
    ]
    return render(
        "live/seen.html",
        words=words,
        colours=EMOTION_COLOURS,
        side_px=FACE_SIDE_PX,
        frame=frame,
        number=number,
        boxes=boxes,
        rows=[_row(row) for row in frame.rows],
        too_slow=words.too_slow(frame.too_slow) if frame.too_slow else "",
    )


def failed(sentence: str, number: int) -> Markup:
    """Return a sentence in the place of an answer to frame `number`."""
    return render("live/failed.html", sentence=sentence, number=number)


def _row(row: LiveRow) -> dict[str, Any]:
    clean, covered = row.clean.prediction, row.covered.prediction if row.covered else None
    views = [(shared.CLEAN.lower(), row.clean), (shared.COVERED.lower(), row.covered)]
    return {
        "title": row.title,
        "flipped": covered is not None and covered.top != clean.top,
        "faces": [_face(row.title, when, view) for when, view in views if view is not None],
        "bars": paired_bars(row.title, clean, covered),
        "no_map": no_map_sentence(row.title, row.no_map) if row.no_map else "",
    }


def _face(title: str, when: str, view: View) -> dict[str, Any]:
    picture, answer = view.seen, view.prediction
    if view.heatmap is not None:
        picture = draw_overlay(view.seen, view.heatmap, shared_scale([view.heatmap]))
    return {
        "when": when,
        "picture": picture,
        "alt": shared.seen_alt(title, f"{when}, live", view.heatmap is not None),
        "answer": answer,
        "tip": shared.answer_tip(when, answer.top, short_percent(answer.confidence)),
    }
