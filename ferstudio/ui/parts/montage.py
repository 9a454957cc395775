"""A montage on the page: all ticked networks on the sample faces, or on several pictures."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import gradio as gr
from markupsafe import Markup

from ferstudio.errors import ImageError
from ferstudio.explain.overlay import colour_bar
from ferstudio.plots.montage import legend_words, montage_plot, scale_ends
from ferstudio.sentences.sentence import percent
from ferstudio.studio.montage import ATTENTION, HEAT, MAX_FACES, Montage, MontagePlan
from ferstudio.studio.selection import NONE
from ferstudio.types import FaceCrop
from ferstudio.ui import words
from ferstudio.ui.events import QUIET, Updates, Values
from ferstudio.ui.messages import friendly, message
from ferstudio.ui.parts.data_uri import FIGURE_MEDIA, figure_address
from ferstudio.ui.parts.wanted import NotWantedError, Wanted, growing_on
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.templates import render
from ferstudio.ui.uploads import taken

SIDE_PX = 160
"""Of the pictures, more than is shown, so that they stay sharp when enlarged."""

BAR_PX = (120, 10)
"""Width and height of the scale."""


class MontageMaker:
    """The row of buttons, and the montage below it."""

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out; it asks the sidebar's studio about the sidebar's models."""
        self._studio, self._choices, self._mode = sidebar.studio, sidebar.choices, sidebar.mode
        with gr.Row(elem_id="montage-choices", elem_classes="choices"):
            samples = gr.Button(words.MONTAGE_SAMPLES, size="sm", min_width=0)
            self.files = None
            if not self._mode.kiosk:
                self.files = gr.UploadButton(
                    words.MONTAGE_PICTURES, size="sm", min_width=0, file_count="multiple"
                )
            self.attention = gr.Checkbox(
                label=words.MONTAGE_ATTENTION, container=False, min_width=0
            )
            stop = gr.Button(words.STOP, size="sm", min_width=0, elem_id="montage-stop")
        self.place = gr.HTML(elem_id="montage")
        self.wanted = gr.State(Wanted())
        shared: set[Any] = {
            self.wanted,
            self._choices.models,
            self._choices.explainer,
            self.attention,
        }
        samples.click(self.of_samples, shared, self.place, **growing_on(self.place))
        if self.files is not None:
            asked = {*shared, self.files}
            self.files.upload(self.of_pictures, asked, self.place, **growing_on(self.place))
        stop.click(self.stop, self.wanted, None, **QUIET)

    def of_samples(
        self,
        values: Values,
        progress: gr.Progress = gr.Progress(),  # noqa: B008  Gradio finds it by its default
    ) -> Iterator[Updates]:
        """Yield the montage of the sample faces as it grows."""
        names = self._studio.samples()
        faces = tuple(self._studio.sample(name) for name in names)
        yield from self._made(values, faces, names, progress)

    def of_pictures(
        self,
        values: Values,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[Updates]:
        """Yield the montage of the largest faces of uploaded pictures; nothing of them is kept."""
        faces, names, unread = list[FaceCrop](), list[str](), list[str]()
        uploaded = values[self.files] if self.files is not None else None
        with ExitStack() as stack:  # all are removed, whatever becomes of one
            files = [stack.enter_context(taken(path)) for path in uploaded or ()]
            for number, file in enumerate(files[:MAX_FACES], start=1):
                try:
                    search = self._studio.find_faces_in(file)
                except ImageError:
                    unread.append(str(number))
                    continue
                face = search.faces[0] if search.faces else None
                faces.append(self._studio.crop(search.image, face))
                names.append(str(number))
        if not faces:
            yield {self.place: message(words.MONTAGE_NO_PICTURE)}
            return
        left_out = words.montage_left_out(unread)
        yield from self._made(values, tuple(faces), tuple(names), progress, left_out)

    def stop(self, wanted: Wanted) -> None:
        """End what is worked on."""
        wanted.stop()

    def _made(
        self,
        values: Values,
        faces: tuple[FaceCrop, ...],
        names: tuple[str, ...],
        progress: gr.Progress,
        left_out: str = "",
    ) -> Iterator[Updates]:
        wanted, method = values[self.wanted], values[self._choices.explainer]
        watch, models = wanted.begun(progress), self._mode.asked(values[self._choices.models])
        if not models:
            yield {self.place: message(words.NO_MODEL_CHOSEN)}
            return
        shows = ATTENTION if values[self.attention] or method == NONE else HEAT
        method = "grad-cam" if method == NONE else method
        plan = MontagePlan(models, faces, names, shows, method)
        found = Montage(plan, ())
        yield {self.place: montage_card(found, left_out=left_out)}
        try:
            for found in self._studio.montage(plan, watch):
                yield {self.place: montage_card(found, left_out=left_out)}
        except NotWantedError:
            rest = montage_card(found, stopped=True, left_out=left_out)
            yield {self.place: rest if wanted.stopped else gr.skip()}
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            yield {self.place: message(friendly(error))}


def montage_card(found: Montage, *, stopped: bool = False, left_out: str = "") -> Markup:
    """Return a montage with its files to save, once it is done.

    Args:
        found: as far as it got.
        stopped: whether it grows no further; nothing is left where it has no row yet.
        left_out: which pictures aren't in it, a sentence.
    """
    if stopped and not found.rows:
        return Markup()
    files = []
    if found.done:
        figure = montage_plot(found)
        files = [(kind, figure_address(figure, kind)) for kind in FIGURE_MEDIA]
    grid = montage_grid(found) if found.rows else words.MONTAGE_BEGINS
    growing = not (found.done or stopped)
    return render(
        "parts/montage_card.html",
        words=words,
        grid=grid,
        files=files,
        growing=growing,
        left_out=left_out,
    )


def montage_grid(found: Montage) -> Markup:
    """Return a montage as HTML."""
    rows = [
        {
            "title": row.title,
            "cells": [
                {
                    "picture": found.picture(row, cell),
                    "answer": cell.prediction.top,
                    "share": percent(cell.prediction.confidence),
                    "wrong": name in cell.prediction.labels and cell.prediction.top != name,
                }
                for cell, name in zip(row.cells, found.plan.names, strict=True)
            ],
        }
        for row in found.rows
    ]
    heads = list(zip(found.plan.names, [face.image for face in found.plan.faces], strict=True))
    return render(
        "parts/montage.html",
        heads=heads,
        rows=rows,
        legend=legend_words(found),
        scale=colour_bar(*BAR_PX),
        ends=scale_ends(found),
        side_px=SIDE_PX,
    )
