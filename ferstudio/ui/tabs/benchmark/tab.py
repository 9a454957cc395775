"""The Benchmark tab: what the cards say of all networks, and the papers' own figures apart."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from ferstudio.charts import cost_chart
from ferstudio.errors import DataError
from ferstudio.keep.numbers import score_rows
from ferstudio.plots.accuracies import accuracy_figure
from ferstudio.studio.scores import scores
from ferstudio.study.findings import read_findings
from ferstudio.ui import words as shared
from ferstudio.ui.address import Kept
from ferstudio.ui.dispatch import Question
from ferstudio.ui.events import QUIET, WAITING, Updates
from ferstudio.ui.keep.keeping import Keeping
from ferstudio.ui.messages import friendly, message, warning
from ferstudio.ui.parts.model_picker import build_picker, choose
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.benchmark import words
from ferstudio.ui.tabs.benchmark.cards import detail, reported, tables
from ferstudio.ui.tabs.benchmark.study import MOST_BYTES, study_table
from ferstudio.ui.uploads import taken


class BenchmarkTab:
    """The tab as it is laid out."""

    title = words.TAB
    asks_models = False

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out; it asks the sidebar's studio."""
        self._studio = sidebar.studio
        self.chosen, self.seconds = sidebar.choices.chosen, gr.State({})
        self.place = gr.HTML(elem_id="bench-measured")
        with gr.Row(elem_id="bench-timed"):
            time = gr.Button(words.TIME_BUTTON, size="sm", elem_id="bench-time", min_width=0)
            timing = gr.HTML(words.TIME_NOTE, elem_id="bench-timing")
        with gr.Row(elem_id="bench-cost"):
            self.chart = gr.Plot(show_label=False, elem_id="bench-chart")
        if not sidebar.mode.kiosk:
            _study_button()
        self.picker = build_picker(self.chosen, "bench-model")
        self.detail = gr.HTML(elem_id="bench-detail")
        gr.HTML(reported(), elem_id="bench-reported")
        self.options = (self.chosen, self.seconds)
        self.kept: dict[str, Kept] = {}
        self.outputs = (self.place, self.chart, self.picker, self.detail)
        time.click(
            self.time,
            None,
            self.seconds,
            show_progress_on=timing,
            api_visibility="private",
            **WAITING,
        )

    def answer(self, question: Question) -> Iterator[Updates]:
        """Yield what the cards say."""
        seconds = question.values[self.seconds]
        found = {model.name: scores(model) for model in self._studio.models()}
        name, row = choose(self._studio, question.values[self.chosen], list(found))
        if name is None:
            yield {self.place: message(shared.NO_WEIGHTS)}
            return
        all_scores = list(found.values())
        yield {
            self.place: tables(all_scores, seconds, name),
            self.chart: cost_chart(all_scores, seconds),
            self.picker: row,
            self.detail: detail(found[name]),
        }

    def keeping(self, question: Question) -> Keeping:  # noqa: ARG002  the cards are the same
        """Return accuracies with their intervals, and all that cards measured."""
        found = [scores(model) for model in self._studio.models()]
        return Keeping(accuracy_figure(found), score_rows(found))

    def time(self, progress: gr.Progress = gr.Progress()) -> Iterator[dict[str, float]]:  # noqa: B008
        """Yield the seconds of a bare forward pass by weights, of one network more each time."""
        models = self._studio.models()
        seconds: dict[str, float] = {}
        for done, model in enumerate(models):
            progress(done / len(models), desc=words.timing(model.title))
            seconds = {**seconds, model.name: self._studio.forward_seconds(model.name)}
            yield seconds


def _study_button() -> None:
    """Lay out what opens a study that was made from the shell, and where it is shown."""
    with gr.Row(elem_id="bench-open"):
        chosen = gr.UploadButton(
            words.STUDY_BUTTON, size="sm", elem_id="bench-study", file_types=[".json"], min_width=0
        )
        note = gr.HTML(words.STUDY_NOTE, elem_id="bench-study-note")
    study = gr.HTML(elem_id="bench-study-found")
    chosen.upload(opened, chosen, [study, note], **QUIET)


def opened(path: str | None) -> tuple[Any, str]:
    """Return the table of a study's file, and what there is to say; what stands there may stay."""
    if path is None:
        return gr.skip(), words.STUDY_NOTE
    try:
        with taken(path) as file:
            if file.stat().st_size > MOST_BYTES:
                raise DataError(words.STUDY_LARGE)
            return study_table(read_findings(file.read_bytes())), words.STUDY_NOTE
    except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
        return gr.skip(), warning(friendly(error))
