"""The Attention tab: what one network's own attention does with the face, and without it."""

from collections.abc import Iterator

import gradio as gr
from markupsafe import Markup

from ferstudio.keep.numbers import attention_rows
from ferstudio.plots.sheet import attention_sheet
from ferstudio.sentences.attention import attention_worth
from ferstudio.studio.works import Watch
from ferstudio.ui.address import Kept, kept_choice
from ferstudio.ui.dispatch import Question
from ferstudio.ui.events import CLICKS, Updates, told
from ferstudio.ui.keep.keeping import Keeping
from ferstudio.ui.messages import message
from ferstudio.ui.parts.choice import Choice, Option
from ferstudio.ui.parts.face_note import face_note
from ferstudio.ui.parts.model_picker import build_picker, choose
from ferstudio.ui.scripts import script
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.attention import words
from ferstudio.ui.tabs.attention.cards import ALL_BLOCKS, LookedAt, inside, inventory
from ferstudio.ui.words import CLEAN, COVERED


class AttentionTab:
    """The tab as it is laid out."""

    title = words.TAB
    asks_models = True

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out; it asks the sidebar's studio."""
        self._studio = sidebar.studio
        self.chosen, self.off = sidebar.choices.chosen, gr.State("")
        with gr.Row(elem_id="inside-choices", elem_classes="choices"):
            self.picker = build_picker(self.chosen, "inside-model")
            self.picture = Choice(
                [
                    Option("clean", CLEAN, words.CLEAN_TIP),
                    Option("covered", COVERED, words.COVERED_TIP),
                ],
                value="covered",
                label=words.PICTURE_LABEL,
                elem_id="inside-picture",
            )
        self.has = gr.HTML(elem_id="inventory")
        self.place = gr.HTML(message(words.LOADING), elem_id="inside", js_on_load=script("pick"))
        self.place.select(switched, self.off, self.off, **CLICKS)
        self.options = (self.chosen, self.picture, self.off)
        self.kept = {"picture": kept_choice(self.picture), "off": Kept(self.off, str)}
        self.outputs = (self.picker, self.has, self.place)

    def answer(self, question: Question) -> Iterator[Updates]:
        """Yield what the chosen network has, then what that does with the face."""
        values = question.values
        name, picker = self._choose(question)
        assert name is not None, "a model is ticked, or nobody asks"
        blocks = self._studio.attention_blocks(name)
        worth = attention_worth(self._studio.model(name).attention) if blocks else ""
        yield {self.picker: picker, self.has: inventory(blocks, worth)}
        known = {block.module for block in blocks} | {ALL_BLOCKS}
        off = values[self.off] if values[self.off] in known else ""
        looked_at = self._looked_at(name, question)
        yield {self.place: self._inside(name, looked_at, off, question.watch)}

    def keeping(self, question: Question) -> Keeping:
        """Return the sheet of all blocks, and what they weighed."""
        name, _ = self._choose(question)
        assert name is not None, "a model is ticked, or nobody asks"
        crop = self._looked_at(name, question).crop
        report = self._studio.attention(name, crop, question.watch)
        return Keeping(attention_sheet(report, crop.image), attention_rows(report))

    def _choose(self, question: Question) -> tuple[str | None, Markup]:
        """Return the network to look into, one that has attention unless another was picked."""
        chosen, ticked = question.values[self.chosen], question.selection.models
        if chosen not in ticked:
            chosen = next(filter(self._studio.attention_blocks, ticked), chosen)
        return choose(self._studio, chosen, ticked)

    def _looked_at(self, name: str, question: Question) -> LookedAt:
        """Return the face that is looked at; covered is None where nothing covers it."""
        selection, covered = question.selection, None
        if not selection.cover.bare:
            covered = question.values[self.picture] == "covered"
        crop = selection.crop
        if covered:
            crop = self._studio.cover(selection, name, question.watch).crop
        return LookedAt(crop, face_note(selection), covered)

    def _inside(self, name: str, looked_at: LookedAt, off: str, watch: Watch) -> Markup:
        report = self._studio.attention(name, looked_at.crop, watch)
        if not report.views:
            return inside(report, None, "", looked_at)
        blocks = None if off in ("", ALL_BLOCKS) else [off]
        without = self._studio.without_attention(name, looked_at.crop, blocks)
        return inside(report, without, off, looked_at)


def switched(off: str, event: gr.EventData) -> str:
    """Return what is off after a click: what was clicked, or nothing where that was off already."""
    clicked = told(event, "off", str) or ""
    return "" if clicked == off else clicked
