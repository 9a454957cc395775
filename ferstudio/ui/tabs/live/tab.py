"""The Live tab: the camera's newest frame, answered by two networks; never a queue of frames."""

from collections.abc import Iterator

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from ferstudio.faces.pictures import read_picture
from ferstudio.studio.live import MODELS_LIVE
from ferstudio.ui.address import Kept
from ferstudio.ui.dispatch import Question
from ferstudio.ui.events import CLICKS, WAITING, Updates, Values, told
from ferstudio.ui.messages import friendly
from ferstudio.ui.parts.data_uri import picture_bytes
from ferstudio.ui.scripts import script
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.live import words
from ferstudio.ui.tabs.live.cards import camera, failed, nothing_yet, seen


class LiveTab:
    """The tab as it is laid out; the camera asks for itself, frame by frame."""

    title = words.TAB
    asks_models = False

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out and wire it to the camera; it asks the sidebar's studio."""
        self._studio = sidebar.studio
        self._choices = sidebar.choices
        self.camera = gr.HTML(camera(), elem_id="live-camera", js_on_load=script("camera", "live"))
        self.place = gr.HTML(nothing_yet(), elem_id="live-seen")
        self.options: tuple[Component, ...] = ()
        self.kept: dict[str, Kept] = {}
        self.outputs = (self.place,)
        settings = {**CLICKS, **WAITING}
        self.camera.select(self.frame, set(self._choices.asked), self.place, **settings)

    def answer(self, question: Question) -> Iterator[Updates]:  # noqa: ARG002  as all tabs do
        """Yield nothing: the next frame is answered as it is chosen then."""
        yield from ()

    def frame(self, values: Values, event: gr.EventData) -> Markup:
        """Return what the networks make of the frame that the browser sent."""
        choices, number = self._choices, told(event, "number", int) or 0
        try:
            picture = read_picture(picture_bytes(told(event, "frame", str) or ""))
            answered = self._studio.live(
                picture,
                values[choices.models][:MODELS_LIVE],
                cover=choices.cover(values),
                explainer=values[choices.explainer],
            )
            return seen(answered, number)
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            return failed(friendly(error), number)
