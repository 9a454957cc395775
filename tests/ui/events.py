"""What Gradio tells a handler about a click, made up."""

from types import SimpleNamespace
from typing import Any


def event(**data: Any) -> Any:
    """Return an event whose data are also its attributes, as Gradio's are."""
    return SimpleNamespace(_data=data, **data)
