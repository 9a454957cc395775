"""A row of chips or thumbnails of which one is chosen: compact, with tooltips and by keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from markupsafe import Markup, escape

from ferstudio.ui.scripts import script
from ferstudio.ui.templates import render


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose.

    Attributes:
        value: what the page's handlers get.
        title: the name people read; the alternative text of a thumbnail.
        tip: the tooltip.
        image: a `data:` address for a thumbnail, or None for a chip.
        group: name of the group that it is shown with; "" for one that is always there.
    """

    value: str
    title: str
    tip: str
    image: str | None = None
    group: str = ""


class Choice(gr.HTML):
    """A single choice among options; its value is the chosen option's value, "" for none.

    Attributes:
        known: the values of all options, in order.
    """

    def __init__(
        self, options: Sequence[Option], *, value: str, label: str, **settings: Any
    ) -> None:
        """Lay out the `options` with `value` chosen; `label` names the group for screen readers."""
        self.known = tuple(option.value for option in options)
        grouped = any(option.group for option in options)
        super().__init__(
            value,
            html_template=choice_template(options, label),
            js_on_load=script("choice", *(["choice_groups"] if grouped else [])),
            **settings,
        )


def choice_template(options: Sequence[Option], label: str) -> str:
    """Return the group's template: HTML in which `${...}` marks the chosen option."""
    shown = [
        replace(
            option,
            value=_literal(option.value),
            title=_literal(option.title),
            tip=_literal(option.tip),
            group=_literal(option.group),
        )
        for option in options
    ]
    groups = list(dict.fromkeys(option.group for option in shown if option.group))
    return render("parts/choice.html", options=shown, groups=groups, label=_literal(label))


def _literal(words: str) -> Markup:
    """Return `words` as HTML that no template syntax of the browser touches."""
    escaped = str(escape(words))
    for character in "`$\\{}":
        escaped = escaped.replace(character, f"&#{ord(character)};")
    return Markup(escaped)  # noqa: S704  escaped above
