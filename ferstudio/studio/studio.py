"""The facade: everything that the page and the shell ask for, behind one class."""

import math
import threading
import time
from collections.abc import Collection, Generator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.explain.attention_maps import AttentionBlock, attention_views, inventory
from ferstudio.explain.benchmark import RUNS, Cost, forward_seconds, measure_cost
from ferstudio.explain.cam import AtLayer, Cam, usual_layer
from ferstudio.explain.explainer import Explainer, list_explainers
from ferstudio.explain.explainer import explainer as explainer_named
from ferstudio.explain.overlay import leakage_share
from ferstudio.faces.alignment import align_face
from ferstudio.faces.detector import FaceDetector, best_detector
from ferstudio.faces.samples import list_samples, read_sample
from ferstudio.faces.search import FaceSearch, find_faces
from ferstudio.models import LoadedModel, model_entry
from ferstudio.models.hub import WeightsSource
from ferstudio.models.loading import weights_title
from ferstudio.models.weights import read_card
from ferstudio.occlusion.guided import HEAT, heat_occluder
from ferstudio.occlusion.kinds import kind, list_kinds
from ferstudio.occlusion.occluder import Occluded, Occluder
from ferstudio.preprocess import as_seen, to_pixels
from ferstudio.studio.attention import (
    AttentionReport,
    attention_report,
    predict_with_attention,
    predict_without_attention,
)
from ferstudio.studio.covers import cover_of, guiding_heat, method_named
from ferstudio.studio.examination import Examination, examine
from ferstudio.studio.feature_space import STEPS, FeatureMaps, FeatureSpace
from ferstudio.studio.guided import guided_view
from ferstudio.studio.live import LiveFrame, LiveRequest, live_frame
from ferstudio.studio.pool import ModelPool
from ferstudio.studio.results import (
    NONE,
    CamLayer,
    Choice,
    CompareRequest,
    Comparison,
    ModelComparison,
    ModelSummary,
    Progress,
    View,
    silent,
)
from ferstudio.studio.robustness import Robustness, RobustnessRequest, robustness
from ferstudio.studio.sweep_cost import RUNS as SWEEP_RUNS
from ferstudio.studio.sweep_cost import SweepCost, measure_sweep
from ferstudio.studio.truth import map_truth
from ferstudio.types import Face, FaceCrop, Prediction


