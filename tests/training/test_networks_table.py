"""The README's networks are those of the code, with the code's counts."""

import re
from pathlib import Path

from ferstudio.models import list_models
from training.docs.networks_table import SECTION, networks_markdown
from training.docs.readme import markers
from training.networks_table import main

ROOT = Path(__file__).parent.parent.parent


def test_every_network_has_one_row() -> None:
    assert sorted(re.findall(r"\| `(\w+)` \|", networks_markdown())) == list_models()


def test_counts_are_in_millions_and_billions() -> None:
    row = "| ResNet-18 | `resnet18` | plain residual baseline | 11.18 M | 1.81 G |"
    assert row in networks_markdown().splitlines()


def test_the_readme_is_up_to_date() -> None:
    start, end = markers(SECTION)
    text = (ROOT / "README.md").read_text("utf-8")
    assert text.partition(start)[2].partition(end)[0].strip() == networks_markdown(), (
        "run python -m training.networks_table"
    )


def test_the_command_writes_between_the_markers(tmp_path: Path) -> None:
    start, end = markers(SECTION)
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{start}\nold\n{end}\nafter\n", "utf-8")
    assert main(["--readme", str(readme)]) == 0
    assert readme.read_text("utf-8") == f"before\n{start}\n{networks_markdown()}\n{end}\nafter\n"
    readme.write_text("no markers", "utf-8")
    assert main(["--readme", str(readme)]) == 2
