"""What a lesson is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.studio.works import Watch

PAPERS_NETWORKS = tuple(
    f"{model}.ferplus" for model in ("csinet", "acsinet", "psa_resnet50", "agfer", "vgg16_gcca")
)
"""A network of each paper."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a step puts on the page.

    Attributes:
        tab: title of the tab in view.
        face: emotion of the sample face.
        cover: name of what covers it, or "none".
        amount: of the cover, in [0, 1].
        seed: of everything random.
        models: names of weights.
        explainer: name of the heatmap method, or "none".
        options: of the tabs themselves, by the names that the page's address has for them.
    """

    tab: str
    face: str
    cover: str = NONE
    amount: float = 1.0
    seed: int = 7
    models: tuple[str, ...] = PAPERS_NETWORKS
    explainer: str = "grad-cam"
    options: Mapping[str, str] = field(default_factory=dict)

    def selection(self, studio: Studio) -> Selection:
        """Return what the studio is asked: those of the models that it has, where it has any.

        Raises:
            UnknownNameError: if there is no such sample face.
        """
        there = {model.name for model in studio.models()}
        return Selection(
            crop=studio.sample(self.face),
            cover=Cover(self.cover, self.amount, self.seed),
            models=tuple(name for name in self.models if name in there) or self.models,
            explainer=self.explainer,
            label=self.face,
        )


@dataclass(frozen=True, slots=True)
class Reveal:
    """What the networks really do in a step.

    Attributes:
        sentence: the same in words.
        holds: whether it is what the step claims.
        answers: each network's answer, by its title; empty where the step is about something else.
    """

    sentence: str
    holds: bool
    answers: Mapping[str, str] = field(default_factory=dict)


Claim = Callable[[Studio, Setting, Watch], Reveal]
"""Asks the networks what a step is about; raises `FerStudioError` where they can't be asked."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a lesson.

    Attributes:
        question: what the class is asked.
        setting: what the step puts on the page.
        look: what to look at, or to do, on the page.
        claim: asks the networks; its sentence is the reveal.
        take_home: the sentence that remains.
        guess: whether the covered face is shown large and alone until the class has guessed.
        card: class of the tab's card that it is about, which a projector shows first.
        later: class of the part of the tab that answers a later step's question; this one hides it.
    """

    question: str
    setting: Setting
    look: str
    claim: Claim
    take_home: str
    guess: bool = False
    card: str = ""
    later: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A guided lesson.

    Attributes:
        name: its key in the page's address.
        title: what people read.
        about: in one sentence what a class learns.
        minutes: that it takes in class.
        steps: five to eight.
    """

    name: str
    title: str
    about: str
    minutes: int
    steps: tuple[Step, ...]
