"""What the browser says of an event is taken only where it is of the right kind."""

from typing import Any

import gradio as gr
import pytest

from ferstudio.ui.events import told


@pytest.mark.parametrize(
    ("data", "kind", "value"),
    [
        ({"key": "text"}, str, "text"),
        ({"key": 3}, int, 3),
        ({"key": 3}, float, 3.0),
        ({"key": 0.5}, float, 0.5),
        ({"key": 3}, str, None),
        ({"key": None}, str, None),
        ({"other": "text"}, str, None),
        ({}, str, None),
        (None, str, None),
    ],
)
def test_only_the_right_kind_is_taken(data: Any, kind: type, value: object) -> None:
    found = told(gr.EventData(None, data), "key", kind)
    assert found == value
    assert type(found) is type(value)
