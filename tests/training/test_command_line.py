"""How commands name weights, and how they end."""

import dataclasses
from pathlib import Path

from ferstudio.models.weights import read_card, write_card
from training.command_line import member_weights


def test_an_ensembles_members_are_asked_themselves(shelf: Path, tmp_path: Path) -> None:
    members = ("acsinet.test", "resnet18.test")
    for name in members:
        (tmp_path / name).symlink_to(shelf / name)
    joined = dataclasses.replace(read_card(shelf / members[0]), model="ensemble", members=members)
    (tmp_path / "ensemble.test").mkdir()
    write_card(tmp_path / "ensemble.test", dataclasses.replace(joined, files=(), sha256=()))
    folders = member_weights("resnet18.test,ensemble.test", tmp_path)
    assert [folder.name for folder in folders] == ["resnet18.test", "acsinet.test"]
