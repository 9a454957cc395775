"""The page's address keeps what is chosen, so that Reload, Back, Forward and a link show it again.

The photograph, what was painted and what was found are never part of it: a link to a photograph
means the visitor's own, as long as the visit lasts, and elsewhere the first sample.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from ferstudio.ui import lesson_strip
from ferstudio.ui.events import CLICKS, Updates, Values, told
from ferstudio.ui.parts.amounts import Amounts, amount_group
from ferstudio.ui.parts.choice import Choice
from ferstudio.ui.scripts import script
from ferstudio.ui.selection import MOST_SEED, within
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.templates import render

OWN_FACE = "own"
"""Stands for a visitor's photograph."""

BETWEEN = ","
"""Stands between the names of several models."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Something chosen that the address keeps.

    Attributes:
        component: holds it.
        read: returns what a text of the address sets it to; raises ValueError where it can't be.
        write: returns a value as such a text.
    """

    component: Component
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


def kept_choice(choice: Choice) -> Kept:
    """Keep which option is chosen."""
    return Kept(choice, one_of(choice.known))


def kept_menu(menu: gr.Dropdown) -> Kept:
    """Keep which entry of a menu is chosen, whose entries stay the same."""
    return Kept(menu, one_of([value for _, value in menu.choices]))


def one_of(known: Collection[Any]) -> Callable[[str], str]:
    """Return a function that takes one of some texts and no other."""

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return read


def names(text: str) -> tuple[str, ...]:
    """Return the names in a text of the address."""
    return tuple(filter(None, text.split(BETWEEN)))


class Address:
    """What the address says, and what it sets."""

    def __init__(self, sidebar: Sidebar, tabs: Mapping[str, Mapping[str, Kept]]) -> None:
        """Lay out what `address.js` reads, and wire what it raises.

        Args:
            sidebar: what is chosen for all tabs.
            tabs: what is kept of each tab's own options, by the tab's title and short names.
        """
        self._choices = sidebar.choices
        self._kept = {**self._of_the_sidebar(sidebar, list(tabs)), **_of_tabs(tabs)}
        self._first = {name: each.component.value for name, each in self._kept.items()}
        self.place = gr.HTML("", elem_id="address", js_on_load=script("address"))
        outputs = [each.component for each in self._kept.values()]
        self.place.select(
            self.restore,
            self._choices.photo,
            [*outputs, self._choices.goto, self._choices.amounts],
            **CLICKS,
        ).then(None, None, None, js=script("changed"), api_visibility="private")

    @property
    def components(self) -> Sequence[Component]:
        """All that it keeps."""
        return [each.component for each in self._kept.values()]

    def written(self, values: Values) -> str:
        """Return the address of the choices, without its question mark: what isn't as at first."""
        texts = {
            name: each.write(values[each.component])
            for name, each in self._kept.items()
            if values[each.component] != self._first[name]
        }
        return urlencode(texts, safe=f"{BETWEEN}/+:")

    def shown(self, values: Values, change: int) -> Markup:
        """Return for `address.js` the address of the choices after a change, as HTML."""
        return render("address.html", query=self.written(values), change=change)

    def restore(self, photo: object, event: gr.EventData) -> Updates:
        """Return what the address in view sets; what it doesn't say, or can't, is as at first."""
        texts = dict(parse_qsl(told(event, "query", str) or "", keep_blank_values=True))
        updates: Updates = {
            each.component: self._read(name, texts.get(name)) for name, each in self._kept.items()
        }
        choices = self._choices
        if updates[choices.samples] == "" and photo is None:
            updates[choices.samples] = self._first["face"]
        cover = updates[choices.occluder]
        updates[choices.amounts] = replace(Amounts(), group=amount_group(cover))
        updates[choices.goto] = updates[choices.view]
        return updates

    def _read(self, name: str, text: str | None) -> Any:
        """Return what a text sets one choice to, the first value where that can't be."""
        try:
            return self._first[name] if text is None else self._kept[name].read(text)
        except ValueError:
            return self._first[name]

    def _of_the_sidebar(self, sidebar: Sidebar, titles: Sequence[str]) -> dict[str, Kept]:
        choices = sidebar.choices
        names = [value for _, value in choices.models.choices]
        return {
            "tab": Kept(choices.view, one_of(titles)),
            "face": Kept(
                choices.samples,
                lambda text: "" if text == OWN_FACE else one_of(choices.samples.known)(text),
                lambda sample: sample or OWN_FACE,
            ),
            "cover": kept_choice(choices.occluder),
            "amount": Kept(choices.amount, _amount, lambda amount: f"{amount:g}"),
            "seed": Kept(choices.seed, _seed, lambda seed: str(within(seed))),
            "models": Kept(
                choices.models,
                lambda text: [name for name in text.split(BETWEEN) if name in names],
                BETWEEN.join,
            ),
            "heat": kept_menu(choices.explainer),
            "scale": kept_choice(choices.scale),
            "model": Kept(choices.chosen, one_of(["", *names])),
            "lesson": Kept(choices.lesson, lesson_strip.kept),
        }


def _of_tabs(tabs: Mapping[str, Mapping[str, Kept]]) -> dict[str, Kept]:
    return {
        f"{title.split()[0].lower()}.{name}": each
        for title, kept in tabs.items()
        for name, each in kept.items()
    }


def _amount(text: str) -> float:
    amount = float(text)
    if not 0 <= amount <= 1:
        raise ValueError(text)
    return amount


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > len(str(MOST_SEED)):
        raise ValueError(text)
    return int(text)
