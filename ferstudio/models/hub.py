"""Where weights come from: a local folder first, else a repository on the Hugging Face Hub.

A repository has the same form as the folder: one `model.tag` folder per trained network. The
cards are fetched when the weights are listed and a network's files when it is first used; nothing
is fetched from a place that nobody named.
"""

import os
import re
import threading
from pathlib import Path
from typing import Protocol

import ferstudio
from ferstudio.errors import UnknownNameError, UsageError, WeightsError
from ferstudio.models.card import CARD_FILE
from ferstudio.models.loading import find_weights

HUB_PREFIX = "hf"

WEIGHTS_VARIABLE = "FERSTUDIO_WEIGHTS"
"""Environment variable that names the folder or repository to use where none is given."""

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


class Download(Protocol):
    """Fetches part of a repository."""

    def __call__(self, repository: str, pattern: str) -> Path:
        """Return a local copy of `repository` that holds all its files matching `pattern`."""
        ...


def download_from_hub(repository: str, pattern: str) -> Path:
    """Return the cached copy of a Hub repository with all its files that match `pattern`.

    A file appears in the cache only when it is complete; without a network the cache answers.

    Raises:
        WeightsError: if the repository can't be reached and isn't in the cache.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        return Path(snapshot_download(repository, allow_patterns=[pattern]))
    except (OSError, HfHubHTTPError, HFValidationError) as error:
        raise WeightsError(
            f"{repository!r} is no folder here and can't be fetched from the Hugging Face Hub "
            f"({type(error).__name__}); check the name and the network."
        ) from error


class WeightsSource:
    """A place that holds weights by name.

    What the repository holds is asked once; the folder is looked at every time, so that weights
    just trained are there without a restart.
    """

    def __init__(
        self,
        folder: Path,
        repository: str | None = None,
        *,
        download: Download = download_from_hub,
    ) -> None:
        """Describe the place; nothing is read or fetched yet.

        Args:
            folder: local folder with one `model.tag` folder per trained network.
            repository: `user/name` on the Hugging Face Hub for what the folder lacks, or None.
            download: how the repository is fetched.
        """
        self.folder = folder
        self.repository = repository
        self._download = download
        self._lock = threading.Lock()
        self._remote: dict[str, Path] | None = None

    def folders(self) -> dict[str, Path]:
        """Return the folder of all weights there are, by name, sorted.

        One from the repository may hold no more than its card yet; `fetch` completes it.

        Raises:
            WeightsError: if there is no such place.
        """
        local = self._local()
        if self.repository is None:
            return local
        with self._lock:
            if self._remote is None:
                self._remote = find_weights(self._download(self.repository, f"*/{CARD_FILE}"))
            return dict(sorted({**self._remote, **local}.items()))

    def resolve(self, name: str) -> str:
        """Return the full `model.tag` name that `name` means.

        A bare network's name stands for its weights where there is exactly one folder of them.

        Raises:
            UnknownNameError: if there are no such weights; the message lists those there are.
            UsageError: if a bare name could mean several.
        """
        known = list(self.folders())
        if name in known:
            return name
        matches = [full for full in known if full.partition(".")[0] == name]
        if len(matches) > 1:
            raise UsageError(f"{name!r} could be any of {', '.join(matches)}; name one of them.")
        if matches:
            return matches[0]
        if not known:
            raise WeightsError(f"There are no weights in {self.folder}; train or fetch some.")
        raise UnknownNameError("trained model", name, known)

    def fetch(self, name: str) -> Path:
        """Return the complete local folder of the weights called `name` (a full name).

        Raises:
            WeightsError: if it can't be fetched.
        """
        local = self._local()
        if name in local or self.repository is None:
            return local.get(name, self.folder / name)
        return self._download(self.repository, f"{name}/*") / name

    def _local(self) -> dict[str, Path]:
        if self.repository is not None and not self.folder.is_dir():
            return {}
        return find_weights(self.folder)


def weights_source(
    place: str | Path | None = None, *, download: Download = download_from_hub
) -> WeightsSource:
    """Return the source that `place` names, without touching the network.

    Args:
        place: a folder, or `hf:user/name`, a Hub repository for what the default folder lacks;
            None takes the environment's `FERSTUDIO_WEIGHTS`, else the default folder `weights`
            beside the package.
        download: how a repository is fetched.

    Raises:
        WeightsError: if it is neither a folder nor the name of a repository.
    """
    default = Path(ferstudio.__file__).resolve().parent.parent / "weights"
    place = place or os.environ.get(WEIGHTS_VARIABLE) or default
    prefix, _, repository = str(place).partition(":")
    if prefix == HUB_PREFIX:
        if not _REPOSITORY.fullmatch(repository):
            raise WeightsError(f"A Hub repository is named hf:user/name, not {place}.")
        return WeightsSource(default, repository, download=download)
    folder = Path(place)
    if folder.is_dir() or folder == default:
        return WeightsSource(folder)
    hint = f"; a Hub repository is named hf:{place}" if _REPOSITORY.fullmatch(str(place)) else ""
    raise WeightsError(f"There is no weights folder {place}{hint}.")
