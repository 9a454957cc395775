"""Pictures of one face under many covers, drawn once and brought to what each network sees."""

import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.explain.perturbation import CHUNK
from ferstudio.occlusion.occluder import Occluded, Occluder
from ferstudio.preprocess import to_detail, to_size
from ferstudio.studio.covers import lay
from ferstudio.studio.selection import Cover
from ferstudio.types import FaceCrop, InputSpec

DRAWING_THREADS = min(4, os.cpu_count() or 1)
"""Pictures drawn at a time: no network runs meanwhile."""


class Gallery:
    """Pictures of a face: the clean one in a part of its own, then up to `CHUNK` covered ones each.

    Each picture is drawn, and brought to the detail of each kind of network, when it is first
    needed and never again.
    """

    def __init__(
        self,
        crop: FaceCrop,
        things: Mapping[str, Occluder],
        amounts: Sequence[float],
        *,
        seed: int,
        clean: bool = True,
    ) -> None:
        """Draw nothing yet.

        Args:
            crop: the clean face.
            things: what covers it, by name.
            amounts: how much of each.
            seed: of everything random.
            clean: whether the clean face is one of the pictures.
        """
        self._crop = crop
        self._things = things
        self._steps = len(amounts)
        self._seed = seed
        self._clean_parts = int(clean)
        self._covers = list(product(things, amounts))
        self._drawn: list[Occluded] = []
        self._reduced: dict[tuple[int, bool, int], Tensor] = {}

    @property
    def parts(self) -> int:
        """How many batches a network is shown."""
        return self._clean_parts + math.ceil(len(self._covers) / CHUNK)

    def drawn(self) -> tuple[tuple[Occluded, ...], ...]:
        """Return per occluder the pictures that are drawn so far."""
        starts = range(0, len(self._covers), self._steps)
        return tuple(tuple(self._drawn[start : start + self._steps]) for start in starts)

    def seen(self, part: int, spec: InputSpec) -> Tensor:
        """Return one part as a network sees it: (n, 3, size, size) float32 in [0, 1]."""
        key = (part, spec.grayscale, spec.detail_px)
        if key not in self._reduced:
            self._reduced[key] = to_detail(np.stack(self._images(part)), spec)
        return to_size(self._reduced[key], spec)

    def _images(self, part: int) -> list[NDArray[np.uint8]]:
        if part < self._clean_parts:
            return [self._crop.image]
        first = (part - self._clean_parts) * CHUNK
        last = first + CHUNK
        with ThreadPoolExecutor(DRAWING_THREADS) as threads:
            self._drawn += threads.map(self._draw, self._covers[len(self._drawn) : last])
        return [picture.crop.image for picture in self._drawn[first:last]]

    def _draw(self, cover: tuple[str, float]) -> Occluded:
        name, amount = cover
        return lay(self._things[name], self._crop, Cover(name, amount, self._seed))
