"""The README's networks are those of the code, with the code's counts."""

import re
from pathlib import Path

import pytest

from ferstudio.models import list_models
from training.docs.networks_table import SECTION, networks_markdown
from training.docs.readme import markers
from training.networks_table import main

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.slow  # the table builds every network


@pytest.fixture(scope="module")
def table() -> str:
    return networks_markdown()


def test_every_network_has_one_row(table: str) -> None:
    assert sorted(re.findall(r"\| `(\w+)` \|", table)) == list_models()


def test_counts_are_in_millions_and_billions(table: str) -> None:
    row = "| ResNet-18 | `resnet18` | plain residual baseline | 11.18 M | 1.81 G |"
    assert row in table.splitlines()


def test_the_readme_is_up_to_date(table: str) -> None:
    start, end = markers(SECTION)
    text = (ROOT / "README.md").read_text("utf-8")
    assert text.partition(start)[2].partition(end)[0].strip() == table, (
        "run python -m training.networks_table"
    )


def test_the_command_writes_between_the_markers(
    table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.networks_table.networks_markdown", lambda: table)
    start, end = markers(SECTION)
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{start}\nold\n{end}\nafter\n", "utf-8")
    assert main(["--readme", str(readme)]) == 0
    assert readme.read_text("utf-8") == f"before\n{start}\n{table}\n{end}\nafter\n"
    readme.write_text("no markers", "utf-8")
    assert main(["--readme", str(readme)]) == 2
