"""Weights folders to archives and back: whole, each file once, and never larger than allowed."""

import zipfile
from pathlib import Path

import pytest
import torch
from torch import Tensor

from ferstudio.errors import WeightsError
from ferstudio.models.card import read_card
from tests.networks import card, write_weights
from training.shipping import archives
from training.shipping.archives import pack, unpack
from training.unpack import main

ROWS = 40


def state(seed: int) -> dict[str, Tensor]:
    """Return a backbone that is the same for all, and a head that isn't."""
    generator = torch.Generator().manual_seed(seed)
    backbone = torch.randn(ROWS, 700, generator=torch.Generator().manual_seed(99))
    return {"body.weight": backbone, "fc.weight": torch.randn(8, 3500, generator=generator)}


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of three networks, each in two files of which the first is the same."""
    monkeypatch.setattr("ferstudio.models.shards.SHARD_BYTES", 31_000)
    for seed, tag in enumerate("abc"):
        written = write_weights(tmp_path / "shelf", card("net", tag=tag), state(seed))
        assert len(written.files) == 2
    return tmp_path / "shelf"


def folders(shelf: Path) -> list[Path]:
    return [shelf / f"net.{tag}" for tag in "abc"]


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_what_was_packed_comes_out_again_byte_by_byte(shelf: Path, tmp_path: Path) -> None:
    (shelf / "net.a" / "features.safetensors").write_bytes(b"a bank isn't packed")
    packed = pack(folders(shelf), tmp_path / "out")
    assert packed.names == ("net.a", "net.b", "net.c")
    assert [file.name for file in packed.files] == ["weights-1.zip"]
    written = unpack([tmp_path / "out"], tmp_path / "new")
    assert [folder.name for folder in written] == ["net.a", "net.b", "net.c"]
    for folder in written[1:]:
        assert content(folder) == content(shelf / folder.name)
    assert "features.safetensors" not in content(written[0])


def test_a_file_that_two_networks_share_is_kept_once(shelf: Path, tmp_path: Path) -> None:
    cards = [read_card(folder) for folder in folders(shelf)]
    assert len({each.sha256[0] for each in cards}) == 1
    (file,) = pack(folders(shelf), tmp_path / "out").files
    with zipfile.ZipFile(file) as archive:
        kept = {name.partition("/")[0] for name in archive.namelist() if "card" not in name}
    assert kept == {digest for each in cards for digest in each.sha256} and len(kept) == 4


def small_archives(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(archives, "MAX_ARCHIVES", count)
    monkeypatch.setattr(archives, "ARCHIVE_BYTES", 40_000)
    monkeypatch.setattr(archives, "PIECE_BYTES", 2_000)


def test_archives_keep_to_their_size(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_archives(monkeypatch, count=8)
    packed = pack(folders(shelf), tmp_path / "out")
    sizes = [file.stat().st_size for file in packed.files]
    assert 2 < len(sizes) <= 8 and max(sizes) <= 40_000
    assert packed.names == ("net.a", "net.b", "net.c")
    assert len(unpack([tmp_path / "out"], tmp_path / "new")) == 3
    pack(folders(shelf)[:1], tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) < len(sizes)


def test_what_has_no_room_is_left_out_whole_the_last_ones_first(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_archives(monkeypatch, count=4)
    packed = pack(folders(shelf), tmp_path / "out")
    assert packed.names == ("net.a", "net.b")
    assert len(packed.files) == 4
    assert [f.name for f in unpack([tmp_path / "out"], tmp_path / "new")] == ["net.a", "net.b"]


def test_archives_of_several_folders_are_one(shelf: Path, tmp_path: Path) -> None:
    for name in ("a", "c"):
        pack([shelf / f"net.{name}"], tmp_path / name)
    places = [str(tmp_path / "a"), str(tmp_path / "c"), "--weights-dir", str(tmp_path / "new")]
    assert main(places) == 0
    assert sorted(f.name for f in (tmp_path / "new").iterdir()) == ["net.a", "net.c"]


def rewritten(file: Path, change: str, to: bytes | None) -> None:
    """Write the archive again with the entries that begin with `change` altered, or without."""
    with zipfile.ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, entry in entries.items():
            kept = to if name.startswith(change) else entry
            if kept is not None:
                archive.writestr(name, kept)


@pytest.mark.parametrize("to", [None, b"other bytes"])
def test_a_missing_or_altered_file_is_refused_and_the_old_one_stays(
    to: bytes | None, shelf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file,) = pack(folders(shelf)[:1], tmp_path / "out").files
    before = content(shelf / "net.a")
    rewritten(file, read_card(shelf / "net.a").sha256[1], to)
    assert main([str(tmp_path / "out"), "--weights-dir", str(shelf)]) == 2
    assert "net.a only in part" in capsys.readouterr().err
    assert content(shelf / "net.a") == before


def test_a_card_of_another_name_leads_nowhere(shelf: Path, tmp_path: Path) -> None:
    (file,) = pack(folders(shelf)[:1], tmp_path / "out").files
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("../net.b/card.json", (shelf / "net.b" / "card.json").read_bytes())
    with pytest.raises(WeightsError, match=r"card of net\.b in place of"):
        unpack([tmp_path / "out"], tmp_path / "new")


def test_damaged_and_absent_archives_are_refused(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no weights in"):
        unpack([tmp_path], tmp_path / "new")
    (file,) = pack(folders(shelf), tmp_path / "out").files
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(WeightsError, match=r"weights-1\.zip is damaged"):
        unpack([tmp_path / "out"], tmp_path / "new")
    assert not (tmp_path / "new").exists()
