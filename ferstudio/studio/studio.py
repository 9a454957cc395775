"""The facade: everything that the page and the shell ask for, behind one class."""

import os
from collections.abc import Collection, Generator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferstudio.explain.attention_maps import AttentionBlock, inventory
from ferstudio.explain.benchmark import RUNS, Cost, forward_seconds, measure_cost
from ferstudio.explain.libraries import import_ahead
from ferstudio.faces.alignment import align_face
from ferstudio.faces.detector import FaceDetector
from ferstudio.faces.search import FaceSearch
from ferstudio.faces.tracking import Track
from ferstudio.models import LoadedModel
from ferstudio.models.card import read_card
from ferstudio.models.hub import WeightsSource
from ferstudio.models.inference import answers_and_features
from ferstudio.occlusion.occluder import Need, Occluded
from ferstudio.preprocess import to_tensor
from ferstudio.studio import keys, menus
from ferstudio.studio.attention import (
    AttentionReport,
    attention_report,
    predict_without_attention,
)
from ferstudio.studio.compare import compare, passes, retold
from ferstudio.studio.covers import Covers, method_named
from ferstudio.studio.examination import Examination, examine
from ferstudio.studio.faces import FaceFinder
from ferstudio.studio.feature_space import FeatureMap, FeatureMaps, FeatureSpace, feature_map, way
from ferstudio.studio.live import LiveFrame, LiveQuestion, live_frame
from ferstudio.studio.look import look
from ferstudio.studio.memory import RESULT_BYTES, ResultMemory
from ferstudio.studio.montage import Montage, MontagePlan, montage
from ferstudio.studio.pool import ModelPool
from ferstudio.studio.results import (
    CamLayer,
    Comparison,
    MenuEntry,
    ModelComparison,
    ModelSummary,
    Progress,
    View,
    silent,
)
from ferstudio.studio.robustness import Robustness, RobustnessPlan, robustness
from ferstudio.studio.selection import NONE, Selection
from ferstudio.studio.sweep_cost import RUNS as SWEEP_RUNS
from ferstudio.studio.sweep_cost import SweepCost, measure_sweep
from ferstudio.studio.video import Record, VideoAnswers, VideoPlan, video_answers
from ferstudio.studio.works import Watch, Works, unwatched
from ferstudio.threads import half_of_the_threads
from ferstudio.types import Face, FaceCrop, Prediction


