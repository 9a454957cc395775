"""The Feature space tab: two networks' maps of faces, and one face's way through them."""

from html import escape
from typing import Any

import gradio as gr

from ferstudio.charts import feature_chart
from ferstudio.errors import WeightsError
from ferstudio.sentences.features import feature_verdict
from ferstudio.studio.feature_space import KINDS, FeatureSpace
from ferstudio.studio.selection import Selection
from ferstudio.studio.studio import Studio
from ferstudio.ui.messages import friendly
from ferstudio.ui.parts.choice import Choice, Option
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.parts.one_model import build_picker, choose, missing, nothing
from ferstudio.ui.selection import selection_of
from ferstudio.ui.sidebar import MODEL_EVENTS, Sidebar
from ferstudio.ui.tabs.compare import cards
from ferstudio.ui.tabs.features import words as text_features

Update = tuple[Any, ...]
"""The headline; picker, notes and map of the left side; the same of the right side."""

_COUNT = 7


class FeatureHandlers:
    """The tab's events."""

    def __init__(self, studio: Studio) -> None:
        """Ask `studio`."""
        self._studio = studio

    def look(self, tab: str, *choices: Any) -> Update:
        """Return both maps with the face in them; nothing while another tab shows.

        Args:
            tab: title of the tab that is looked at.
            choices: names picked for the left and the right map, the projection, and the sidebar's
                choices in the order of `selection_of`.
        """
        if tab != text_features.TAB:
            return nothing(_COUNT)
        try:
            return self._look(*choices)
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            return (cards.message(friendly(error)), *nothing(_COUNT - 1))

    def _look(
        self, left: str, right: str, kind: str, face: ChosenFace | None, *request: Any
    ) -> Update:
        ticked = request[0]
        first, row = choose(self._studio, left, ticked)
        if face is None or first is None:
            return (cards.message(missing(self._studio, face)), *nothing(_COUNT - 1))
        second, other_row = choose(self._studio, right, [name for name in ticked if name != first])
        asked = selection_of(face, *request)
        found = [self._space(name, asked, kind) for name in (first, second)]
        sides = [
            (picker, *_shown(space)) for picker, space in zip((row, other_row), found, strict=True)
        ]
        spaces = [space for space in found if isinstance(space, FeatureSpace)]
        return (headline(spaces), *sides[0], *sides[1])

    def _space(self, name: str | None, asked: Selection, kind: str) -> FeatureSpace | str | None:
        """Return a model's map, or a sentence where it has none."""
        if name is None:
            return None
        try:
            return self._studio.feature_space(name, asked, kind)
        except WeightsError as error:
            return friendly(error)


def _shown(space: FeatureSpace | str | None) -> tuple[str, Any]:
    """Return a side's notes and map."""
    if space is None:
        return "", None
    if isinstance(space, str):
        return cards.message(space), None
    return notes(space), feature_chart(space)


def headline(spaces: list[FeatureSpace]) -> str:
    """Return the sentence above the maps, "" where there are none."""
    if not spaces:
        return ""
    said = feature_verdict(spaces)
    return (
        f'<header class="verdict"><h1>{escape(said.lead)} <em>{escape(said.outcome)}</em></h1>'
        f'</header><p class="what">{text_features.NOTE}</p>'
    )


def notes(space: FeatureSpace) -> str:
    """Return a map's numbers."""
    numbers = (
        (f"{space.silhouette:.2f}", text_features.SILHOUETTE, text_features.SILHOUETTE_TIP),
        (f"{space.purity:.2f}", text_features.PURITY, text_features.PURITY_TIP),
        ("", text_features.faces(len(space.places)), text_features.FACES_TIP),
    )
    items = "".join(
        f'<span title="{escape(tip)}"><b>{number}</b> {words}</span>'
        for number, words, tip in numbers
    )
    return f'<p class="numbers">{items}</p>'


def build_feature_space(studio: Studio, sidebar: Sidebar) -> None:
    """Lay out the tab and wire it to the sidebar."""
    handlers = FeatureHandlers(studio)
    second = gr.State("")
    with gr.Row(elem_id="space-choices", elem_classes="choices"):
        said = gr.HTML(cards.message(text_features.LOADING), elem_id="space-said")
        kind = Choice(
            [
                Option(name, text_features.KINDS[name], text_features.KIND_TIPS[name])
                for name in KINDS
            ],
            value=KINDS[0],
            label=text_features.KIND_LABEL,
            elem_id="space-kind",
        )
    outputs: list[Any] = [said]
    with gr.Row(elem_id="spaces"):
        for side, state in (("left", sidebar.chosen), ("right", second)):
            with gr.Column(min_width=0, elem_classes="space"):
                outputs.append(build_picker(state, f"space-{side}"))
                outputs.append(gr.HTML(elem_classes="space-notes"))
                outputs.append(gr.Plot(show_label=False, elem_id=f"space-map-{side}"))
    gr.on(
        [
            sidebar.tab.change,
            sidebar.chosen.change,
            second.change,
            kind.input,
            *sidebar.changes,
        ],
        handlers.look,
        [sidebar.tab, sidebar.chosen, second, kind, *sidebar.request],
        outputs,
        show_progress="hidden",
        **MODEL_EVENTS,
    )
