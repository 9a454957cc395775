"""Weights folders as a few archives of limited size, for machines that give back few files.

An archive is a ZIP file. Each distinct weights file is kept once, in pieces named by its sha256, as
`<sha256>/<number>`; networks that share a backbone share its files. The cards, which name the files
by these checksums, are entries of the last archive, `<weights>/card.json`. Any number of archives
can be unpacked together; what isn't whole or was altered is refused.
"""

import hashlib
import io
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ferstudio.errors import WeightsError
from ferstudio.files import replaced_folder, write_whole
from ferstudio.models.card import CARD_FILE, WeightsCard, read_card

MAX_ARCHIVES = 8

ARCHIVE_BYTES = 16 * 2**20
"""No archive is larger."""

PIECE_BYTES = 2**18

_ENTRY_BYTES = 512  # more than an entry's name and sizes take, at its place and in the directory


@dataclass(frozen=True, slots=True)
class Packed:
    """What came of packing.

    Attributes:
        files: the archives.
        names: weights that they hold; for all others there was no room.
    """

    files: tuple[Path, ...]
    names: tuple[str, ...]


def pack(folders: Sequence[Path], out: Path) -> Packed:
    """Write weights folders to `out` as archives `weights-1.zip` and so on, and say which.

    The first folders go first; what has no room left is left out. Archives of an earlier time are
    removed.

    Args:
        folders: weights folders with files of their own.
        out: where the archives appear.
    """
    cards = {folder: read_card(folder) for folder in folders}
    texts = {folder: (folder / CARD_FILE).read_bytes() for folder in folders}
    writer = _Writer(reserve=sum(len(text) + _ENTRY_BYTES for text in texts.values()))
    stored: set[str] = set()
    for folder, card in cards.items():
        for name, digest in zip(card.files, card.sha256, strict=True):
            if digest not in stored and writer.add_pieces(digest, (folder / name).read_bytes()):
                stored.add(digest)
    whole = [folder for folder, card in cards.items() if stored.issuperset(card.sha256)]
    for folder in whole:
        writer.add(f"{folder.name}/{CARD_FILE}", texts[folder])
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("weights-*.zip"):
        old.unlink()
    files = tuple(out / f"weights-{number}.zip" for number in range(1, len(writer.archives) + 1))
    for file, content in zip(files, writer.finished(), strict=True):
        write_whole(file, content)
    return Packed(files, tuple(folder.name for folder in whole))


def unpack(folders: Sequence[Path], weights_dir: Path) -> list[Path]:
    """Write the weights folders of all archives in some folders, and return them.

    Each appears whole, its files checked by the card's checksums, or not at all; one of the same
    name is replaced.

    Raises:
        WeightsError: if there are no archives, or a file is damaged or missing.
    """
    pieces: dict[str, dict[str, bytes]] = defaultdict(dict)
    cards: dict[str, bytes] = {}
    for where, content in _entries(folders):
        parent, _, name = where.rpartition("/")
        if name == CARD_FILE:
            cards[parent] = content
        else:
            pieces[parent][name] = content
    files = {d: b"".join(parts[number] for number in sorted(parts)) for d, parts in pieces.items()}
    if not cards:
        raise WeightsError(f"There are no weights in {', '.join(map(str, folders))}.")
    return [_unpacked(name, text, files, weights_dir) for name, text in sorted(cards.items())]


class _Writer:
    """Archives in memory, filled one after the other; `reserve` bytes of each stay for `add`."""

    def __init__(self, reserve: int) -> None:
        self._room = ARCHIVE_BYTES - reserve - _ENTRY_BYTES
        self.archives: list[tuple[io.BytesIO, zipfile.ZipFile]] = []

    def add(self, name: str, content: bytes) -> None:
        """Add an entry to the last archive, where `reserve` has room for it."""
        if not self.archives:
            self._begin()
        self.archives[-1][1].writestr(name, content)

    def add_pieces(self, digest: str, content: bytes) -> bool:
        """Add a file's content in pieces; return False as soon as there is no room."""
        for number, start in enumerate(range(0, len(content), PIECE_BYTES)):
            if not self._has_room():
                if len(self.archives) == MAX_ARCHIVES:
                    return False
                self._begin()
            self.add(f"{digest}/{number:05d}", content[start : start + PIECE_BYTES])
        return True

    def finished(self) -> Iterator[bytes]:
        """Yield the content of each archive."""
        for buffer, archive in self.archives:
            archive.close()
            yield buffer.getvalue()

    def _begin(self) -> None:
        buffer = io.BytesIO()
        deflated = zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED)
        self.archives.append((buffer, deflated))

    def _has_room(self) -> bool:
        if not self.archives:
            return False
        buffer, archive = self.archives[-1]
        directory = _ENTRY_BYTES * len(archive.filelist)
        return buffer.tell() + directory + PIECE_BYTES + _ENTRY_BYTES <= self._room


def _entries(folders: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    for file in (file for folder in folders for file in sorted(folder.glob("weights-*.zip"))):
        yield from _read(file).items()


def _read(file: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(file) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile, zlib.error) as error:
        raise WeightsError(f"{file} is damaged ({error}); fetch it again.") from error


def _unpacked(name: str, text: bytes, files: dict[str, bytes], weights_dir: Path) -> Path:
    with replaced_folder(weights_dir / Path(name).name) as folder:
        (folder / CARD_FILE).write_bytes(text)
        card = read_card(folder)
        if card.name != name:
            raise WeightsError(f"An archive has the card of {card.name} in place of {name}'s.")
        for file, digest in zip(card.files, card.sha256, strict=True):
            (folder / file).write_bytes(_checked(card, digest, files))
    return weights_dir / name


def _checked(card: WeightsCard, digest: str, files: dict[str, bytes]) -> bytes:
    content = files.get(digest)
    if content is None or hashlib.sha256(content).hexdigest() != digest:
        raise WeightsError(
            f"The archives hold {card.name} only in part: the file of sha256 {digest[:12]}… is "
            "missing or damaged; fetch all of them again."
        )
    return content
