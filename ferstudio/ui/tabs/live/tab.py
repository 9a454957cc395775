"""The Live tab: the camera's newest frame, answered by two networks; never a queue of frames."""

from html import escape

import gradio as gr

from ferstudio.faces.pictures import read_picture
from ferstudio.occlusion.painted import Layer
from ferstudio.studio.live import MODELS_LIVE
from ferstudio.studio.selection import Cover
from ferstudio.studio.studio import Studio
from ferstudio.ui import theme
from ferstudio.ui.messages import friendly
from ferstudio.ui.parts.data_uri import picture_bytes
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.live import cards as live_cards
from ferstudio.ui.tabs.live import words as text_live


class LiveHandlers:
    """The tab's events."""

    def __init__(self, studio: Studio) -> None:
        """Ask `studio`."""
        self._studio = studio

    def answer(
        self,
        models: list[str],
        occluder: str,
        amount: float,
        seed: float | None,
        explainer: str,
        layers: tuple[Layer, ...],
        event: gr.EventData,
    ) -> str:
        """Return what the networks make of the frame that the browser sent."""
        number = int(event._data.get("number", 0))
        cover = Cover(occluder, amount, int(seed or 0), layers)
        try:
            picture = read_picture(picture_bytes(str(event._data.get("frame"))))
            asked = models[:MODELS_LIVE]
            frame = self._studio.live(picture, asked, cover=cover, explainer=explainer)
            return live_cards.seen(frame, number)
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            return live_cards.failed(friendly(error), number)


def build_live(studio: Studio, sidebar: Sidebar) -> None:
    """Lay out the tab and wire it to the camera."""
    handlers = LiveHandlers(studio)
    camera = gr.HTML(_camera(), elem_id="live-camera", js_on_load=theme.live_js())
    shown = gr.HTML(f'<p class="what">{text_live.NOTHING_YET}</p>', elem_id="live-seen")
    _, *choices = sidebar.request
    camera.select(
        handlers.answer,
        choices,
        shown,
        api_visibility="private",
        show_progress="hidden",
        concurrency_id="models",
        concurrency_limit=1,
    )


def _camera() -> str:
    return (
        f'<div class="live-bar"><button type="button" class="chip" data-live="start" '
        f'title="{escape(text_live.START_TIP)}" data-start="{text_live.START}" '
        f'data-stop="{text_live.STOP}" data-blocked="{escape(text_live.BLOCKED)}">'
        f'{text_live.START}</button><p class="what">{text_live.PRIVACY}</p></div>'
        "<video muted playsinline hidden></video>"
    )
