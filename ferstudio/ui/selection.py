"""What is chosen once for all tabs: the sidebar's components, and the `Selection` they make."""

from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from ferstudio.studio.selection import Cover, Selection
from ferstudio.ui.events import Values
from ferstudio.ui.parts.choice import Choice
from ferstudio.ui.parts.faces import Faces

MOST_SEED = 999_999_999
"""What the page's address has room for."""


def within(seed: float | None) -> int:
    """Return the seed that a number on the page stands for: none below 0, or beyond the most."""
    return min(max(0, int(seed or 0)), MOST_SEED)


@dataclass(frozen=True, slots=True)
class Choices:
    """The components that a question is made of, and what the page remembers beside them.

    Attributes:
        view: title of the tab that is looked at.
        samples: emotion of the sample face, "" while a photograph is looked at.
        photo: the visitor's `Photo`, or None.
        occluder: name of the occluder, or "none".
        amount: severity in [0, 1].
        seed: seed of everything random.
        layers: what was painted or brought.
        models: names of the ticked weights.
        explainer: name of the heatmap method, or "none".
        scale: "one" or "own".
        chosen: name of the weights that the tabs about one model show, "" before the first pick.
        goto: title of the tab that a tab wants shown, "" where none is wanted.
        amounts: the `Amounts` so far.
        lesson: where the visitor is in a lesson (see `ui.lesson_strip`), "" for nowhere.
    """

    view: gr.State
    samples: Choice
    photo: gr.State
    occluder: Choice
    amount: gr.Slider
    seed: gr.Number
    layers: gr.State
    models: gr.CheckboxGroup
    explainer: gr.Dropdown
    scale: Choice
    chosen: gr.State
    goto: gr.State
    amounts: gr.State
    lesson: gr.State

    @property
    def asked(self) -> Sequence[Component]:
        """Everything whose change changes the question, whatever tab is looked at."""
        face, cover = (self.samples, self.photo), (self.occluder, self.amount, self.seed)
        return (self.view, *face, *cover, self.layers, self.models, self.explainer, self.scale)

    def cover(self, values: Values) -> Cover:
        """Return what lies over the face."""
        seed = within(values[self.seed])
        name, amount = values[self.occluder], values[self.amount]
        return Cover(name, float(amount), seed, tuple(values[self.layers]))

    def selection(self, faces: Faces, values: Values) -> Selection:
        """Return what the studio is asked."""
        sample, photo = values[self.samples], values[self.photo]
        return Selection(
            crop=faces.crop(sample, photo),
            cover=self.cover(values),
            models=tuple(values[self.models]),
            explainer=values[self.explainer],
            one_scale=values[self.scale] == "one",
            label=sample,
        )
