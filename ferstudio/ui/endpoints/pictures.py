"""Heatmaps and attention as JSON: arrays of numbers, or PNG pictures."""

import io
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import UsageError
from ferstudio.explain.attention_maps import AttentionMap, AttentionView, BranchShares
from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.overlay import draw_overlay, shared_scale
from ferstudio.studio.results import ModelComparison, View
from ferstudio.studio.selection import Selection
from ferstudio.types import FaceCrop
from ferstudio.ui.endpoints.shapes import AttentionInfo, Explained, Map
from ferstudio.ui.parts.data_uri import address_of

Form = Literal["array", "png"]
"""Of a map: its values in [0, 1], or a picture of the face under it."""

DIGITS = 5
"""Behind the point, of numbers in arrays."""


def png(image: NDArray[np.uint8]) -> str:
    """Return an (H, W, 3) uint8 RGB picture as the `data:` address of a PNG."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return address_of(stream.getvalue(), "image/png")


def rounded(values: NDArray[np.floating]) -> list[Any]:
    """Return an array's numbers, nested as its axes are."""
    return np.round(values.astype(np.float64), DIGITS).tolist()


def explained(row: ModelComparison, asked: Selection, form: Form) -> Explained:
    """Return where a network looked, in one form.

    Raises:
        UsageError: if the method can't show it.
    """
    if row.no_map is not None or row.clean.heatmap is None:
        needs = "a heatmap method" if row.no_map is None else row.no_map.needs
        raise UsageError(f"{asked.explainer} can't show {row.title}, for it needs {needs}.")
    views = (row.clean,) if asked.cover.bare else (row.clean, row.covered)
    maps = [view.heatmap for view in views if view.heatmap is not None]
    scale = shared_scale(maps)
    drawn = [_view(view, form, scale) for view in views]
    return {
        "model": row.name,
        "explainer": asked.explainer,
        "target": row.explained,
        "share": row.share,
        "clean": drawn[0],
        "covered": drawn[1] if len(drawn) > 1 else None,
        "leakage": row.leakage_share,
    }


def _view(view: View, form: Form, scale: float) -> Map:
    assert view.heatmap is not None
    return _map(view.heatmap, view.seen, form, scale)


def _map(heatmap: Heatmap, face: NDArray[np.uint8], form: Form, scale: float) -> Map:
    return {
        "values": rounded(heatmap.values) if form == "array" else None,
        "png": png(draw_overlay(face, heatmap, scale)) if form == "png" else None,
        "raw_range": [float(bound) for bound in heatmap.raw_range],
    }


def block(view: AttentionView, crop: FaceCrop, form: Form) -> AttentionInfo:
    """Return what one block weighed on a face, in one form."""
    info: AttentionInfo = {
        "module": view.block.module,
        "title": view.block.title,
        "place": view.block.place,
        "role": view.block.role.value,
        "kind": view.block.kind.value,
        "map": None,
        "names": [],
        "weights": [],
    }
    if isinstance(view, AttentionMap):
        info["map"] = _map(view.heatmap, crop.image, form, view.heatmap.raw_range[1])
    elif isinstance(view, BranchShares):
        info["names"], info["weights"] = list(view.names), rounded(view.shares)
    else:
        info["weights"] = rounded(view.weights)
    return info
