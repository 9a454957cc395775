"""How much has to be hidden before a network changes its mind: many covers, many amounts.

One clean face goes before every network under every occluder at every amount. Each covered picture
is drawn once, for all networks, and is the very one that the same occluder, amount and seed give
everywhere else. A network sees the clean face first, then the covered ones, `CHUNK` at a time.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ferstudio.errors import UsageError
from ferstudio.explain.perturbation import answered
from ferstudio.models import LoadedModel, prediction_from_logits
from ferstudio.occlusion.by_heat import heat_occluder
from ferstudio.occlusion.kinds import kind, need
from ferstudio.occlusion.occluder import Need, Occluded, Occluder
from ferstudio.studio.covers import Covers, fixed_occluder, method_named
from ferstudio.studio.gallery import Gallery
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.studio.sweep import Cell, Sweep
from ferstudio.types import FaceCrop, Prediction

STEPS = 8
"""So many amounts are tried, unless asked otherwise."""


def even_amounts(steps: int) -> tuple[float, ...]:
    """Return `steps` amounts in equal steps, the last one 1.

    Raises:
        UsageError: if there is no step.
    """
    if steps < 1:
        raise UsageError(f"A sweep needs at least one step, not {steps}.")
    return tuple(step / steps for step in range(1, steps + 1))


@dataclass(frozen=True, slots=True)
class RobustnessPlan:
    """What is to be laid over the face of a selection, and how much of it.

    Two plans are equal where a study of one is a study of the other: of the selection's own cover
    only seed and layers count, of its method only what places covers by heat.

    Attributes:
        selection: face, models in the order of the answer, seed and layers of all covers, and the
            method whose heat places some.
        occluders: names of covers (see `occlusion.kinds`), each once, in the order of the answer;
            those by heat come last.
        amounts: severities, rising, above 0, the last one 1.
    """

    selection: Selection
    occluders: tuple[str, ...]
    amounts: tuple[float, ...] = even_amounts(STEPS)

    def __post_init__(self) -> None:
        """Refuse what no curve can be drawn of, and leave out what can't change an answer."""
        steps = np.diff((0.0, *self.amounts))
        if not self.amounts or self.amounts[-1] != 1 or not (steps > 0).all():
            raise UsageError(f"The amounts must rise from above 0 to 1, not {self.amounts}.")
        names = tuple(sorted(dict.fromkeys(self.occluders), key=_by_heat))
        whole = self.selection
        layers = tuple(layer for layer in whole.cover.layers if layer.name in names)
        selection = Selection(
            crop=whole.crop,
            cover=Cover(seed=whole.cover.seed, layers=layers),
            models=whole.models,
            explainer=whole.explainer if any(map(_by_heat, names)) else NONE,
        )
        object.__setattr__(self, "occluders", names)
        object.__setattr__(self, "selection", selection)

    @property
    def crop(self) -> FaceCrop:
        """The clean, aligned face."""
        return self.selection.crop

    @property
    def models(self) -> tuple[str, ...]:
        """Names of weights, in the order of the answer."""
        return self.selection.models

    def cover(self, name: str, amount: float = 1.0) -> Cover:
        """Return so much of one of `occluders`."""
        return replace(self.selection.cover, name=name, amount=amount)

    def of(self, models: tuple[str, ...]) -> "RobustnessPlan":
        """Return the same plan for other models."""
        return replace(self, selection=replace(self.selection, models=models))


@dataclass(frozen=True, slots=True)
class Robustness:
    """What is known so far of a plan.

    Attributes:
        plan: what was asked.
        clean: per model its answer to the clean face; None where it isn't known.
        sweeps: models x occluders; None where not all amounts are answered.
        share_done: share of all answers that are known, in [0, 1].
        doing: what comes next, in words.
    """

    plan: RobustnessPlan
    clean: tuple[Prediction | None, ...]
    sweeps: tuple[tuple[Sweep | None, ...], ...]
    share_done: float
    doing: str

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self.share_done == 1

    def under(self, name: str) -> tuple[Sweep, ...]:
        """Return the known sweeps under the occluder called `name`, in the order of the models."""
        column = self.plan.occluders.index(name)
        return tuple(sweep for row in self.sweeps if (sweep := row[column]) is not None)

    def matrix(self, amounts: Mapping[str, float]) -> tuple[tuple[Cell | None, ...], ...]:
        """Return models x occluders, each at the tried amount next to its own; None where unknown.

        Args:
            amounts: in [0, 1], by occluder.
        """
        names = self.plan.occluders
        return tuple(
            tuple(
                None if sweep is None else sweep.at(amounts[name])
                for name, sweep in zip(names, row, strict=True)
            )
            for row in self.sweeps
        )


