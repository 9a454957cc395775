"""Several models before one face, clean and covered: what each says and where it looks."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from ferstudio.errors import UsageError
from ferstudio.explain.cam import Cam
from ferstudio.explain.explainer import Explainer
from ferstudio.explain.leakage import leakage_where_heat
from ferstudio.explain.libraries import import_ahead
from ferstudio.models import LoadedModel
from ferstudio.occlusion.occluder import Need, Occluded
from ferstudio.pauses import part, pause
from ferstudio.studio.covers import Covers, method_named, no_map
from ferstudio.studio.guidance import guidance_of
from ferstudio.studio.look import look
from ferstudio.studio.map_truth import map_truth
from ferstudio.studio.results import Comparison, ModelComparison, Progress, View, silent
from ferstudio.studio.selection import Selection
from ferstudio.types import FaceCrop

MOST_PASSES = 10_000
"""Pictures that all networks together may be asked about for one comparison: minutes of work."""


def passes(selection: Selection) -> int:
    """Return about how many pictures each network is asked about for a comparison.

    Raises:
        UnknownNameError: if the explainer doesn't exist.
    """
    method = method_named(selection.explainer)
    return (1 if method is None else method.passes) * (1 if selection.cover.bare else 2)


def check_cost(selection: Selection) -> None:
    """Refuse a comparison that would take too long.

    Raises:
        UnknownNameError: if the explainer doesn't exist.
        UsageError: if it would.
    """
    method, each = method_named(selection.explainer), passes(selection)
    most = MOST_PASSES // each
    if method is not None and len(selection.models) > most:
        raise UsageError(
            f"{method.title} asks each model up to {each:,} times: choose at most {most} models, "
            "or another method."
        )


def compare(
    selection: Selection,
    load: Callable[[str], LoadedModel],
    covers: Covers,
    progress: Progress = silent,
) -> Comparison:
    """Return what each model says and where it looks, on the clean and on the covered face.

    Both heatmaps of a model explain its own answer to the clean face, so that they show the same
    question asked twice. Prediction and heatmap come from one forward pass.

    Args:
        selection: what is asked; its models are full names.
        load: gives a network by its name.
        covers: covers the face.
        progress: told what is done.

    Raises:
        UnknownNameError: if a model, the cover or the explainer doesn't exist.
        UsageError: if no model is asked, or it would take too long (see `check_cost`).
    """
    names: Sequence[str] = selection.models
    if not names:
        raise UsageError("Choose at least one model to compare.")
    method = method_named(selection.explainer)
    check_cost(selection)
    if selection.cover.needs is not Need.HEAT:  # what makes no sense is refused before any loading
        covers.of(selection)
    rows, hidden = [], []
    for done, name in enumerate(names):
        progress(done / len(names), f"Loading {name}")
        model = load(name)
        if isinstance(method, Cam):
            import_ahead().join()  # or the first network would seem to take that long
        progress(done / len(names), f"Asking {model.title}")
        with part(done / len(names), (done + 1) / len(names)):
            with part(0, 0.5):
                clean, clean_s = _timed(model, selection.crop, method, None)
            with part(0.5, 1):
                hidden.append(covers.of(selection, name, clean.heatmap))
                rows.append(_row(model, selection, (clean, clean_s), hidden[-1]))
    progress(1.0, "Done")
    first = hidden[0]
    return Comparison(selection, first.crop, first.mask, first.share, tuple(rows))


def _row(
    model: LoadedModel, selection: Selection, clean: tuple[View, float], occluded: Occluded
) -> ModelComparison:
    """Return a model's row; `clean` is what it made of the clean face, and in how many seconds."""
    view, clean_s = clean
    under, elapsed_s, leakage = view, clean_s, None
    method = method_named(selection.explainer)
    if not selection.cover.bare:
        under, under_s = _timed(model, occluded.crop, method, view.prediction.top)
        elapsed_s = (clean_s + under_s) / 2
        leakage = leakage_where_heat(under.heatmap, occluded.mask)
    return ModelComparison(
        name=model.name,
        title=model.title,
        summary=model.summary,
        params=model.card.params,
        clean=view,
        covered=under,
        leakage_share=leakage,
        elapsed_s=elapsed_s,
        guidance=guidance_of(model, selection.crop),
        truth=None if view.heatmap is None else map_truth(model.card, selection.explainer),
        no_map=no_map(model, method),
        share=occluded.share,
    )


def retold(
    row: ModelComparison,
    model: LoadedModel,
    selection: Selection,
    occluded: Occluded,
    target: str,
) -> ModelComparison:
    """Return a row whose heatmaps explain another emotion; its answers stay.

    Args:
        row: the row.
        model: its network.
        selection: face and heatmap method.
        occluded: the face under its cover.
        target: emotion to explain on both pictures.

    Raises:
        UnknownNameError: if the network doesn't know the emotion.
    """
    method = method_named(selection.explainer)
    clean, covered = (look(model, crop, method, target) for crop in (selection.crop, occluded.crop))
    leakage = None
    if not selection.cover.bare:
        leakage = leakage_where_heat(covered.heatmap, occluded.mask)
    return replace(
        row,
        clean=clean,
        covered=covered,
        leakage_share=leakage,
        target=target,
    )


def _timed(
    model: LoadedModel, crop: FaceCrop, method: Explainer | None, target: str | None
) -> tuple[View, float]:
    """Return a model's view of a face, and the seconds it took."""
    pause()
    started = time.perf_counter()
    view = look(model, crop, method, target)
    return view, time.perf_counter() - started