class Studio:
    """Faces, occluders, networks and explanations behind one door; shared by all threads.

    Whoever asks the same of an equal face again gets the kept result at once; of what comes in
    steps that is the last step alone. So a page keeps a `Selection` or a plan, never a result.
    Results go a few minutes after their last use; those of a visitor's own face with `forget`,
    when the visit ends or another picture takes its place.
    """

    def __init__(
        self,
        weights: WeightsSource | str | Path | None = None,
        *,
        detector: FaceDetector | None = None,
        pool_bytes: int | None = None,
        result_bytes: int = RESULT_BYTES,
    ) -> None:
        """Open a studio on some weights; no network and no detector is loaded yet.

        Args:
            weights: a folder or a Hub repository (see `weights_source`).
            detector: finds faces; None takes the best one this machine can run.
            pool_bytes: of networks that stay in memory; None takes a quarter of what there is.
            result_bytes: of results that stay in memory, and at most for `KEEP_S` seconds after
                their last use.

        Raises:
            WeightsError: if there is no such source of weights.
        """
        self._pool = ModelPool(weights, pool_bytes)
        self._faces = FaceFinder(detector)
        self._covers = Covers(self._pool.get)
        self._works = Works(ResultMemory(result_bytes))
        self._maps = FeatureMaps()
        self._pace_s: dict[str, float] = {}

    def prepare(self) -> None:
        """Begin to import what the first answer will need; comes back at once."""
        import_ahead()

    def models(self) -> tuple[ModelSummary, ...]:
        """Return what there is to ask, by name; read from the cards, no network is loaded.

        Weights whose card can't be used are left out.

        Raises:
            WeightsError: if there is no place to look in any more.
        """
        return menus.model_summaries(self._pool.folders())

    def model(self, name: str) -> ModelSummary:
        """Return what there is to know of one model before it is asked.

        Raises:
            UnknownNameError: if there is no such model.
            WeightsError: if its card can't be used.
        """
        full = self.resolve(name)
        return menus.model_summary(full, self._pool.folders())

    def damaged(self) -> tuple[str, ...]:
        """Return one sentence about each of the weights that `models` leaves out.

        Raises:
            WeightsError: if there is no place to look in any more.
        """
        return menus.damaged_cards(self._pool.folders())

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
        return self._works.once(None, lambda _: menus.cam_layers(self._pool.get(model), explainer))

    def samples(self) -> tuple[str, ...]:
        """Return the emotions of the sample faces, in menu order."""
        return self._faces.samples()

    def sample(self, emotion: str) -> FaceCrop:
        """Return the sample face that shows `emotion`: as it is, for it is aligned already.

        Raises:
            UnknownNameError: if there is none.
        """
        return self._faces.sample(emotion)

    def find_faces(self, image: NDArray[np.uint8]) -> FaceSearch:
        """Return the faces of an (H, W, 3) uint8 RGB picture, the largest first."""
        return self._faces.find(image)

    def find_faces_in(self, source: str | os.PathLike[str] | bytes) -> FaceSearch:
        """Return the faces of a picture file or of its content, the largest first.

        They are looked for in all of its pixels; `crop` takes them from the search's `image`.

        Raises:
            ImageError: if the file can't be read as a picture.
        """
        return self._faces.find_in(source)

    def crop(self, image: NDArray[np.uint8], face: Face | None) -> FaceCrop:
        """Return one face of a picture in the training images' framing.

        Args:
            image: (H, W, 3) uint8 RGB.
            face: one that `find_faces` found; None takes the centred square.
        """
        return align_face(image, face)

    def forget(self, crop: FaceCrop) -> None:
        """Drop what is known of a visitor's own face, clean and covered; of a sample it stays."""
        if not self._faces.is_sample(crop):
            for face in (crop, *self._covers.forget(crop)):
                self._works.forget(face)

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

    def checksums(self, name: str) -> tuple[str, ...]:
        """Return the SHA-256 of a model's files; of an ensemble's, those of its members.

        Raises:
            UnknownNameError: if it doesn't exist.
            WeightsError: if its card can't be used.
        """
        folder = self._pool.folder(name)
        card = read_card(folder)
        cards = [read_card(self._pool.folder(member)) for member in card.members] or [card]
        return tuple(checksum for each in cards for checksum in each.sha256)

    def network(self, name: str) -> LoadedModel:
        """Return a network itself, for a command that asks nothing else meanwhile.

        Raises:
            UnknownNameError: if it doesn't exist.
            WeightsError: if it is damaged.
        """
        return self._pool.get(name)

    def cover(
        self, selection: Selection, model: str | None = None, watch: Watch = unwatched
    ) -> Occluded:
        """Return the face of a selection under its cover; its models aren't asked.

        Args:
            selection: face, cover and heatmap method.
            model: name of the weights whose heatmap places the cover, where one does; None takes
                the first of the selection.
            watch: is told how the work stands, where heat places the cover.

        Raises:
            UnknownNameError: if the cover doesn't exist.
            UsageError: if it needs a layer or a model that isn't there.
        """
        asked, name = self._resolved(selection), model and self.resolve(model)
        if selection.cover.needs is not Need.HEAT:
            return self._covers.of(asked, name)
        return self._works.once(None, lambda _: self._covers.of(asked, name), watch)

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

    def compare(self, selection: Selection, watch: Watch = unwatched) -> Comparison:
        """Return what each model says and where it looks, on the clean and on the covered face.

        Raises:
            UnknownNameError: if a model, the cover or the explainer doesn't exist.
            UsageError: if no model is asked.
        """
        asked = self._resolved(selection)
        found = self._works.once(
            keys.comparison(asked),
            lambda progress: compare(asked, self._pool.get, self._covers, progress),
            watch,
        )
        if passes(asked) <= 2:
            self._pace_s |= {row.name: row.elapsed_s for row in found.rows}
        return replace(found, selection=selection)

    def foreseen_s(self, selection: Selection) -> float | None:
        """Return about how many seconds a comparison will take, if nobody else asks anything.

        By the models' newest answers to one picture; None where one of them has given none yet.

        Raises:
            UnknownNameError: if a model or the explainer doesn't exist.
        """
        paces_s = [self._pace_s.get(name) for name in self._resolved(selection).models]
        known_s = [pace_s for pace_s in paces_s if pace_s is not None]
        return passes(selection) * sum(known_s) if len(known_s) == len(paces_s) else None

    def explain_row(
        self,
        row: ModelComparison,
        selection: Selection,
        target: str,
        watch: Watch = unwatched,
    ) -> ModelComparison:
        """Return a row of a comparison whose heatmaps explain another emotion.

        Args:
            row: as `compare` answered `selection`.
            selection: what was asked.
            target: emotion to explain on the clean and on the covered face.
            watch: is told how the work stands.

        Raises:
            UnknownNameError: if the model doesn't know the emotion.
        """
        name = row.name

        def make(progress: Progress) -> ModelComparison:
            progress(0, f"Asking {row.title} why {target}")
            occluded = self._covers.of(selection, name)
            return retold(row, self._pool.get(name), selection, occluded, target)

        return self._works.once(keys.retold(name, selection, target), make, watch)

    def examine(
        self, model: str, selection: Selection, watch: Watch = unwatched
    ) -> Generator[Examination, None, None]:
        """Return what is known of one model's answer and of its heatmap, more each time.

        Args:
            model: name of the weights.
            selection: what is asked; its models aren't.
            watch: is told how the work stands.

        Raises:
            UnknownNameError: if the model, the cover, the explainer or the emotion doesn't exist.
        """
        name, pool = self.resolve(model), self._pool
        method_named(selection.explainer)

        def begin(progress: Progress) -> Iterator[Examination]:
            progress(0, f"Loading {name}")
            return examine(
                pool.get(name),
                selection,
                self._covers.of(selection, name),
                unfolded=lambda: pool.unfolded(name),
                progress=progress,
            )

        return self._works.steps(keys.examination(name, selection), begin, watch)

    def feature_space(
        self,
        model: str,
        selection: Selection,
        kind: str = "tsne",
        watch: Watch = unwatched,
    ) -> FeatureSpace:
        """Return a model's map of faces, and the way of one face through it as it is covered.

        Args:
            model: name of the weights.
            selection: face and cover; from amount 0 to 1, whatever the amount asked for.
            kind: name of the projection, one of `feature_space.KINDS`.
            watch: is told how the work stands.

        Raises:
            UnknownNameError: if the model, the cover or the projection doesn't exist.
            WeightsError: if the model has no bank of features.
        """
        name = self.resolve(model)

        def make(progress: Progress) -> FeatureSpace:
            progress(0, f"Loading {name}")
            network, folder = self._pool.get(name), self._pool.folder(name)
            progress(0.5, f"Asking {network.title}")
            return self._maps.space(network, folder, way(selection, self._covers, name), kind)

        return self._works.once(keys.feature_space(name, selection, kind), make, watch)

    def features(self, model: str, selection: Selection) -> tuple[str, NDArray[np.float32]]:
        """Return a model's feature vector (D,) of a face under its cover, and the layer's name.

        Args:
            model: name of the weights.
            selection: face and cover.

        Raises:
            UnknownNameError: if the model or the cover doesn't exist.
            UsageError: if the model has no feature vector of its own.
        """
        name = self.resolve(model)

        def make(progress: Progress) -> tuple[str, NDArray[np.float32]]:
            progress(0, f"Loading {name}")
            network = self._pool.get(name)
            crop = self._covers.of(selection, name).crop
            _, features = answers_and_features(network, to_tensor(crop, network.card.input))
            return network.entry.feature_layer or "", features[0].numpy()

        return self._works.once(None, make)

    def feature_map(self, model: str, kind: str = "tsne", watch: Watch = unwatched) -> FeatureMap:
        """Return a model's map of faces, with nobody's own face in it; no network is loaded.

        Raises:
            UnknownNameError: if the model or the projection doesn't exist.
            WeightsError: if the model has no bank of features.
        """
        folder = self._pool.folder(model)
        return self._works.once(None, lambda _: feature_map(folder, kind), watch)

    def robustness(
        self, plan: RobustnessPlan, watch: Watch = unwatched
    ) -> Generator[Robustness, None, None]:
        """Return how models bear more and more of each cover: more each time, the last one done.

        Whoever stops iterating doesn't wait any more; the work ends with the last who does.

        Raises:
            UnknownNameError: if a model or a cover doesn't exist.
            UsageError: if no model or no cover is asked.
        """
        asked = plan.of(tuple(dict.fromkeys(self.resolve(name) for name in plan.models)))
        study = robustness(asked, self._pool.get, self._covers)

        def begin(progress: Progress) -> Iterator[Robustness]:
            for step in study:
                yield step
                if not step.done:
                    progress(step.share_done, step.doing)

        return self._works.steps(keys.study(asked), begin, watch)

    def film(self, plan: RobustnessPlan, occluder: str) -> tuple[Occluded, ...]:
        """Return the face of a plan under each amount of one of its covers.

        Where heat places the cover it is that of the plan's first model.

        Raises:
            UnknownNameError: if there is no such cover.
            UsageError: if it needs a layer or a model that isn't there.
        """
        asked = self._resolved(plan.selection.covered_by(plan.cover(occluder)))
        if asked.cover.needs is not Need.HEAT:
            return self._covers.way(asked, plan.amounts)
        return self._works.once(None, lambda _: self._covers.way(asked, plan.amounts))

    def montage(
        self, plan: MontagePlan, watch: Watch = unwatched
    ) -> Generator[Montage, None, None]:
        """Return a grid of maps of many faces before many networks, a network more each time.

        Of samples it is remembered; of a visitor's own faces nothing is kept.

        Raises:
            UnknownNameError: if a model or the explainer doesn't exist.
        """
        method_named(plan.explainer)
        asked = replace(plan, models=tuple(dict.fromkeys(map(self.resolve, plan.models))))
        key = keys.montage(asked) if all(map(self._faces.is_sample, plan.faces)) else None

        def begin(progress: Progress) -> Iterator[Montage]:
            return montage(asked, self._pool.get, progress)

        for found in self._works.steps(key, begin, watch):
            yield replace(found, plan=asked)  # the kept one may have another scale

    def live(
        self, image: NDArray[np.uint8], question: LiveQuestion, last: Track | None = None
    ) -> LiveFrame:
        """Return what a frame of a camera shows; nothing of it is kept.

        Args:
            image: (H, W, 3) uint8 RGB.
            question: what is asked about it.
            last: where the faces of the frame before were, so that they are followed; None looks
                for them.

        Raises:
            UnknownNameError: if a model, the cover or the explainer doesn't exist.
        """

        def make() -> LiveFrame:
            networks = [self._pool.get(name) for name in question.models]
            with half_of_the_threads():
                return live_frame(
                    image, lambda picture: self._faces.track(picture, last), networks, question
                )

        return self._works.again(make)

    def video(
        self,
        file: str | os.PathLike[str],
        plan: VideoPlan,
        record: Record,
        watch: Watch = unwatched,
    ) -> Generator[VideoAnswers, None, None]:
        """Return what models say about a video, a frame more each time; nothing of it is kept.

        Args:
            file: the video; it is read until the last step.
            plan: what is asked about its frames.
            record: is given each frame that was asked about, on the work's own thread.
            watch: is told how the work stands.

        Raises:
            UnknownNameError: if a model doesn't exist.
            VideoError: if the file is damaged, too long, too large or no video.
        """
        question = plan.question
        names = tuple(dict.fromkeys(map(self.resolve, question.models)))
        asked = replace(plan, question=replace(question, models=names))

        def begin(progress: Progress) -> Iterator[VideoAnswers]:
            return video_answers(
                file, asked, self._pool.get, self._faces.track, record=record, progress=progress
            )

        return self._works.steps(None, begin, watch)

    def attention_blocks(self, model: str) -> tuple[AttentionBlock, ...]:
        """Return what attention a model has, in the order of use; it isn't asked about a face.

        Raises:
            UnknownNameError: if there is no such model.
        """
        return self._works.once(None, lambda _: inventory(self._pool.get(model)))

    def attention(self, model: str, crop: FaceCrop, watch: Watch = unwatched) -> AttentionReport:
        """Return what a model's own attention does with one face, and the model's answer.

        Raises:
            UnknownNameError: if there is no such model.
        """
        name = self.resolve(model)

        def make(progress: Progress) -> AttentionReport:
            progress(0, f"Loading {name}")
            network = self._pool.get(name)
            progress(0.5, f"Asking {network.title}")
            return attention_report(network, crop)

        return self._works.once(keys.attention(name, crop), make, watch)

    def without_attention(
        self, model: str, crop: FaceCrop, blocks: Collection[str] | None = None
    ) -> Prediction:
        """Return a model's answer with the attention of `blocks` switched off, None meaning all.

        Raises:
            UnknownNameError: if there is no such model or it has no such block.
        """
        return self._works.once(
            None, lambda _: predict_without_attention(self._pool.get(model), crop, blocks)
        )

    def cost(self, model: str, *, runs: int = RUNS) -> Cost:
        """Return what an explanation by one model costs, timed on a sample face.

        Args:
            model: name of the weights.
            runs: timed runs of each way.

        Raises:
            UnknownNameError: if the model doesn't exist.
            UsageError: if `runs` is below 1, or no CAM can show the model.
        """
        return measure_cost(self._pool.get(model), self._faces.first_sample(), runs=runs)

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
        return measure_sweep(networks, self._faces.first_sample(), runs=runs)

    def forward_seconds(self, model: str) -> float:
        """Return the median seconds of a model's bare forward pass of one picture.

        Raises:
            UnknownNameError: if the model doesn't exist.
        """
        face = self._faces.first_sample()
        return self._works.once(None, lambda _: forward_seconds(self._pool.get(model), face))

    def _resolved(self, selection: Selection) -> Selection:
        names = dict.fromkeys(map(self.resolve, selection.models))  # each is asked once
        return replace(selection, models=tuple(names))
