"""The Benchmark tab: what the cards say of all networks, and the papers' own figures apart."""

from typing import Any

import gradio as gr

from ferstudio.charts import cost_chart
from ferstudio.studio.scores import scores
from ferstudio.studio.studio import Studio
from ferstudio.ui import words as text
from ferstudio.ui.messages import friendly
from ferstudio.ui.parts.one_model import build_picker, choose, nothing
from ferstudio.ui.sidebar import MODEL_EVENTS, QUIET, Sidebar
from ferstudio.ui.tabs.benchmark import cards as benchmark_cards
from ferstudio.ui.tabs.benchmark import words as text_benchmark
from ferstudio.ui.tabs.compare import cards

Update = tuple[Any, ...]
"""The tables, the chart, the picker and what is known of the picked network."""

_COUNT = 4


class BenchmarkHandlers:
    """The tab's events."""

    def __init__(self, studio: Studio) -> None:
        """Ask `studio`."""
        self._studio = studio

    def show(self, tab: str, chosen: str, seconds: dict[str, float]) -> Update:
        """Return what the cards say; nothing while another tab shows.

        Args:
            tab: title of the tab that is looked at.
            chosen: name of the weights picked last.
            seconds: time of a bare forward pass by weights, as far as it was measured.
        """
        if tab != text_benchmark.TAB:
            return nothing(_COUNT)
        try:
            found = {model.name: scores(model) for model in self._studio.models()}
            name, row = choose(self._studio, chosen, list(found))
            if name is None:
                return (cards.message(text.NO_WEIGHTS), None, "", "")
            all_scores = list(found.values())
            return (
                benchmark_cards.tables(all_scores, seconds, name),
                cost_chart(all_scores, seconds),
                row,
                benchmark_cards.detail(found[name]),
            )
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            return (cards.message(friendly(error)), *nothing(_COUNT - 1))

    def time(self, progress: gr.Progress = gr.Progress()) -> dict[str, float]:  # noqa: B008
        """Return the seconds of a bare forward pass of every network, by weights."""
        names = [model.name for model in self._studio.models()]
        seconds = {}
        for done, name in enumerate(names):
            progress(done / len(names), desc=name)
            seconds[name] = self._studio.forward_seconds(name)
        return seconds


def build_benchmark(studio: Studio, sidebar: Sidebar) -> None:
    """Lay out the tab and wire it."""
    handlers = BenchmarkHandlers(studio)
    seconds = gr.State({})
    measured = gr.HTML(elem_id="bench-measured")
    time = gr.Button(text_benchmark.TIME_BUTTON, size="sm", elem_id="bench-time")
    with gr.Row(elem_id="bench-cost"):
        chart = gr.Plot(show_label=False, elem_id="bench-chart")
    picker = build_picker(sidebar.chosen, "bench-model")
    detail = gr.HTML(elem_id="bench-detail")
    gr.HTML(benchmark_cards.reported(), elem_id="bench-reported")
    gr.on(
        [sidebar.tab.change, sidebar.chosen.change, seconds.change],
        handlers.show,
        [sidebar.tab, sidebar.chosen, seconds],
        [measured, chart, picker, detail],
        **QUIET,
    )
    time.click(handlers.time, None, seconds, show_progress_on=measured, **MODEL_EVENTS)