class Studio:
    """Faces, occluders, networks and explanations behind one door; shared by all threads."""

    def __init__(
        self,
        weights: WeightsSource | str | Path | None = None,
        *,
        detector: FaceDetector | None = None,
        pool_size: int = 5,
    ) -> None:
        """Open a studio on some weights; no network and no detector is loaded yet.

        Args:
            weights: a folder or a Hub repository (see `weights_source`).
            detector: finds faces; None takes the best one this machine can run.
            pool_size: how many networks stay in memory.

        Raises:
            WeightsError: if there is no such source of weights.
        """
        self._pool = ModelPool(weights, pool_size)
        self._detector = detector
        self._detector_lock = threading.Lock()
        self._maps = FeatureMaps()

    def models(self) -> tuple[ModelSummary, ...]:
        """Return what there is to ask, by name; read from the cards, no network is loaded.

        Raises:
            WeightsError: if the weights are missing or a card is damaged.
        """
        return tuple(_summary(name, path) for name, path in self._pool.folders().items())

    def occluders(self) -> tuple[Choice, ...]:
        """Return the ways to hide part of a face, in menu order."""
        things = map(kind, list_kinds())
        return tuple(
            Choice(thing.name, thing.title, thing.summary, thing.group.value) for thing in things
        )

    def explainers(self) -> tuple[Choice, ...]:
        """Return the methods that say where a model looked, in menu order."""
        methods = [explainer_named(name) for name in list_explainers()]
        return tuple(Choice(method.name, method.title, method.summary) for method in methods)

    def samples(self) -> tuple[str, ...]:
        """Return the emotions of the sample faces, in menu order."""
        return tuple(sample.emotion for sample in list_samples())

    def sample(self, emotion: str) -> FaceCrop:
        """Return the sample face that shows `emotion`: as it is, for it is aligned already.

        Raises:
            UnknownNameError: if there is none.
        """
        image = read_sample(emotion)
        faces = self.find_faces(image).faces
        return FaceCrop(image, faces[0].landmarks_xy_px if faces else None, np.eye(2, 3))

    def find_faces(self, image: NDArray[np.uint8]) -> FaceSearch:
        """Return the faces of an (H, W, 3) uint8 RGB picture, the largest first."""
        return find_faces(image, self._ready_detector())

    def crop(self, image: NDArray[np.uint8], face: Face | None) -> FaceCrop:
        """Return one face of a picture in the training images' framing.

        Args:
            image: (H, W, 3) uint8 RGB.
            face: one that `find_faces` found; None takes the centred square.
        """
        return align_face(image, face)

    def resolve(self, name: str) -> str:
        """Return the full name of the weights that `name` means.

        Raises:
            UnknownNameError: if there are none; the message lists those there are.
        """
        return self._pool.resolve(name)

    def load(self, names: Iterable[str], progress: Progress = silent) -> None:
        """Load networks ahead of their first question.

        Raises:
            UnknownNameError: if one doesn't exist; then none is loaded.
            WeightsError: if one is damaged.
        """
        self._pool.load(names, progress)

    def cover(self, request: CompareRequest, model: str | None = None) -> Occluded:
        """Return the face of a request under its occluder; the models aren't asked.

        Args:
            request: face, cover, seed and heatmap method.
            model: name of the weights whose heatmap guides the cover, where one does; None takes
                the first of the request.

        Raises:
            UnknownNameError: if the occluder doesn't exist.
            UsageError: if the amount isn't in [0, 1], or the occluder needs a layer or a model that
                isn't there.
        """
        crop = request.crop
        if request.occluder == NONE:
            return Occluded(crop, np.zeros((crop.size, crop.size), dtype=bool), 0.0)
        rng = np.random.default_rng(request.seed)
        return self._thing(request, model).occlude(crop, request.amount, rng)

    def look(
        self, model: str, crop: FaceCrop, *, explainer: str = NONE, target: str | None = None
    ) -> View:
        """Return what one model says about one face, and where it looks.

        Args:
            model: name of the weights.
            crop: the face.
            explainer: registry name of the heatmap method, or "none".
            target: emotion to explain; None takes the model's own answer.

        Raises:
            UnknownNameError: if the model, the explainer or the emotion doesn't exist.
        """
        return _view(self._pool.get(model), crop, method_named(explainer), target)

    def compare(self, request: CompareRequest, progress: Progress = silent) -> Comparison:
        """Return what each model says and where it looks, on the clean and on the covered face.

        Both heatmaps of a model explain its own answer to the clean face, so that they show the
        same question asked twice. Prediction and heatmap come from one forward pass.

        Raises:
            UnknownNameError: if a model, the occluder or the explainer doesn't exist.
            UsageError: if no model is asked or the amount isn't in [0, 1].
        """
        if not request.models:
            raise UsageError("Choose at least one model to compare.")
        method = method_named(request.explainer)
        names = [self.resolve(name) for name in request.models]
        fixed = None if request.occluder in HEAT else self.cover(request)
        rows, covers = [], []
        for done, name in enumerate(names):
            progress(done / len(names), f"Loading {name}")
            model = self._pool.get(name)
            progress((done + 0.5) / len(names), f"Asking {model.title}")
            clean, clean_s = _timed(model, request.crop, method, None)
            covers.append(fixed or _covered_by_heat(model, request, clean))
            rows.append(_compare_one(name, model, request, (clean, clean_s), covers[-1]))
        progress(1.0, "Done")
        first = covers[0]
        return Comparison(request, first.crop, first.mask, first.share, tuple(rows))

    def cam_layers(self, model: str, explainer: str) -> tuple[CamLayer, ...]:
        """Return the layers of a model that a heatmap method can show, shallow to deep.

        () for a method that shows no single layer.

        Raises:
            UnknownNameError: if the model or the explainer doesn't exist.
        """
        method, network = method_named(explainer), self._pool.get(model)
        if not isinstance(method, Cam):
            return ()
        layers, size_px = method.layers(network), network.card.input.size
        usual = usual_layer(layers, size_px) if layers else ""
        return tuple(
            CamLayer(name, math.ceil(size_px / stride), name == usual)
            for name, stride in layers.items()
        )

    def examine(
        self,
        model: str,
        request: CompareRequest,
        *,
        target: str | None = None,
        layer: str | None = None,
    ) -> Iterator[Examination]:
        """Yield what is known of one model's answer and of its heatmap, more each time.

        Args:
            model: name of the weights.
            request: face, cover, explainer and seed; its models aren't asked.
            target: emotion to explain; None takes the model's own answer.
            layer: one of `cam_layers`; None takes the usual one.

        Raises:
            UnknownNameError: if the model, the occluder, the explainer or the emotion doesn't
                exist.
            UsageError: if the amount isn't in [0, 1].
        """
        method = method_named(request.explainer)
        if layer is not None and isinstance(method, Cam):
            method = AtLayer(method, layer)
        occluded = None if request.occluder == NONE else self.cover(request, model)
        network = self._pool.get(model)
        return examine(
            network,
            request.crop,
            occluded,
            method,
            target=target,
            seed=request.seed,
            unfolded=lambda: self._pool.unfolded(model),
        )

    def feature_space(
        self, model: str, request: CompareRequest, kind: str = "tsne"
    ) -> FeatureSpace:
        """Return a model's map of faces, and the way of one face through it as it is covered.

        Args:
            model: name of the weights.
            request: face, cover and seed; from amount 0 to 1, whatever the amount asked for.
            kind: name of the projection, one of `feature_space.KINDS`.

        Raises:
            UnknownNameError: if the model, the occluder or the projection doesn't exist.
            WeightsError: if the model has no bank of features.
        """
        network = self._pool.get(model)
        pictures = [(0.0, 0.0, request.crop)]
        if request.occluder != NONE:
            thing = self._thing(request, model)
            for amount in np.linspace(0, 1, STEPS)[1:].tolist():
                rng = np.random.default_rng(request.seed)
                each = thing.occlude(request.crop, amount, rng)
                pictures.append((amount, each.share, each.crop))
        return self._maps.space(network, self._pool.folder(model), pictures, kind)

    def robustness(self, request: RobustnessRequest) -> Generator[Robustness, None, None]:
        """Return how models bear more and more of each occluder: more each time, the last one done.

        Whoever stops iterating stops the work.

        Raises:
            UnknownNameError: if a model or an occluder doesn't exist.
            UsageError: if no model or no occluder is asked.
        """
        models = tuple(dict.fromkeys(self.resolve(name) for name in request.models))
        occluders = tuple(dict.fromkeys(request.occluders))
        return robustness(replace(request, models=models, occluders=occluders), self._pool.get)

    def live(self, image: NDArray[np.uint8], request: LiveRequest) -> LiveFrame:
        """Return what a frame of a camera shows; nothing of it is kept.

        Args:
            image: (H, W, 3) uint8 RGB.
            request: models, cover and heatmap method.

        Raises:
            UnknownNameError: if a model, the occluder or the explainer doesn't exist.
            UsageError: if the amount isn't in [0, 1].
        """
        method = method_named(request.explainer)
        models = [self._pool.get(name) for name in request.models]

        def cover(crop: FaceCrop) -> Occluded | None:
            if request.occluder == NONE:
                return None
            return self.cover(request.about(crop))

        return live_frame(
            image,
            lambda frame: self.find_faces(frame).faces,
            cover,
            lambda model, crop: _view(model, crop, method, None),
            models,
        )

    def attention_blocks(self, model: str) -> tuple[AttentionBlock, ...]:
        """Return what attention a model has, in the order of use; it isn't asked about a face.

        Raises:
            UnknownNameError: if there is no such model.
        """
        return inventory(self._pool.get(model))

    def attention(self, model: str, crop: FaceCrop) -> AttentionReport:
        """Return what a model's own attention does with one face, and the model's answer.

        Raises:
            UnknownNameError: if there is no such model.
        """
        return attention_report(self._pool.get(model), crop)

    def without_attention(
        self, model: str, crop: FaceCrop, blocks: Collection[str] | None = None
    ) -> Prediction:
        """Return a model's answer with the attention of `blocks` switched off, None meaning all.

        Raises:
            UnknownNameError: if there is no such model or it has no such block.
        """
        return predict_without_attention(self._pool.get(model), crop, blocks)

    def cost(self, model: str, *, runs: int = RUNS) -> Cost:
        """Return what an explanation by one model costs, timed on a sample face.

        Args:
            model: name of the weights.
            runs: timed runs of each way.

        Raises:
            UnknownNameError: if the model doesn't exist.
            UsageError: if `runs` is below 1, or no CAM can show the model.
        """
        return measure_cost(self._pool.get(model), self.sample(self.samples()[0]), runs=runs)

    def sweep_cost(self, models: Iterable[str], *, runs: int = SWEEP_RUNS) -> SweepCost:
        """Return what a robustness study of some models costs, timed on a sample face.

        Args:
            models: names of weights.
            runs: timed runs of each way.

        Raises:
            UnknownNameError: if a model doesn't exist.
            UsageError: if `runs` is below 1.
        """
        networks = [self._pool.get(name) for name in models]
        return measure_sweep(networks, self.sample(self.samples()[0]), runs=runs)

    def forward_seconds(self, model: str) -> float:
        """Return the median seconds of a model's bare forward pass of one picture.

        Raises:
            UnknownNameError: if the model doesn't exist.
        """
        return forward_seconds(self._pool.get(model), self.sample(self.samples()[0]))

    def _thing(self, request: CompareRequest, model: str | None) -> Occluder:
        """Return what covers the face of a request; see `cover`."""

        def heat() -> NDArray[np.float32]:
            name = model or next(iter(request.models), None)
            if name is None:
                raise UsageError("Choose a model whose heatmap guides the cover.")
            return guiding_heat(self._pool.get(self.resolve(name)), request)

        return cover_of(request.occluder, request, heat)

    def _ready_detector(self) -> FaceDetector:
        with self._detector_lock:
            if self._detector is None:
                self._detector = best_detector()
            return self._detector


