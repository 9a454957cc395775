"""The Live tab: the camera's newest frame, answered by networks; never a queue of frames."""

from collections.abc import Iterator

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from ferstudio.faces.pictures import read_picture
from ferstudio.faces.tracking import Track
from ferstudio.studio.live import MODELS_LIVE, LiveQuestion
from ferstudio.ui.address import kept_choice
from ferstudio.ui.dispatch import Question
from ferstudio.ui.events import CLICKS, WAITING, Updates, Values, told
from ferstudio.ui.messages import friendly
from ferstudio.ui.parts.choice import Choice, Option
from ferstudio.ui.parts.data_uri import picture_bytes
from ferstudio.ui.scripts import script
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.live import words
from ferstudio.ui.tabs.live.cards import camera, failed, nothing_yet, seen
from ferstudio.ui.tabs.live.video import VideoMaker

FIRST_COUNT = next(iter(words.MODELS))
"""The choice of two models."""


class LiveTab:
    """The tab as it is laid out; the camera asks for itself, frame by frame."""

    title = words.TAB
    asks_models = False

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out and wire it to the camera; it asks the sidebar's studio."""
        self._studio, self._mode = sidebar.studio, sidebar.mode
        self._choices = sidebar.choices
        with gr.Row(elem_id="live-choices", elem_classes="choices"):
            self.camera = gr.HTML(
                camera(), elem_id="live-camera", js_on_load=script("camera", "live")
            )
            self.count = Choice(
                [
                    Option(each, words.MODELS[each], words.MODELS_TIPS[each])
                    for each in words.MODELS
                ],
                value=FIRST_COUNT,
                label=words.MODELS_LABEL,
                elem_id="live-models",
            )
        self.place = gr.HTML(nothing_yet(), elem_id="live-seen")
        self.video = VideoMaker(sidebar)
        self.track: gr.State = gr.State(None)
        self.options: tuple[Component, ...] = (self.count,)
        self.kept = {"models": kept_choice(self.count)}
        self.outputs = (self.place,)
        self.camera.select(
            self.frame,
            {*self._choices.asked, self.count, self.track},
            [self.place, self.track],
            **{**CLICKS, **WAITING},
        )
        self.video.wire(self.film, {*self._choices.asked, self.count})

    def answer(self, question: Question) -> Iterator[Updates]:  # noqa: ARG002  as all tabs do
        """Yield nothing: the next frame, or the frozen one once more, is answered as is chosen."""
        yield from ()

    def frame(self, values: Values, event: gr.EventData) -> tuple[Markup, Track | None]:
        """Return what the networks make of the frame that the browser sent, and its faces' places.

        Where the faces of the frame before were is all that is kept.
        """
        number = told(event, "number", int) or 0
        try:
            picture = read_picture(picture_bytes(told(event, "frame", str) or ""))
            answered = self._studio.live(picture, self._question(values), values[self.track])
            return seen(answered, number), answered.track
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            return failed(friendly(error), number), None

    def film(
        self,
        values: Values,
        progress: gr.Progress = gr.Progress(),  # noqa: B008  Gradio finds it by its default
    ) -> Iterator[Updates]:
        """Yield what the networks say about the uploaded video, as it grows."""
        yield from self.video.answered(values, self._question(values), progress)

    def _question(self, values: Values) -> LiveQuestion:
        choices = self._choices
        most = MODELS_LIVE if values[self.count] == FIRST_COUNT else None
        return LiveQuestion(
            self._mode.asked(values[choices.models])[:most],
            choices.cover(values),
            values[choices.explainer],
        )
