"""How commands name weights, and how they end."""

import argparse
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.models.card import read_card, write_card
from training.command_line import (
    ShortfallError,
    chosen_weights,
    command_parser,
    member_weights,
    run_command,
)


def test_an_ensembles_members_are_asked_themselves(shelf: Path, tmp_path: Path) -> None:
    members = ("acsinet.test", "resnet18.test")
    for name in members:
        (tmp_path / name).symlink_to(shelf / name)
    joined = dataclasses.replace(read_card(shelf / members[0]), model="ensemble", members=members)
    (tmp_path / "ensemble.test").mkdir()
    write_card(tmp_path / "ensemble.test", dataclasses.replace(joined, files=(), sha256=()))
    folders = member_weights("resnet18.test,ensemble.test", tmp_path)
    assert [folder.name for folder in folders] == ["resnet18.test", "acsinet.test"]


def test_lines_are_printed_as_they_come_and_a_mistake_ends_with_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def work(options: argparse.Namespace) -> Iterator[str]:
        yield f"first {options.name}"
        raise UsageError("Choose another.")

    parser = command_parser("thing", "`python -m training.thing`: one line.\n\nMore.")
    parser.add_argument("name")
    assert run_command(parser, ["face"], work) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("first face\n", "Choose another.\n")
    assert run_command(parser, ["face"], lambda options: [options.name]) == 0
    assert parser.prog == "python -m training.thing"
    assert parser.description == "`python -m training.thing`: one line."


def test_work_that_leaves_something_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    def work(options: argparse.Namespace) -> Iterator[str]:
        yield "nine of them"
        raise ShortfallError("The tenth failed.")

    assert run_command(command_parser("thing", None), [], work) == 1
    assert capsys.readouterr() == ("nine of them\n", "The tenth failed.\n")


def test_what_no_person_can_mend_is_no_sentence() -> None:
    def work(options: argparse.Namespace) -> list[str]:
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        run_command(command_parser("thing", None), [], work)


def test_weights_are_chosen_by_name_or_all_at_once(shelf: Path, tmp_path: Path) -> None:
    both = [shelf / "acsinet.test", shelf / "resnet18.test"]
    assert chosen_weights("all", shelf) == both
    assert chosen_weights("resnet18.test,acsinet.test", shelf) == both[::-1]
    with pytest.raises(UnknownNameError, match=r"resnet\.test.*acsinet\.test, resnet18\.test"):
        chosen_weights("resnet.test", shelf)
    with pytest.raises(UsageError, match="holds no weights yet"):
        chosen_weights("all", tmp_path)
