"""A study's JSON, opened on the page."""

import re
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from ferstudio.study.findings import Findings
from ferstudio.ui.tabs.benchmark import words
from ferstudio.ui.tabs.benchmark.study import study_table
from ferstudio.ui.tabs.benchmark.tab import opened
from tests.study.test_findings import counted, found


def named(first: Findings) -> Findings:
    """Return findings whose networks are those of their rows."""
    names = dict.fromkeys(row.model for row in first.rows)
    models = (replace(first.models[0], name=name, title=f"<{name}>") for name in names)
    return replace(first, models=tuple(models))


def labelled() -> Findings:
    return named(found(counted(("anger", "fear", "neutral"))))


def test_accuracies_where_faces_are_labelled() -> None:
    html = study_table(labelled())
    assert words.study(3, "set", True) in html
    assert re.findall(r"<b>([\d.]+)</b>", html) == ["100.0", "50.0", "100.0", "50.0"]
    assert "50\N{NO-BREAK SPACE}% of 2" in html
    assert html.count("<th ") == 4 + 2


def test_changed_answers_where_they_are_not() -> None:
    html = study_table(named(found(counted(("", "", ""), by_label=False))))
    assert re.findall(r"<b>([\d.]+)</b>", html) == ["33.3", "66.7"]
    assert "&lt;a.one&gt;" in html


def test_networks_that_differ_are_named() -> None:
    first = labelled()
    row = replace(first.between[0], only_first=1, only_second=19, n=400, p_holm=0.00004)
    said = words.differ(row, {"a.one": "A", "b.two": "B"})
    assert said == (
        "B is right more often than A on the clean face: 19 to 1 of 400 faces, p = 4e-05 "
        "(McNemar, Holm)."
    )


def test_a_file_is_opened_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    whole = labelled()
    file = tmp_path / "a" / "study.json"
    file.parent.mkdir()
    file.write_bytes(whole.content())
    html, note = opened(str(file))
    assert (html, note) == (study_table(whole), words.STUDY_NOTE)
    assert not file.exists()


def test_another_file_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "study.json"
    file.write_text("{}")
    kept, note = opened(str(file))
    assert kept == gr.skip() and "no JSON of python -m ferstudio study" in note
    monkeypatch.setattr("ferstudio.ui.tabs.benchmark.tab.MOST_BYTES", 1)
    file.write_text("{}")
    assert "This file is larger" in opened(str(file))[1]
