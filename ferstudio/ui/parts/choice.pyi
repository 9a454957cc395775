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

_ON_LOAD_GROUPED = (
    _ON_LOAD
    + """
let group, value;
const show = () => {
  const options = [...element.querySelectorAll('button[data-of]')];
  if (value !== props.value) {
    value = props.value;
    const own = options.find((one) => one.dataset.value === value)?.dataset.of;
    group = own || group || element.querySelector('button[data-group]').dataset.group;
  }
  const set = (one, name, text) => {
    if (one.getAttribute(name) === text) return;
    if (text === null) one.removeAttribute(name); else one.setAttribute(name, text);
  };
  for (const one of options) set(one, 'hidden', ['', group].includes(one.dataset.of) ? null : '');
  for (const one of element.querySelectorAll('button[data-group]'))
    set(one, 'aria-pressed', String(one.dataset.group === group));
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-group]');
  if (!button) return;
  group = button.dataset.group;
  show();
});
new MutationObserver(show).observe(element, {
  attributes: true, attributeFilter: ['hidden', 'aria-pressed'], childList: true, subtree: true,
});
show();
"""
)
"""With each new value Gradio takes away the attributes that the template doesn't have, so what is
hidden is hidden again after that; nothing is set that is so already, or it would go on for ever."""


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

from gradio.events import Dependency

class Choice(gr.HTML):
    """A single choice among options; its value is the chosen option's value, "" for none."""

    def __init__(
        self, options: Sequence[Option], *, value: str, label: str, **settings: Any
    ) -> None:
        """Lay out the `options` with `value` chosen; `label` names the group for screen readers."""
        grouped = any(option.group for option in options)
        super().__init__(
            value,
            html_template=choice_template(options, label),
            js_on_load=_ON_LOAD_GROUPED if grouped else _ON_LOAD,
            **settings,
        )
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


def choice_template(options: Sequence[Option], label: str) -> str:
    """Return the group's template: HTML in which `${...}` marks the chosen option."""
    buttons = "".join(_button(option) for option in options)
    named = f'role="group" aria-label="{_literal(label)}"'
    groups = dict.fromkeys(option.group for option in options if option.group)
    if not groups:
        return f'<div class="choice" {named}>{buttons}</div>'
    heads = "".join(
        f'<button type="button" data-group="{_literal(name)}">{_literal(name)}</button>'
        for name in groups
    )
    return (
        f'<div {named}><div class="groups">{heads}</div><div class="choice">{buttons}</div></div>'
    )


def _button(option: Option) -> str:
    value, title, tip = (_literal(part) for part in (option.value, option.title, option.tip))
    inner = title if option.image is None else f'<img src="{option.image}" alt="{title}">'
    kind = "chip" if option.image is None else "thumb"
    pressed = f"${{value === '{value}'}}"
    return (
        f'<button type="button" class="{kind}" data-value="{value}" title="{tip}" '
        f'data-of="{_literal(option.group)}" aria-pressed="{pressed}">{inner}</button>'
    )


def _literal(words: str) -> str:
    """Return `words` as HTML that no template syntax touches."""
    escaped = html.escape(words)
    for character in "`$\\{}":
        escaped = escaped.replace(character, f"&#{ord(character)};")
    return escaped