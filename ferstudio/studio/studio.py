"""The facade: everything that the page and the shell ask for, behind one class."""

import threading
from collections.abc import Collection, Generator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.explain.attention_maps import AttentionBlock, inventory
from ferstudio.explain.benchmark import RUNS, Cost, forward_seconds, measure_cost
from ferstudio.faces.alignment import align_face
from ferstudio.faces.detector import FaceDetector, best_detector
from ferstudio.faces.samples import list_samples, read_sample
from ferstudio.faces.search import FaceSearch, find_faces
from ferstudio.models.hub import WeightsSource
from ferstudio.occlusion.occluder import Occluded
from ferstudio.studio import menus
from ferstudio.studio.attention import (
    AttentionReport,
    attention_report,
    predict_without_attention,
)
from ferstudio.studio.compare import compare
from ferstudio.studio.covers import cover_heat, covered, method_named
from ferstudio.studio.examination import Examination, examine
from ferstudio.studio.feature_space import FeatureMaps, FeatureSpace, way
from ferstudio.studio.live import LiveFrame, live_frame
from ferstudio.studio.look import look
from ferstudio.studio.pool import ModelPool
from ferstudio.studio.results import (
    CamLayer,
    Comparison,
    MenuEntry,
    ModelSummary,
    Progress,
    View,
    silent,
)
from ferstudio.studio.robustness import Robustness, RobustnessPlan, robustness
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.studio.sweep_cost import RUNS as SWEEP_RUNS
from ferstudio.studio.sweep_cost import SweepCost, measure_sweep
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
        return menus.model_summaries(self._pool.folders())

    def occluders(self) -> tuple[MenuEntry, ...]:
        """Return the ways to hide part of a face, in menu order."""
        return menus.occluder_menu()

    def explainers(self) -> tuple[MenuEntry, ...]:
        """Return the methods that say where a model looked, in menu order."""
        return menus.explainer_menu()

    def cam_layers(self, model: str, explainer: str) -> tuple[CamLayer, ...]:
        """Return the layers of a model that a heatmap method can show, shallow to deep.

        () for a method that shows no single layer.

        Raises:
            UnknownNameError: if the model or the explainer doesn't exist.
        """
        return menus.cam_layers(self._pool.get(model), explainer)

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

    def cover(self, selection: Selection, model: str | None = None) -> Occluded:
        """Return the face of a selection under its cover; its models aren't asked.

        Args:
            selection: face, cover and heatmap method.
            model: name of the weights whose heatmap places the cover, where one does; None takes
                the first of the selection.

        Raises:
            UnknownNameError: if the cover doesn't exist.
            UsageError: if it needs a layer or a model that isn't there.
        """

        def heat() -> NDArray[np.float32]:
            name = model or next(iter(selection.models), None)
            if name is None:
                raise UsageError("Choose a model whose heatmap guides the cover.")
            return cover_heat(self._pool.get(name), selection.crop, selection.explainer)

        return covered(selection.crop, selection.cover, heat)

    def look(self, model: str, crop: FaceCrop, *, explainer: str = NONE, target: str = "") -> View:
        """Return what one model says about one face, and where it looks.

        Args:
            model: name of the weights.
            crop: the face.
            explainer: registry name of the heatmap method, or "none".
            target: emotion to explain; "" takes the model's own answer.

        Raises:
            UnknownNameError: if the model, the explainer or the emotion doesn't exist.
        """
        return look(self._pool.get(model), crop, method_named(explainer), target or None)

    def compare(self, selection: Selection, progress: Progress = silent) -> Comparison:
        """Return what each model says and where it looks, on the clean and on the covered face.

        Raises:
            UnknownNameError: if a model, the cover or the explainer doesn't exist.
            UsageError: if no model is asked.
        """
        models = tuple(self.resolve(name) for name in selection.models)
        asked = replace(selection, models=models)
        return compare(asked, self._pool.get, self.cover, progress)

    def examine(self, model: str, selection: Selection) -> Iterator[Examination]:
        """Yield what is known of one model's answer and of its heatmap, more each time.

        Args:
            model: name of the weights.
            selection: what is asked; its models aren't.

        Raises:
            UnknownNameError: if the model, the cover, the explainer or the emotion doesn't exist.
        """
        return examine(
            self._pool.get(model),
            selection,
            None if selection.cover.bare else self.cover(selection, model),
            unfolded=lambda: self._pool.unfolded(model),
        )

    def feature_space(self, model: str, selection: Selection, kind: str = "tsne") -> FeatureSpace:
        """Return a model's map of faces, and the way of one face through it as it is covered.

        Args:
            model: name of the weights.
            selection: face and cover; from amount 0 to 1, whatever the amount asked for.
            kind: name of the projection, one of `feature_space.KINDS`.

        Raises:
            UnknownNameError: if the model, the cover or the projection doesn't exist.
            WeightsError: if the model has no bank of features.
        """
        network = self._pool.get(model)
        pictures = way(network, selection)
        return self._maps.space(network, self._pool.folder(model), pictures, kind)

    def robustness(self, plan: RobustnessPlan) -> Generator[Robustness, None, None]:
        """Return how models bear more and more of each cover: more each time, the last one done.

        Whoever stops iterating stops the work.

        Raises:
            UnknownNameError: if a model or a cover doesn't exist.
            UsageError: if no model or no cover is asked.
        """
        models = tuple(dict.fromkeys(self.resolve(name) for name in plan.models))
        asked = replace(plan, selection=replace(plan.selection, models=models))
        return robustness(asked, self._pool.get)

    def live(
        self,
        image: NDArray[np.uint8],
        models: Iterable[str],
        *,
        cover: Cover,
        explainer: str = NONE,
    ) -> LiveFrame:
        """Return what a frame of a camera shows; nothing of it is kept.

        Args:
            image: (H, W, 3) uint8 RGB.
            models: names of the weights that are asked.
            cover: what lies over the largest face; its seed is the same for all frames, so that it
                doesn't flicker.
            explainer: registry name of the heatmap method, or "none".

        Raises:
            UnknownNameError: if a model, the cover or the explainer doesn't exist.
        """
        method, names = method_named(explainer), tuple(models)
        networks = [self._pool.get(name) for name in names]

        def hide(crop: FaceCrop) -> Occluded | None:
            asked = Selection(crop, cover, names, explainer)
            return None if cover.bare else self.cover(asked)

        return live_frame(
            image,
            lambda frame: self.find_faces(frame).faces,
            hide,
            lambda network, crop: look(network, crop, method),
            networks,
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

    def _ready_detector(self) -> FaceDetector:
        with self._detector_lock:
            if self._detector is None:
                self._detector = best_detector()
            return self._detector
