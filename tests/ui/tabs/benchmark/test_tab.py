"""The Benchmark tab shows what cards say, and the papers' figures apart from it."""

import re
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from ferstudio.charts import CLEAN_KEY, COVERED_KEY
from ferstudio.occlusion.bars import MASKS
from ferstudio.reported import REPORTED
from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.results import ModelSummary
from ferstudio.studio.scores import scores as scores_of
from ferstudio.ui.tabs.benchmark import words
from ferstudio.ui.tabs.benchmark.cards import detail, reported, tables
from ferstudio.ui.tabs.benchmark.tab import BenchmarkTab
from tests.studio.test_scores import row, summary
from tests.ui.fake_studio import FakeStudio
from tests.ui.laid_out import answers, laid_out, selection

COVERED = [row(name, 0.8) for name in MASKS]


def named(name: str, *metrics: dict[str, Any]) -> ModelSummary:
    return replace(summary(*metrics), name=name, title=f"<{name}>")


MODELS = (named("a.x", row(accuracy=0.7)), named("b.y", row(), *COVERED), named("c.z"))


class MeasuredStudio(FakeStudio):
    """Has three networks, one of which was never measured."""

    def models(self) -> tuple[ModelSummary, ...]:
        return MODELS

    def forward_seconds(self, model: str) -> float:
        return 0.012 if model == "a.x" else 0.034


def test_the_best_stands_first_with_interval_drop_size_and_time() -> None:
    html = tables([scores_of(each) for each in MODELS], {"b.y": 0.034}, "a.x")
    body = html.partition("<tbody>")[2]
    assert re.findall(r'title="(\w\.\w)"', body) == ["b.y", "a.x"]
    first, second = body.split("</tr>")[:2]
    assert "<b>90.0</b> <small>(80.0–95.0)</small>" in first
    assert "−10.0" in first
    assert "34 ms" in first
    assert words.NOT_TIMED in second
    assert "2.0 MB" in second
    assert "chosen" in second
    assert "chosen" not in first
    assert "&lt;b.y&gt;" in first


def test_what_attention_is_worth_has_a_column_where_it_was_measured() -> None:
    measured = replace(MODELS[1], attention={"n": 9, "worth": -0.0123, "ci95": [-0.02, 0.0]})
    html = tables([scores_of(each) for each in (MODELS[0], measured)], {}, "")
    assert f">{words.WORTH}</th>" in html and "<td>−1.2</td>" in html
    rows = html.partition("<tbody>")[2].split("</tr>")[:2]
    assert {row.count("<td>") for row in rows} == {html.count("</th>") - 3}
    assert f">{words.WORTH}</th>" not in tables([scores_of(MODELS[0])], {}, "")


def test_raised_emotions_are_told_where_recall_is_shown() -> None:
    raised = replace(MODELS[1], recipe={"balance": {"tau": 0.7}})
    html = tables([scores_of(each) for each in (MODELS[0], raised)], {}, "")
    assert html.count("‡</sup>") == 1 and html.count("‡ ") == 1
    assert "‡" not in tables([scores_of(each) for each in MODELS[:2]], {}, "")


def test_protocols_that_differ_are_different_tables() -> None:
    other = named("d.w", row(protocol="another", n=7))
    html = tables([scores_of(each) for each in (*MODELS, other)], {}, "")
    assert html.count("<thead>") == 2
    assert words.protocol("another", 7) in html


def test_one_network_shows_emotions_and_confusions_in_the_common_order() -> None:
    html = detail(scores_of(MODELS[1]))
    emotions, _, confusion = html.partition(words.CONFUSION_HEADING)
    names = re.findall(r'scope="row">(\w+)', emotions)
    assert names == ["neutral", "happiness", "sadness", "anger", "disgust", "fear", "contempt"]
    assert f"<td>{short_percent(0.75)}</td>" in emotions
    assert '<td class="right" style="--s:75%" title="neutral taken for neutral: 6 of 8 faces">' in (
        confusion
    )
    assert 'title="neutral taken for happiness: 2 of 8 faces">25</td>' in confusion
    assert words.NOT_MEASURED in detail(scores_of(MODELS[2]))


def test_reported_figures_stand_apart() -> None:
    html = reported()
    assert html.count("<tr>") == 1 + len(REPORTED)
    assert "None is measured here" in html
    for item in REPORTED:
        assert f"{item.value:.2f}" in html
    assert "90.83" not in tables([scores_of(each) for each in MODELS], {}, "")


def test_the_tab_shows_all_networks_ticked_or_not() -> None:
    tab = laid_out(BenchmarkTab, MeasuredStudio())
    (shown,) = answers(tab, selection(models=()), chosen="b.y")
    assert 'title="b.y"' in shown[tab.place]
    chart = shown[tab.chart]
    assert isinstance(chart, go.Figure)
    assert chart.layout.xaxis.title.text == "megabytes on disk"
    assert [trace.name for trace in chart.data[:2]] == [CLEAN_KEY, COVERED_KEY]
    assert [tuple(trace.y) for trace in chart.data[2:]] == [(70.0,), (90.0, 80.0)]
    assert re.findall(r'data-model="([^"]+)"', shown[tab.picker]) == ["a.x", "b.y", "c.z"]
    assert "&lt;b.y&gt;" in shown[tab.detail]


def test_timing_turns_the_chart_to_milliseconds() -> None:
    tab, told = laid_out(BenchmarkTab, MeasuredStudio()), []

    def progress(share: float, desc: str) -> None:
        told.append(desc)

    first, *_, seconds = tab.time(progress)  # type: ignore[arg-type]
    assert first == {"a.x": 0.012}
    assert seconds == {"a.x": 0.012, "b.y": 0.034, "c.z": 0.034}
    assert told == [words.timing(f"<{name}>") for name in seconds]
    (shown,) = answers(tab, seconds=seconds)
    chart = shown[tab.chart]
    assert chart.layout.xaxis.title.text == "milliseconds a picture"
    assert [trace.x[0] for trace in chart.data[2:]] == [12.0, 34.0]
