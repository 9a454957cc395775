"""`python -m benchmarks.slow_methods`: what is saved where heatmaps take many passes, and kept.

Per network and face the processor's seconds in bfloat16 and in float32, and the correlation of the
maps' ranks: of both; of Score-CAM by groups of alike maps and by all maps; of the squares of
occlusion sensitivity at 8, 10 and 16 places a side, each with 20. Takes minutes; --models NAMES and
--faces N ask fewer. The shares are the same beside busy processes, for it is the processor's time.
"""

import argparse
import time
from collections.abc import Callable
from unittest.mock import patch

import torch

from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.gradient_free_cam import FullScoreCam, ScoreCam
from ferstudio.explain.sensitivity import CELLS, FINE_CELLS, OcclusionSensitivity
from ferstudio.explain.similarity import similarity
from ferstudio.models import LoadedModel
from ferstudio.studio.covers import covered
from ferstudio.studio.faces import FaceFinder
from ferstudio.studio.pool import ModelPool
from ferstudio.studio.selection import Cover
from ferstudio.types import FaceCrop

MODELS = "acsinet.ferplus,csinet.ferplus,agfer.ferplus,vgg16_gcca.ferplus,psa_resnet50.ferplus"
FACES = (("happiness", "none"), ("anger", "surgical-mask"), ("fear", "none"), ("sadness", "hand"))
DENSE_CELLS = 20


def timed(make: Callable[[], Heatmap], *, exact: bool = False) -> tuple[Heatmap, float]:
    """Return a map, and the seconds of one core that it took."""
    began = time.process_time()
    if exact:
        with patch("ferstudio.models.precision.has_fast_bf16", return_value=False):
            return make(), time.process_time() - began
    return make(), time.process_time() - began


def alike(one: Heatmap, other: Heatmap) -> str:
    """Return the correlation of two maps' ranks in words; that of an empty map says nothing."""
    if not (one.values.any() and other.values.any()):
        return "empty"
    return f"{similarity(one, other).spearman:.3f}"


def score(model: LoadedModel, crop: FaceCrop) -> str:
    """Return what is kept and saved of Score-CAM."""
    groups, few_s = timed(lambda: ScoreCam().explain(model, crop).heatmaps[0])
    whole, all_s = timed(lambda: FullScoreCam().explain(model, crop).heatmaps[0])
    exact, exact_s = timed(lambda: FullScoreCam().explain(model, crop).heatmaps[0], exact=True)
    return (
        f"Score-CAM {exact_s:.1f} s, bf16 {all_s:.1f} s ({alike(exact, whole)}), "
        f"{ScoreCam.groups} groups {few_s:.1f} s ({alike(exact, groups)})"
    )


def squares(model: LoadedModel, crop: FaceCrop) -> str:
    """Return what is kept and saved of occlusion sensitivity."""

    def grid(cells: int) -> Callable[[], Heatmap]:
        method = OcclusionSensitivity()
        return lambda: method.explain(model, crop, stride_share=1 / cells).heatmaps[0]

    dense, _ = timed(grid(DENSE_CELLS))
    exact, exact_s = timed(grid(10), exact=True)
    rough, rough_s = timed(grid(10))
    few, few_s = timed(grid(CELLS))
    fine, fine_s = timed(grid(FINE_CELLS))
    return (
        f"squares 10: {exact_s:.1f} s, bf16 {rough_s:.1f} s ({alike(exact, rough)}); with "
        f"{DENSE_CELLS}: 10 {alike(dense, rough)}, {CELLS} {few_s:.1f} s {alike(dense, few)}, "
        f"{FINE_CELLS} {fine_s:.1f} s {alike(dense, fine)}"
    )


def main() -> None:
    """Print two lines for each network and face."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.slow_methods", description=__doc__)
    parser.add_argument("--models", default=MODELS, help="names, with commas between")
    parser.add_argument("--faces", type=int, default=len(FACES), help="so many of four")
    options = parser.parse_args()
    torch.set_num_threads(1)
    pool, finder = ModelPool(), FaceFinder()
    for name in options.models.split(","):
        model = pool.get(name)
        for emotion, cover in FACES[: options.faces]:
            crop = covered(finder.sample(emotion), Cover(cover)).crop
            for say in (squares, score):
                print(f"{name:20} {emotion:9} {say(model, crop)}", flush=True)


if __name__ == "__main__":
    main()
