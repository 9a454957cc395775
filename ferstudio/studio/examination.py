"""One network's answer to one face, examined: what it hangs on, and whether its heatmap is true."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ferstudio.explain.cam import AtLayer, Cam, usual_layer
from ferstudio.explain.explainer import Explainer, Heatmap
from ferstudio.explain.faithfulness import AgainstRandom, PartFocus, against_random, focus
from ferstudio.explain.leakage import heat_kept, leakage_where_heat
from ferstudio.explain.randomisation import RandomisedStage, randomisation_check
from ferstudio.explain.sensitivity import PartSensitivity, part_sensitivity
from ferstudio.explain.similarity import MapSimilarity, difference, similarity
from ferstudio.models import LoadedModel
from ferstudio.occlusion.occluder import Occluded
from ferstudio.pauses import part
from ferstudio.preprocess import as_seen, to_pixels
from ferstudio.studio.covers import method_named, no_map
from ferstudio.studio.map_truth import MapTruth, map_truth
from ferstudio.studio.results import NoMap, Progress, silent
from ferstudio.studio.selection import Selection
from ferstudio.types import FaceCrop, Prediction

MOST_PASSES = 32
"""Where one map takes more passes, the maps of randomised networks aren't made."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a map changed when the face was covered.

    Attributes:
        seen: (size, size, 3) uint8 RGB, the covered face as the network was given it.
        prediction: the answer to it.
        heatmap: the map on it, of the same emotion as on the clean face.
        similarity: of both maps, on one scale.
        difference: (S, S) in [-1, 1]: above 0 where heat came, below 0 where it went.
        leakage_share: share of the heat that lies on the cover, in [0, 1]; None without heat.
        heat_kept: heat of the covered face over that of the clean one; None without heat on that.
    """

    seen: NDArray[np.uint8]
    prediction: Prediction
    heatmap: Heatmap
    similarity: MapSimilarity
    difference: NDArray[np.float32]
    leakage_share: float | None
    heat_kept: float | None


@dataclass(frozen=True, slots=True)
class CoveredParts:
    """What hiding each part of the covered face does.

    Attributes:
        seen: (size, size, 3) uint8 RGB, the covered face as the network was given it.
        parts: of the answer to it, or of the emotion that is explained.
    """

    seen: NDArray[np.uint8]
    parts: PartSensitivity


@dataclass(frozen=True, slots=True)
class Examination:
    """What is known of one network's answer to one face so far.

    Attributes:
        name: name of the weights.
        title: the network's title.
        method: title of the heatmap method; "" where none was asked for or it has no map.
        seen: (size, size, 3) uint8 RGB, the clean face as the network was given it.
        parts: what hiding each part of the clean face does.
        heatmap: where the network looked on the clean face; None without a method.
        change: what the cover did to the map; None without a cover or a map.
        focus: how the map is spread over parts of the face; () without a map.
        truth: what the card says of such maps; None where it wasn't measured.
        curves: insertion and deletion of this map and a random one; None until they are known, and
            where the map is empty.
        stages: what is left of the map in randomised networks; () until it is known, where the map
            is empty, and where making it is slow.
        covered: what hiding each part of the covered face does; None without a cover.
        no_map: why there is no map though one was asked for; None elsewhere.
        done: whether nothing more will come.
    """

    name: str
    title: str
    method: str
    seen: NDArray[np.uint8]
    parts: PartSensitivity
    heatmap: Heatmap | None = None
    change: Change | None = None
    focus: tuple[PartFocus, ...] = ()
    truth: MapTruth | None = None
    curves: AgainstRandom | None = None
    stages: tuple[RandomisedStage, ...] = ()
    covered: CoveredParts | None = None
    no_map: NoMap | None = None
    done: bool = False

    @property
    def prediction(self) -> Prediction:
        """The answer to the clean face."""
        return self.parts.prediction


def examine(
    model: LoadedModel,
    selection: Selection,
    occluded: Occluded,
    *,
    unfolded: Callable[[], LoadedModel] | None = None,
    progress: Progress = silent,
) -> Generator[Examination, None, None]:
    """Yield what is known of the answer of `model` to a face, more each time, the last one done.

    Args:
        model: the network.
        selection: the face, the method and its layer, and the emotion that is explained everywhere;
            the seed of its cover is that of the random map and of the randomised weights, too.
        occluded: the face under its cover.
        unfolded: returns the same network with all its layers, where `model` has folded ones: to
            them, not to what they were folded into, the check with random weights applies.
        progress: told what is done.

    Raises:
        UnknownNameError: if there is no such method, or the network doesn't know the emotion.
    """
    hidden = None if selection.cover.bare else occluded
    return _examined(model, selection, hidden, unfolded or (lambda: model), progress)


def _method(model: LoadedModel, selection: Selection) -> Explainer | None:
    """Return the heatmap method of a selection, at the layer that it chooses.

    The usual layer by its name is the method itself, of which is known how true it is.
    """
    method = method_named(selection.explainer)
    if not selection.layer or not isinstance(method, Cam):
        return method
    layers = method.layers(model)
    usual = usual_layer(layers, model.card.input.size) if layers else ""
    return method if selection.layer == usual else AtLayer(method, selection.layer)


def _examined(
    model: LoadedModel,
    selection: Selection,
    occluded: Occluded | None,
    unfolded: Callable[[], LoadedModel],
    progress: Progress,
) -> Generator[Examination, None, None]:
    crop, seed, method = selection.crop, selection.cover.seed, _method(model, selection)
    progress(0, f"Hiding parts of the face from {model.title}")
    with part(0, 0.05):
        seen, parts = _parts(model, crop, selection)
    found = Examination(model.name, model.title, "", seen, parts)
    if occluded is not None:
        with part(0.05, 0.1):
            covered = CoveredParts(*_parts(model, occluded.crop, selection))
        found = replace(found, covered=covered)
    if method is None or not method.supports(model):
        yield replace(found, no_map=no_map(model, method), done=True)
        return
    progress(0.1, f"Asking {model.title} where it looked")
    with part(0.1, 0.25):
        explanation = method.explain(model, crop, parts.target)
    heatmap, target = explanation.heatmaps[0], parts.target
    with part(0.25, 0.4):
        change = None if occluded is None else _change(model, method, heatmap, target, occluded)
    found = replace(
        found,
        method=method.title,
        heatmap=heatmap,
        change=change,
        focus=focus(heatmap, crop.landmarks_xy_px),
        truth=map_truth(model.card, method.name),
        done=heatmap.empty,
    )
    yield found
    if heatmap.empty:
        return
    progress(0.4, "Taking the hottest pixels away, and giving them back")
    rng = np.random.default_rng(seed)
    with part(0.4, 0.6):
        found = replace(found, curves=against_random(model, crop, heatmap, target, rng=rng))
    if method.passes > MOST_PASSES:
        yield replace(found, done=True)
        return
    yield found
    progress(0.6, f"Asking {model.title} with shuffled weights")
    whole = unfolded()
    with part(0.6, 1):
        stages = randomisation_check(whole, method, crop, target, seed=seed)
    yield replace(found, stages=stages, done=True)


def _parts(
    model: LoadedModel, crop: FaceCrop, selection: Selection
) -> tuple[NDArray[np.uint8], PartSensitivity]:
    """Return a face as a network is given it, and what hiding each part of it does."""
    seen = to_pixels(as_seen(crop, model.card.input))
    return seen, part_sensitivity(model, crop, selection.target or None)


def _change(
    model: LoadedModel, method: Explainer, clean: Heatmap, target: str, occluded: Occluded
) -> Change:
    explanation = method.explain(model, occluded.crop, target)
    heatmap = explanation.heatmaps[0]
    return Change(
        seen=to_pixels(as_seen(occluded.crop, model.card.input)),
        prediction=explanation.prediction,
        heatmap=heatmap,
        similarity=similarity(clean, heatmap),
        difference=difference(clean, heatmap),
        leakage_share=leakage_where_heat(heatmap, occluded.mask),
        heat_kept=heat_kept(heatmap, clean),
    )
