"""Trained networks by name: loaded when first asked for, the last few kept."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ferstudio.errors import UsageError
from ferstudio.models import LoadedModel, load_weights
from ferstudio.models.hub import WeightsSource, weights_source
from ferstudio.studio.results import Progress, silent


@dataclass(slots=True)
class _Slot:
    """The place of one network; its lock is held while the network is being loaded."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    model: LoadedModel | None = None


class ModelPool:
    """Networks shared by all threads: each is loaded once, the least recently used is dropped."""

    def __init__(self, source: WeightsSource | str | Path | None = None, size: int = 5) -> None:
        """Take networks from `source` and keep the last `size` of them; loads nothing yet.

        Raises:
            UsageError: if the pool could keep none.
            WeightsError: if there is no such source.
        """
        if size < 1:
            raise UsageError(f"A pool must keep at least 1 model, not {size}.")
        self._source = source if isinstance(source, WeightsSource) else weights_source(source)
        self._size = size
        self._lock = threading.Lock()
        self._slots: OrderedDict[str, _Slot] = OrderedDict()

    def folders(self) -> dict[str, Path]:
        """Return the folder of all weights there are, by name, sorted; loads no network."""
        return self._source.folders()

    def folder(self, name: str) -> Path:
        """Return the complete folder of the weights called `name`; loads no network.

        Raises:
            UnknownNameError: if there are no such weights.
            WeightsError: if they can't be fetched.
        """
        return self._source.fetch(self.resolve(name))

    def resolve(self, name: str) -> str:
        """Return the full name that `name` means (see `WeightsSource.resolve`)."""
        return self._source.resolve(name)

    def loaded(self) -> list[str]:
        """Return the full names of the networks in memory, the least recently used first."""
        with self._lock:
            return [name for name, slot in self._slots.items() if slot.model is not None]

    def get(self, name: str) -> LoadedModel:
        """Return the network called `name`, from memory where it is there; its layers are folded.

        Threads that ask for the same one while it is being loaded wait for that one load.

        Raises:
            UnknownNameError: if there are no such weights.
            WeightsError: if they are damaged; the next call tries again.
        """
        full = self.resolve(name)
        with self._lock:
            slot = self._slots.setdefault(full, _Slot())
            self._slots.move_to_end(full)
            while len(self._slots) > self._size:
                self._slots.popitem(last=False)
        with slot.lock:
            if slot.model is None:
                slot.model = load_weights(self._source.fetch(full), self._source.fetch, folded=True)
            return slot.model

    def unfolded(self, name: str) -> LoadedModel:
        """Return the network called `name` with all its layers, as it was trained; loads it anew.

        Raises:
            UnknownNameError: if there are no such weights.
            WeightsError: if they are damaged.
        """
        return load_weights(self.folder(name), self._source.fetch)

    def load(self, names: Iterable[str], progress: Progress = silent) -> None:
        """Load the networks called `names` that aren't in memory, one after the other.

        Raises:
            UnknownNameError: if one doesn't exist; then none is loaded.
            WeightsError: if one is damaged.
        """
        wanted = list(dict.fromkeys(self.resolve(name) for name in names))
        for done, name in enumerate(wanted):
            progress(done / len(wanted), f"Loading {name}")
            self.get(name)
        progress(1.0, "Models loaded")