def robustness(
    plan: RobustnessPlan,
    load: Callable[[str], LoadedModel],
    covers: Covers | None = None,
) -> Generator[Robustness, None, None]:
    """Return what is known of a plan, more each time, the last one done.

    The first one comes at once. Stopping to iterate stops the work: no network is held between two
    of them.

    Args:
        plan: what is asked.
        load: gives a network by its name; called once for each, when its turn comes.
        covers: knows the heat that places covers; None makes it anew.

    Raises:
        UnknownNameError: if an occluder doesn't exist.
        UsageError: if no model or no occluder is asked.
    """
    for what, names in (("model", plan.models), ("occluder", plan.occluders)):
        if not names:
            raise UsageError(f"Choose at least one {what} to try.")
    for name in plan.occluders:
        kind(name)
    method_named(plan.selection.explainer)
    return _tried(plan, gallery(plan, fixed_things(plan)), load, covers or Covers(load))


def fixed_things(plan: RobustnessPlan) -> dict[str, Occluder]:
    """Return the covers of a plan that are the same for all networks, by name.

    Raises:
        UsageError: if one is a layer that the plan doesn't have.
    """
    return {n: fixed_occluder(plan.cover(n)) for n in plan.occluders if not _by_heat(n)}


def gallery(plan: RobustnessPlan, things: Mapping[str, Occluder], *, clean: bool = True) -> Gallery:
    """Return the pictures of a plan under `things`; `clean`: with the clean face first."""
    seed = plan.selection.cover.seed
    return Gallery(plan.crop, things, plan.amounts, seed=seed, clean=clean)


def _things_by_heat(plan: RobustnessPlan, covers: Covers, model: str) -> dict[str, Occluder]:
    """Return the covers of a plan that a network's own heat places, by name."""
    names = [name for name in plan.occluders if _by_heat(name)]
    if not names:
        return {}
    values = covers.heat(plan.selection, model)
    return {name: heat_occluder(name, values) for name in names}


def _tried(
    plan: RobustnessPlan,
    shared: Gallery,
    load: Callable[[str], LoadedModel],
    covers: Covers,
) -> Generator[Robustness, None, None]:
    count = len(plan.models)
    nobody: tuple[None, ...] = (None,) * count
    nothing = tuple((None,) * len(plan.occluders) for _ in nobody)
    found = Robustness(plan, nobody, nothing, 0.0, "")
    for row, name in enumerate(plan.models):
        yield replace(found, doing=f"Loading {name}")
        model = load(name)
        found = replace(found, doing=f"Asking {model.title}")
        yield found
        own = gallery(plan, _things_by_heat(plan, covers, name), clean=False)
        parts = [(each, part) for each in (shared, own) for part in range(each.parts)]
        logits: list[Tensor] = []
        for done, (pictures, part) in enumerate(parts, 1):
            logits.append(answered(model, [pictures.seen(part, model.card.input)]))
            drawn = shared.drawn() + own.drawn()
            clean, sweeps = _known(model, plan, drawn, torch.cat(logits))
            share_done = (row + done / len(parts)) / count
            found = replace(
                found,
                clean=(*found.clean[:row], clean, *found.clean[row + 1 :]),
                sweeps=(*found.sweeps[:row], sweeps, *found.sweeps[row + 1 :]),
                share_done=share_done,
                doing="Done" if share_done == 1 else found.doing,
            )
            yield found


def _known(
    model: LoadedModel,
    plan: RobustnessPlan,
    pictures: tuple[tuple[Occluded, ...], ...],
    logits: Tensor,
) -> tuple[Prediction, tuple[Sweep | None, ...]]:
    """Return the clean answer and the sweeps in the first (N, K) logits of a model."""
    clean = prediction_from_logits(logits[0], model.card.label_names)
    rows = logits[1:].softmax(dim=1).split(len(plan.amounts))  # (A, K) per occluder
    whole = [row.numpy() for row in rows if len(row) == len(plan.amounts)]
    sweeps = [
        Sweep(
            model=model.name,
            title=model.title,
            occluder=name,
            amounts=np.array(plan.amounts),
            shares=np.array([picture.share for picture in drawn]),
            probabilities=probabilities,
            clean=clean,
        )
        for name, drawn, probabilities in zip(plan.occluders, pictures, whole, strict=False)
    ]
    return clean, (*sweeps, *(None,) * (len(plan.occluders) - len(sweeps)))


def _by_heat(name: str) -> bool:
    """Return whether a network's own heatmap says where the cover called `name` lies."""
    return need(name) is Need.HEAT
