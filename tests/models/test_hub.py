import shutil
from pathlib import Path

import pytest

import ferstudio
from ferstudio.errors import UnknownNameError, UsageError, WeightsError
from ferstudio.models import hub
from ferstudio.models.hub import WeightsSource, download_from_hub, weights_source


def make_folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir(parents=True)
    (folder / "card.json").write_text("{}")
    (folder / "a").write_bytes(b"weights")
    return folder


class FakeHub:
    """Copies the matching part of a folder to a cache and remembers what it was asked."""

    def __init__(self, tmp_path: Path) -> None:
        self.remote, self.cache = tmp_path / "remote", tmp_path / "cache"
        self.asked: list[tuple[str, str]] = []

    def __call__(self, repository: str, pattern: str) -> Path:
        self.asked.append((repository, pattern))
        for file in self.remote.glob(pattern):
            target = self.cache / file.relative_to(self.remote)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
        return self.cache


def test_a_folder_is_used_as_it_is(tmp_path: Path) -> None:
    source = weights_source(make_folder(tmp_path, "resnet18.near").parent)
    assert source.repository is None
    assert source.folders() == {"resnet18.near": tmp_path / "resnet18.near"}
    assert source.fetch("resnet18.near") == tmp_path / "resnet18.near"


def test_weights_that_appear_later_are_seen(tmp_path: Path) -> None:
    source = weights_source(tmp_path)
    assert source.folders() == {}
    make_folder(tmp_path, "resnet18.new")
    assert list(source.folders()) == ["resnet18.new"]


def test_the_environment_stands_in_and_an_argument_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    monkeypatch.delenv("FERSTUDIO_WEIGHTS", raising=False)
    beside_the_package = Path(ferstudio.__file__).parent.parent / "weights"
    assert weights_source().folder == beside_the_package
    monkeypatch.setenv("FERSTUDIO_WEIGHTS", str(here))
    assert weights_source().folder == here
    assert weights_source(there).folder == there
    monkeypatch.setenv("FERSTUDIO_WEIGHTS", "hf:someone/some-weights")
    assert weights_source().repository == "someone/some-weights"
    assert weights_source().folder == beside_the_package


@pytest.mark.parametrize("place", ["nowhere", "a/b/c", "/no/such/folder", "../weights-gone"])
def test_what_is_neither_folder_nor_repository_is_refused(place: str) -> None:
    with pytest.raises(WeightsError, match="no weights folder"):
        weights_source(place)


def test_a_misspelt_folder_asks_nothing_of_the_hub() -> None:
    with pytest.raises(WeightsError, match="no weights folder runs/typo; .* named hf:runs/typo"):
        weights_source("runs/typo")
    with pytest.raises(WeightsError, match="is named hf:user/name, not hf:typo"):
        weights_source("hf:typo")


def test_cards_come_first_and_the_rest_when_it_is_used(tmp_path: Path) -> None:
    fake = FakeHub(tmp_path)
    make_folder(fake.remote, "resnet18.far")
    source = WeightsSource(tmp_path / "absent", "someone/repo", download=fake)
    assert fake.asked == []
    assert source.folders() == {"resnet18.far": fake.cache / "resnet18.far"}
    assert not (fake.cache / "resnet18.far" / "a").exists()
    fetched = source.fetch("resnet18.far")
    assert (fetched / "a").read_bytes() == b"weights"
    source.folders()
    source.resolve("resnet18")
    assert fake.asked == [("someone/repo", "*/card.json"), ("someone/repo", "resnet18.far/*")]


def test_the_local_folder_comes_first(tmp_path: Path) -> None:
    fake = FakeHub(tmp_path)
    make_folder(fake.remote, "acsinet.far")
    make_folder(fake.remote, "resnet18.both")
    local = make_folder(tmp_path / "local", "resnet18.both")
    source = WeightsSource(tmp_path / "local", "someone/repo", download=fake)
    assert list(source.folders()) == ["acsinet.far", "resnet18.both"]
    assert source.fetch("resnet18.both") == local
    assert fake.asked == [("someone/repo", "*/card.json")]


@pytest.mark.parametrize(
    ("name", "full"),
    [("resnet18.a", "resnet18.a"), ("acsinet", "acsinet.b"), ("acsinet.b", "acsinet.b")],
)
def test_a_bare_name_stands_for_its_only_weights(tmp_path: Path, name: str, full: str) -> None:
    for folder in ("resnet18.a", "resnet18.b", "acsinet.b"):
        make_folder(tmp_path, folder)
    assert weights_source(tmp_path).resolve(name) == full


def test_names_that_mean_none_or_several_are_refused(tmp_path: Path) -> None:
    source = weights_source(tmp_path)
    with pytest.raises(WeightsError, match="no weights in"):
        source.resolve("resnet18")
    make_folder(tmp_path, "resnet18.a")
    make_folder(tmp_path, "resnet18.b")
    with pytest.raises(UsageError, match=r"any of resnet18\.a, resnet18\.b"):
        source.resolve("resnet18")
    with pytest.raises(UnknownNameError, match=r"named 'resnet1'.*resnet18\.a, resnet18\.b"):
        source.resolve("resnet1")


def test_a_failed_download_says_what_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(repository: str, *, allow_patterns: list[str]) -> str:
        assert (repository, allow_patterns) == ("someone/repo", ["*/card.json"])
        raise ConnectionError("no route")

    monkeypatch.setattr("huggingface_hub.snapshot_download", fail)
    with pytest.raises(WeightsError, match=r"'someone/repo' .* check the name and the network"):
        download_from_hub("someone/repo", "*/card.json")


def test_a_download_gives_the_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: str(tmp_path))
    assert download_from_hub("someone/repo", "resnet18.far/*") == tmp_path


def test_importing_asks_nothing_of_the_hub() -> None:
    assert "huggingface_hub" not in vars(hub)
