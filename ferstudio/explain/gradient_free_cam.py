"""CAMs without gradients: each channel is tried out, by forward passes with it alone or without.

The arithmetic is pytorch-grad-cam's. They ask tens to thousands of times, so they take seconds
where Grad-CAM takes milliseconds.
"""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ferstudio.explain.cam import Cam, MapOf, activations_of, as_array
from ferstudio.explain.explainer import register_explainer
from ferstudio.explain.forward import Asked, Tail, without_graph
from ferstudio.models import LoadedModel

MOST_MAPS = 2048
"""Maps of the widest layer of all networks."""

TAIL_PASSES = 8
"""Whole passes that Ablation-CAM's many passes behind the layer take as long as."""

GROUPS = 64
"""Groups of alike maps of which Score-CAM tries one each."""


@register_explainer("score-cam")
class ScoreCam(Cam):
    """Score-CAM: feature maps weighted by the logit of the picture seen through each of them.

    Wang et al., "Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks",
    CVPR Workshops 2020, Eqs. 3 to 5, with the softmax over channels of its algorithm 1 and, as in
    the library, without the score of an empty picture, which that softmax cancels. Weights are
    positive and sum to 1, so the raw unit is the features'; raw 0: the features there are 0.

    Most of a layer's maps look like others: of `GROUPS` groups of alike ones one map each is tried,
    and its score counts for the whole group. Ranks of the cells then correlate with those of the
    full method by 0.996 and more (`benchmarks.slow_methods`), for a sixteenth of the cost and less.
    """

    name = "score-cam"
    title = "Score-CAM"
    summary = (
        "Feature maps weighted by how well the emotion is still seen through each of them alone, "
        "tried for groups of alike maps; needs no gradients, but seconds."
    )
    groups: int | None = GROUPS
    passes = 1 + GROUPS

    def _look(self, model: LoadedModel, batch: Tensor, layer: str) -> tuple[Tensor, MapOf]:
        from pytorch_grad_cam import ScoreCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

        _without_progress_bars()
        logits, activations = activations_of(model.module, batch, layer)

        def map_of(index: int) -> NDArray[np.float32]:
            maps = as_array(activations)  # (1, C, H, W)
            tried, group = alike(maps[0], self.groups or maps.shape[1])
            asked = Asked(model, len(tried), roughly=True)
            library = ScoreCAM(asked, [])  # without layers it sets no hooks
            with without_graph():
                (weights,) = library.get_cam_weights(
                    batch, None, [ClassifierOutputTarget(index)], maps[:, tried], None
                )
            shares = weights[group] / weights[group].sum()  # (C,)
            return np.maximum(np.einsum("c,chw->hw", shares, maps[0]), 0).astype(np.float32)

        return logits, map_of


@register_explainer("score-cam-full")
class FullScoreCam(ScoreCam):
    """Score-CAM, each map of the layer tried on its own, as in the paper."""

    name = "score-cam-full"
    title = "Score-CAM, all maps"
    summary = (
        "Feature maps weighted by how well the emotion is still seen through each of them alone; "
        "all of them are tried, up to 2,048, which takes a minute and more."
    )
    groups = None
    passes = MOST_MAPS


def alike(maps: NDArray[np.float32], groups: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which maps stand for groups of maps that look alike, each map stretched to [0, 1].

    By k-means, from a fixed beginning.

    Args:
        maps: (C, H, W).
        groups: at most so many.

    Returns:
        (G,) indices of maps, and (C,) for each map which of these stands for it.
    """
    from scipy.cluster.vq import kmeans, vq

    cells = maps.reshape(len(maps), -1).astype(np.float64)
    low, high = cells.min(axis=1, keepdims=True), cells.max(axis=1, keepdims=True)
    looks = (cells - low) / np.where(high > low, high - low, 1)  # (C, H W)
    distinct = np.unique(looks, axis=0)
    if len(distinct) > groups:
        first = np.random.default_rng(0).choice(len(distinct), groups, replace=False)
        distinct, _ = kmeans(looks, distinct[first], iter=1)
    label, away = vq(looks, distinct)  # (C,), (C,)
    nearest_first = np.argsort(away, kind="stable")
    _, places, group = np.unique(label[nearest_first], return_index=True, return_inverse=True)
    own = np.empty(len(maps), np.int64)
    own[nearest_first] = group
    return nearest_first[places], own


@register_explainer("ablation-cam")
class AblationCam(Cam):
    """Ablation-CAM: feature maps weighted by the share of the logit that is lost without them.

    Desai and Ramaswamy, "Ablation-CAM: Visual Explanations for Deep Convolutional Network via
    Gradient-free Localization", WACV 2020, Eqs. 2 and 4. Only the layers behind the CAM layer run
    again. Raw 0: no region speaks for the emotion. The weights are divided by the logit, so where
    that is negative they, and the map, mean the opposite.

    A channel that is switched off is 0, as in the paper. For layers with negative values, such as
    CSINet's, the library would put -1e7 there, one more for each channel of a batch, so that the
    map depends on the order of the channels; its own `ablation_layer` parameter prevents that.
    """

    name = "ablation-cam"
    title = "Ablation-CAM"
    summary = (
        "Feature maps weighted by how far the score falls when each of them is switched off; "
        "needs no gradients, but seconds."
    )
    passes = TAIL_PASSES

    def _look(self, model: LoadedModel, batch: Tensor, layer: str) -> tuple[Tensor, MapOf]:
        from pytorch_grad_cam import AblationCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

        _without_progress_bars()
        tail = Tail(model.module)
        with without_graph(), tail.recording(model.module.get_submodule(layer)):
            logits = model.module(batch)

        def map_of(index: int) -> NDArray[np.float32]:
            targets, activations = [ClassifierOutputTarget(index)], tail.activations
            # The library swaps the layer of the network that it is given: here the first.
            asked = Asked(model, 1 + activations.shape[1], tail)
            library = AblationCAM(asked, [], ablation_layer=zeroing_layer())
            with without_graph():
                cam = library.get_cam_image(
                    activations, asked.start, targets, as_array(activations), None
                )
            return np.maximum(cam[0], 0).astype(np.float32)

        return logits, map_of


def zeroing_layer() -> nn.Module:
    """Return a stand-in for a layer that sets one channel after another to 0, for the library."""
    from pytorch_grad_cam.ablation_layer import AblationLayer

    class ZeroingLayer(AblationLayer):
        def __call__(self, _x: Tensor) -> Tensor:
            pictures = range(len(self.activations))  # one channel is off in each
            self.activations[pictures, self.indices[: len(pictures)]] = 0
            return self.activations

    return ZeroingLayer()


def _without_progress_bars() -> None:
    """Take away the progress bars of both methods in the library."""
    from pytorch_grad_cam import ablation_cam, score_cam

    for module in (ablation_cam, score_cam):
        module.tqdm = _NoProgress


class _NoProgress:
    """Stands in for the module `tqdm`."""

    @staticmethod
    def tqdm(steps: range) -> range:
        return steps
