"""What is stale of weights and README, that only this is made anew, and that a record can't lie."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ferstudio.features import BANK_FILE, read_bank
from ferstudio.models.card import WeightsCard, read_card, write_card
from tests.networks import card, write_weights
from training.cards import main
from training.data.cache import load_split
from training.docs.readme import markers
from training.shipping.ensemble import write_ensemble
from training.shipping.parts import PARTS, stale_parts

from .tiny import Tiny, register_tiny

OF_ONE = [part.name for part in PARTS if part.name != "worth of attention"]


def write_tiny(home: Path, model: str, seed: int) -> Path:
    """Write weights of a tiny network, drawn by `seed`, and return their folder."""
    torch.manual_seed(seed)
    network = Tiny(8, width=4 + len(model))
    plain = replace(card(model), input=replace(card(model).input, size=16), metrics=())
    write_weights(home / "weights", plain, network.state_dict())
    return home / "weights" / plain.name


@pytest.fixture
def home(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with weights of two networks and their ensemble, and a README."""
    monkeypatch.setattr("training.docs.tables.networks_markdown", lambda: "all networks")
    for seed, model in enumerate(("one", "two")):
        register_tiny(monkeypatch, model)
        write_tiny(tmp_path, model, seed)
    valid = load_split(cache, "valid")
    write_ensemble("pair", ("one.test", "two.test"), tmp_path / "weights", valid)
    lines = [line for name in ("networks", "results", "studies") for line in markers(name)]
    (tmp_path / "README.md").write_text("\n".join(["before", *lines, "after", ""]))
    return tmp_path


@pytest.fixture
def run(
    home: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, list[str]]]:
    """Return what runs the command on `home`; it returns the exit status and the lines."""

    def command(*options: str) -> tuple[int, list[str]]:
        places = ["--data", str(cache), "--weights-dir", str(home / "weights")]
        status = main([*places, "--readme", str(home / "README.md"), *options])
        return status, capsys.readouterr().out.splitlines()

    return command


Command = Callable[..., tuple[int, list[str]]]


def test_what_is_stale_is_listed_then_made_then_nothing_is(home: Path, run: Command) -> None:
    status, listed = run("--check")
    assert status == 1
    expected = [f"{name}.test, {part}" for name in ("one", "two") for part in OF_ONE]
    expected += ["ensemble.pair, metrics"]  # of the members that calibration will change
    expected += [f"README.md, table of {name}" for name in ("networks", "results", "studies")]
    assert listed == [f"stale: {what}" for what in expected]
    cards = home / "weights" / "one.test" / "card.json"
    assert json.loads(cards.read_text())["metrics"] == []

    status, lines = run()
    assert status == 0
    assert lines[: len(expected)] == listed
    assert lines[len(expected) :] == [f"made: {what}" for what in expected]
    assert run("--check") == (0, ["nothing is stale"])

    readme = (home / "README.md").read_text()
    assert readme.startswith("before\n") and readme.endswith("\nafter\n")
    one = read_card(home / "weights" / "one.test")
    assert f"| One | `one.test` | {100 * one.metrics[0]['accuracy']:.1f} (" in readme
    assert "all networks" in readme and "agreed (n = " in readme
    assert one.calibration["temperature"] > 0 and one.explanations[0]["explainer"] == "grad-cam"
    before = {file: file.read_bytes() for file in home.rglob("*") if file.is_file()}
    assert run() == (0, ["nothing is stale"])
    assert {file: file.read_bytes() for file in home.rglob("*") if file.is_file()} == before


def test_tables_alone_are_made_of_what_there_is(home: Path, run: Command) -> None:
    cards = sorted((home / "weights").rglob("card.json"))
    before = [card.read_bytes() for card in cards]
    status, lines = run("--tables")
    made = [f"made: README.md, table of {name}" for name in ("networks", "results", "studies")]
    assert status == 0 and lines[3:] == made
    assert [card.read_bytes() for card in cards] == before
    assert run("--tables", "--check") == (0, ["nothing is stale"])


def test_other_weights_make_their_own_parts_stale_and_their_ensembles(
    home: Path, run: Command
) -> None:
    run()
    folder = home / "weights" / "two.test"
    before, bank = read_card(folder), (folder / BANK_FILE).read_bytes()
    write_tiny(home, "two", seed=7)
    after = read_card(folder)
    assert after.sha256 != before.sha256
    write_card(folder, replace(before, sha256=after.sha256))  # all that was said of the others
    (folder / BANK_FILE).write_bytes(bank)
    expected = [f"stale: two.test, {part}" for part in OF_ONE]
    assert run("--check") == (1, [*expected, "stale: ensemble.pair, metrics"])
    assert run()[0] == 0
    assert run("--check") == (0, ["nothing is stale"])
    assert read_card(folder).metrics != before.metrics


def without_record(name: str) -> Callable[[WeightsCard], WeightsCard]:
    return lambda card: replace(card, made={k: v for k, v in card.made.items() if k != name})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("metrics", without_record("metrics")),
        ("metrics", lambda card: replace(card, metrics=card.metrics[:3])),
        ("faithfulness of heatmaps", without_record("explanations")),
        ("faithfulness of heatmaps", lambda card: replace(card, explanations=())),
    ],
)
def test_a_part_without_record_or_with_a_piece_missing_is_stale_alone(
    part: str, change: Callable[[WeightsCard], WeightsCard], home: Path, run: Command
) -> None:
    run()
    folder = home / "weights" / "one.test"
    write_card(folder, change(read_card(folder)))
    assert [(each.folder, each.part.name) for each in stale_parts(home / "weights")] == [
        (folder, part)
    ]
    status, lines = run()
    assert status == 0 and [line for line in lines if line.startswith("made: one")] == [
        f"made: one.test, {part}"
    ]
    assert run("--check") == (0, ["nothing is stale"])


@pytest.mark.slow
@pytest.mark.parametrize("content", [None, b"damaged"])
def test_a_bank_that_is_missing_or_damaged_is_made_anew(
    content: bytes | None, home: Path, run: Command
) -> None:
    run()
    file = home / "weights" / "one.test" / BANK_FILE
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    assert run("--check")[1] == ["stale: one.test, bank of features and its maps"]
    run()
    assert read_bank(file.parent, read_card(file.parent)) is not None


def test_attention_is_asked_only_of_networks_that_have_some() -> None:
    applies = {part.name: part.applies for part in PARTS}["worth of attention"]
    assert applies(card("acsinet")) and not applies(card("resnet18"))
    assert not applies(replace(card("ensemble"), members=("a.b", "c.d")))


def test_a_readme_without_the_tables_is_refused(home: Path, run: Command) -> None:
    (home / "README.md").write_text("nothing")
    assert run("--check")[0] == 2


def test_tables_alone_need_no_data(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--weights-dir", str(home / "weights"), "--readme", str(home / "README.md")]
    assert main([*asked, "--tables"]) == 0
    assert "made: README.md, table of results" in capsys.readouterr().out
    assert main(asked) == 2
    assert "needs --data; --tables does without" in capsys.readouterr().err
