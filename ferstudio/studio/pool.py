"""Trained networks by name: loaded when first asked for, kept while they fit into memory."""

from collections.abc import Iterable
from pathlib import Path

from ferstudio.models import LoadedModel, load_weights
from ferstudio.models.hub import WeightsSource, weights_source
from ferstudio.studio.cache import LimitedCache, module_bytes
from ferstudio.studio.results import Progress, silent
from ferstudio.system_memory import memory_bytes

POOL_SHARE = 0.25
"""Of all memory, for networks, unless asked otherwise. All twelve that are shipped take 746 MiB,
folded, and some of them fit beside that with all their layers."""


class ModelPool:
    """Networks shared by all threads: each is loaded once, the least recently used is dropped.

    Different networks are loaded at the same time. One that is larger than the whole pool is
    handed over and not kept.
    """

    def __init__(
        self, source: WeightsSource | str | Path | None = None, limit_bytes: int | None = None
    ) -> None:
        """Take networks from `source` and keep `limit_bytes` of them; loads nothing yet.

        None keeps `POOL_SHARE` of the memory that there is.

        Raises:
            UsageError: if the pool could keep none.
            WeightsError: if there is no such source.
        """
        self._source = source if isinstance(source, WeightsSource) else weights_source(source)
        if limit_bytes is None:
            limit_bytes = int(POOL_SHARE * memory_bytes())
        self._networks: LimitedCache[tuple[str, bool], LoadedModel] = LimitedCache(
            limit_bytes, lambda model: module_bytes(model.module)
        )

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

    def get(self, name: str) -> LoadedModel:
        """Return the network called `name`, from memory where it is there; its layers are folded.

        Threads that ask for the same one while it is being loaded wait for that one load.

        Raises:
            UnknownNameError: if there are no such weights.
            WeightsError: if they are damaged; the next call tries again.
        """
        return self._kept(name, folded=True)

    def unfolded(self, name: str) -> LoadedModel:
        """Return the network called `name` with all its layers, as it was trained.

        It is kept as the folded one is, apart from it.

        Raises:
            UnknownNameError: if there are no such weights.
            WeightsError: if they are damaged; the next call tries again.
        """
        return self._kept(name, folded=False)

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

    def _kept(self, name: str, *, folded: bool) -> LoadedModel:
        full, fetch = self.resolve(name), self._source.fetch
        return self._networks.get(
            (full, folded), lambda: load_weights(fetch(full), fetch, folded=folded)
        )
