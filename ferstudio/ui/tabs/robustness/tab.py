"""The Robustness tab: all ticked models under many covers, and how far each holds."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import gradio as gr

from ferstudio.occlusion.kinds import need
from ferstudio.occlusion.occluder import Need
from ferstudio.occlusion.painted import Layer
from ferstudio.studio.robustness import Robustness, RobustnessPlan
from ferstudio.studio.selection import NONE
from ferstudio.studio.studio import Studio
from ferstudio.ui import theme
from ferstudio.ui import words as text
from ferstudio.ui.parts.choice import Choice, Option
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.parts.one_model import guarded, missing, nothing
from ferstudio.ui.selection import selection_of
from ferstudio.ui.sidebar import MODEL_EVENTS, QUIET, Sidebar
from ferstudio.ui.tabs.compare import cards
from ferstudio.ui.tabs.robustness import cards as robustness_cards
from ferstudio.ui.tabs.robustness import words as text_robustness

MIX = (
    "upper", "middle", "lower", "random", "sunglasses", "surgical-mask", "hand", "scarf", "hair",
    "blur", "darkness", "jpeg",
)  # fmt: skip
"""The covers that are tried at first: the papers' own, things of daily life, worse pictures."""

Update = tuple[Any, Any]
"""The study so far, kept for `redraw`, and the cards that show it."""


class RobustnessHandlers:
    """The tab's events."""

    def __init__(self, studio: Studio) -> None:
        """Ask `studio`."""
        self._studio = studio

    def run(self, tab: str, last: Robustness | None, *choices: Any) -> Iterator[Update]:
        """Yield a study as it grows.

        Nothing is done while another tab shows, and where `last` answers this already.

        Args:
            tab: title of the tab that is looked at.
            last: the study before.
            choices: kind of covers, and the sidebar's choices in the order of `selection_of`.
        """
        if tab != text_robustness.TAB:
            yield nothing(2)
            return
        yield from guarded(self._run(last, *choices), lambda words: (None, words))

    def _run(
        self,
        last: Robustness | None,
        kind: str,
        face: ChosenFace | None,
        models: list[str],
        *request: Any,
    ) -> Iterator[Update]:
        if face is None or not models:
            yield None, cards.message(missing(self._studio, face))
            return
        occluder, amount, _, _, layers = request
        columns = self._columns(kind, occluder, layers)
        asked = RobustnessPlan(selection_of(face, models, *request), columns)
        if last is not None and last.done and last.plan == asked:
            yield last, self._cards(last, occluder, amount)
            return
        for found in self._studio.robustness(asked):
            yield found, self._cards(found, occluder, amount)

    def redraw(self, last: Robustness | None, occluder: str, amount: float) -> Any:
        """Return the same study with another cover's curves, or at another amount."""
        return gr.skip() if last is None else self._cards(last, occluder, amount)

    def _cards(self, found: Robustness, occluder: str, amount: float) -> str:
        titles = {model.name: model.title for model in self._studio.models()}
        shown = [titles.get(name, name) for name in found.plan.models]
        film = partial(self._studio.film, found.plan)
        return robustness_cards.study(found, shown, occluder, amount, film)

    def _columns(self, kind: str, chosen: str, layers: tuple[Layer, ...]) -> tuple[str, ...]:
        """Return the covers of a kind, and the chosen one; layers where they are there."""
        known = self._studio.occluders()
        names = [each.name for each in known if (each.group == kind if kind else each.name in MIX)]
        if not kind:
            names.sort(key=MIX.index)
        here = {layer.name for layer in layers}
        names = [name for name in names if need(name) is not Need.LAYER or name in here] or names
        skipped = chosen in (NONE, *names) or (need(chosen) is Need.LAYER and chosen not in here)
        return tuple(names if skipped else [*names, chosen])


def opened(event: gr.EventData) -> tuple[str, float, str, str]:
    """Return what a clicked cell shows: cover, amount, and twice the tab that shows it large."""
    where = text.COMPARE_TAB
    return str(event._data["occluder"]), float(event._data["amount"]), where, where


def build_robustness(studio: Studio, sidebar: Sidebar) -> None:
    """Lay out the tab and wire it to the sidebar."""
    handlers = RobustnessHandlers(studio)
    last = gr.State(None)
    with gr.Row(elem_id="robust-choices", elem_classes="choices"):
        kind = Choice(
            [
                Option("", text_robustness.MIX, text_robustness.MIX_TIP),
                *(Option(name, title, "") for name, title in text.OCCLUDER_GROUPS.items()),
            ],
            value="",
            label=text_robustness.COLUMNS_LABEL,
            elem_id="robust-kind",
        )
        stop = gr.Button(text_robustness.CANCEL, size="sm", elem_id="robust-stop", min_width=0)
    found = gr.HTML(
        cards.message(text_robustness.LOADING), elem_id="robust", js_on_load=theme.robustness_js()
    )
    running = gr.on(
        [
            sidebar.tab.change,
            sidebar.face.change,
            sidebar.models.input,
            sidebar.seed.change,
            sidebar.layers.change,
            sidebar.explainer.input,
            kind.input,
            sidebar.ask.click,
        ],
        handlers.run,
        [sidebar.tab, last, kind, *sidebar.request],
        [last, found],
        show_progress="hidden",
        **MODEL_EVENTS,
    )
    stop.click(None, None, None, cancels=[running], api_visibility="private")
    gr.on(
        [sidebar.occluder.change, sidebar.amount.change],
        handlers.redraw,
        [last, sidebar.occluder, sidebar.amount],
        found,
        trigger_mode="always_last",
        **QUIET,
    )
    found.select(
        opened, None, [sidebar.occluder, sidebar.amount, sidebar.tab, sidebar.goto], **QUIET
    )