def _summary(name: str, folder: Path) -> ModelSummary:
    card = read_card(folder)
    entry = model_entry(card.model)
    shards = [folder / file for file in card.files]
    fetched = all(shard.is_file() for shard in shards)
    return ModelSummary(
        name=name,
        model=card.model,
        title=weights_title(entry, card.tag),
        summary=entry.summary,
        paper=entry.paper,
        params=card.params,
        labels=card.label_names,
        metrics=card.metrics,
        size_bytes=sum(shard.stat().st_size for shard in shards) if fetched else None,
    )


def _covered_by_heat(model: LoadedModel, request: CompareRequest, clean: View) -> Occluded:
    """Return the face under the cover that a network's own heatmap guides, made anew if need be."""
    heat = guiding_heat(model, request) if clean.heatmap is None else clean.heatmap.values
    rng = np.random.default_rng(request.seed)
    return heat_occluder(request.occluder, heat).occlude(request.crop, request.amount, rng)


def _compare_one(
    name: str,
    model: LoadedModel,
    request: CompareRequest,
    clean: tuple[View, float],
    occluded: Occluded,
) -> ModelComparison:
    """Return a model's row; `clean` is what it made of the clean face, and in how many seconds."""
    view, clean_s = clean
    covered, elapsed_s, leakage = view, clean_s, None
    if request.occluder != NONE:
        method = method_named(request.explainer)
        covered, covered_s = _timed(model, occluded.crop, method, view.prediction.top)
        elapsed_s = (clean_s + covered_s) / 2
        if covered.heatmap is not None:
            leakage = leakage_share(covered.heatmap, occluded.mask)
    return ModelComparison(
        name=name,
        title=model.title,
        summary=model.entry.summary,
        params=model.card.params,
        clean=view,
        covered=covered,
        leakage_share=leakage,
        elapsed_s=elapsed_s,
        guidance=guided_view(model, request.crop),
        truth=None if view.heatmap is None else map_truth(model.card, request.explainer),
    )


def _timed(
    model: LoadedModel, crop: FaceCrop, method: Explainer | None, target: str | None
) -> tuple[View, float]:
    """Return a model's view of a face, and the seconds it took."""
    started = time.perf_counter()
    view = _view(model, crop, method, target)
    return view, time.perf_counter() - started


def _view(model: LoadedModel, crop: FaceCrop, method: Explainer | None, target: str | None) -> View:
    pixels = to_pixels(as_seen(crop, model.card.input))
    if method is None or not method.supports(model):
        prediction, attention = predict_with_attention(model, crop)
        return View(prediction, None, pixels, attention)
    if isinstance(method, Cam):
        explanation = method.explain(model, crop, target, attention=True)
        attention = attention_views(model.module, explanation.attention)
    else:
        explanation = method.explain(model, crop, target)
        _, attention = predict_with_attention(model, crop)
    return View(explanation.prediction, explanation.heatmaps[0], pixels, attention)
