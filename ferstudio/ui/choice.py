"""A row of chips or thumbnails of which one is chosen: compact, with tooltips and by keyboard."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

_ON_LOAD = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-value]');
  if (!button || button.dataset.value === props.value) return;
  const chosen = button.dataset.value;
  props.value = chosen;
  trigger('input');
  requestAnimationFrame(() => {
    for (const other of element.querySelectorAll('button[data-value]'))
      if (other.dataset.value === chosen) other.focus({preventScroll: true});
  });
});
"""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose.

    Attributes:
        value: what the page's handlers get.
        title: the name people read; the alternative text of a thumbnail.
        tip: the tooltip.
        image: a `data:` address for a thumbnail, or None for a chip.
    """

    value: str
    title: str
    tip: str
    image: str | None = None


class Choice(gr.HTML):
    """A single choice among options; its value is the chosen option's value, "" for none."""

    def __init__(
        self, options: Sequence[Option], *, value: str, label: str, **settings: Any
    ) -> None:
        """Lay out the `options` with `value` chosen; `label` names the group for screen readers."""
        super().__init__(
            value,
            html_template=choice_template(options, label),
            js_on_load=_ON_LOAD,
            **settings,
        )


def choice_template(options: Sequence[Option], label: str) -> str:
    """Return the group's template: HTML in which `${...}` marks the chosen option."""
    buttons = "".join(_button(option) for option in options)
    return f'<div class="choice" role="group" aria-label="{_literal(label)}">{buttons}</div>'


def _button(option: Option) -> str:
    value, title, tip = (_literal(part) for part in (option.value, option.title, option.tip))
    inner = title if option.image is None else f'<img src="{option.image}" alt="{title}">'
    kind = "chip" if option.image is None else "thumb"
    pressed = f"${{value === '{value}'}}"
    return (
        f'<button type="button" class="{kind}" data-value="{value}" title="{tip}" '
        f'aria-pressed="{pressed}">{inner}</button>'
    )


def _literal(words: str) -> str:
    """Return `words` as HTML that no template syntax touches."""
    escaped = html.escape(words)
    for character in "`$\\{}":
        escaped = escaped.replace(character, f"&#{ord(character)};")
    return escaped
