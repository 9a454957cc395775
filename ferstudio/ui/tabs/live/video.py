"""A video on the page: answered frame by frame, its curves growing, and a film of it to keep."""

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ferstudio.keep.numbers import csv_text
from ferstudio.keep.video import VideoFilm, video_rows
from ferstudio.labels import EMOTION_COLOURS
from ferstudio.plots.frame import apart
from ferstudio.plots.video_curve import probability_curves, video_figure
from ferstudio.sentences.video import video_verdict
from ferstudio.studio.live import LiveQuestion
from ferstudio.studio.video import VideoAnswers, VideoPlan
from ferstudio.studio.works import Watch
from ferstudio.ui import words as shared
from ferstudio.ui.events import QUIET, Updates, Values
from ferstudio.ui.messages import friendly, message
from ferstudio.ui.parts.data_uri import FIGURE_MEDIA, address_of, figure_address
from ferstudio.ui.parts.wanted import NotWantedError, Wanted, growing_on
from ferstudio.ui.scripts import script
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.live import words
from ferstudio.ui.templates import render
from ferstudio.ui.uploads import MAX_UPLOAD_MB, given_names, taken

SHOWN_EVERY_S = 1.0
"""How often a growing curve is drawn anew."""

END_STEP = 0.16
"""Least distance of two names beside a curve, as a share of its height."""


class VideoMaker:
    """The button for a video, Stop, and the answers below them."""

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out; `wire` says what is asked about a video's frames."""
        self._studio = sidebar.studio
        with gr.Row(elem_id="video-choices", elem_classes="choices"):
            self.file = gr.UploadButton(words.VIDEO, size="sm", min_width=0, elem_id="video-file")
            stop = gr.Button(shared.STOP, size="sm", min_width=0, elem_id="video-stop")
            limits = render("live/video_limits.html", words=words, limit_mb=MAX_UPLOAD_MB)
            gr.HTML(limits, js_on_load=script("video"))
        self.standing = gr.HTML(elem_id="video-standing")  # so that nothing lies over the curves
        self.place = gr.HTML(elem_id="video-seen")
        self.wanted = gr.State(Wanted())
        stop.click(self.stop, self.wanted, None, **QUIET)

    def wire(self, answer: Any, inputs: set[Any]) -> None:
        """Have an upload answered by a tab's listener, which is given `inputs`, too."""
        asked = {self.file, self.wanted, *inputs}
        self.file.upload(answer, asked, self.place, **growing_on(self.standing))

    def stop(self, wanted: Wanted) -> None:
        """End what is worked on."""
        wanted.stop()

    def answered(
        self, values: Values, question: LiveQuestion, progress: gr.Progress
    ) -> Iterator[Updates]:
        """Yield what networks say about the uploaded video as it grows; nothing of it is kept."""
        wanted = values[self.wanted]
        watch, found, film = wanted.begun(progress), None, None
        with taken(values[self.file]) as file:
            if not question.models:
                yield {self.place: message(shared.NO_MODEL_CHOSEN)}
                return
            try:
                plan = VideoPlan(question)
                yield {self.place: render("live/video_begins.html", words=words)}
                target = io.BytesIO()
                film = VideoFilm(plan, target)
                for found in self._grown(file, plan, film, watch):
                    yield {self.place: video_card(found, newest=film.newest)}
                film.close()
                assert found is not None
                yield {self.place: video_card(found, film=target.getvalue())}
            except NotWantedError:
                if not wanted.stopped:
                    yield {self.place: gr.skip()}
                elif found is None or film is None:
                    yield {self.place: Markup()}
                else:
                    yield {self.place: video_card(found, newest=film.newest, stopped=True)}
            except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
                yield {self.place: message(friendly(error))}

    def _grown(
        self, file: Path, plan: VideoPlan, film: VideoFilm, watch: Watch
    ) -> Iterator[VideoAnswers]:
        """Yield what is known now and then, and in the end."""
        shown_s = 0.0
        for found in self._studio.video(file, plan, film.record, watch):
            if found.done or time.monotonic() - shown_s > SHOWN_EVERY_S:
                shown_s = time.monotonic()
                yield found


def video_card(
    found: VideoAnswers,
    *,
    newest: NDArray[np.uint8] | None = None,
    film: bytes = b"",
    stopped: bool = False,
) -> Markup:
    """Return what is known of a video as HTML.

    Args:
        found: as far as it got.
        newest: its newest frame with the answers, (H, W, 3) uint8 RGB, while there is no film.
        film: the MP4 of it, once it is done.
        stopped: whether it grows no further.
    """
    return render(
        "live/video_card.html",
        words=words,
        colours=EMOTION_COLOURS,
        said=video_verdict(found),
        newest=newest,
        film=address_of(film, "video/mp4") if film else "",
        files=_files(found) if film else [],
        stem=Path(given_names(found.info.name)).stem,
        end_s=f"{found.info.duration_s:.1f}",
        dashed=not found.plan.question.cover.bare,
        curves=[_curve(found, name) for name in found.plan.question.models],
        growing=not (film or stopped),
    )


def _files(found: VideoAnswers) -> list[tuple[str, str]]:
    """Return what can be saved beside the film: ending and `data:` address of each."""
    figure = video_figure(found)
    drawn = [(kind, figure_address(figure, kind)) for kind in FIGURE_MEDIA]
    return [*drawn, ("csv", address_of(csv_text(video_rows(found)).encode(), "text/csv"))]


def _curve(found: VideoAnswers, model: str) -> dict[str, Any]:
    answers = found.of(model)
    times = [moment.time_s / max(found.info.duration_s, 0.1) for moment in found.moments]
    curves = probability_curves(answers)
    ends = [float(clean[np.isfinite(clean)][-1]) for clean, _ in curves.values()]
    return {
        "title": found.titles[model],
        "lines": [
            {"emotion": emotion, "clean": _lines(times, clean), "covered": _lines(times, covered)}
            for emotion, (clean, covered) in curves.items()
        ],
        "names": list(zip(curves, apart(ends, END_STEP, top=1.0), strict=True)),
    }


def _lines(times: list[float], curve: NDArray[np.float64]) -> str:
    """Return an SVG path over a square of side 100, broken where nothing is known."""
    path, pen = [], "M"
    for across, high in zip(times, curve, strict=True):
        if np.isfinite(high):
            path.append(f"{pen}{100 * across:.1f} {100 - 100 * high:.1f}")
        pen = "L" if np.isfinite(high) else "M"
    return "".join(path)
