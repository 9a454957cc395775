import json
from pathlib import Path
from typing import Any

import pytest

from training.readme import markers
from training.results_table import SECTION, main, results_markdown

START, END = markers(SECTION)


def row(weights: str, occlude: str = "none", accuracy: float = 0.8) -> dict[str, Any]:
    return {
        "weights": weights,
        "labels": "ferplus",
        "protocol": "most voted",
        "split": "valid",
        "subset": "",
        "occlude": occlude,
        "amount": 0.0 if occlude == "none" else 1.0,
        "tta": False,
        "n": 3396,
        "accuracy": accuracy,
        "ci95": [accuracy - 0.01, accuracy + 0.01],
        "macro_recall": 0.6,
    }


def test_one_line_per_network_with_n_interval_and_masks() -> None:
    rows = [row("resnet18.ferplus"), row("resnet18.ferplus", "upper", 0.712)]
    rows.append(row("acsinet.ferplus", accuracy=0.8449))
    lines = results_markdown(rows).splitlines()
    assert "n = 3,396" in lines[0] and "most voted" in lines[0]
    assert lines[4] == "| ACSI-Net | `acsinet.ferplus` | 84.5 (83.5 to 85.5) | 60.0 |  |"
    assert lines[5] == "| ResNet-18 | `resnet18.ferplus` | 80.0 (79.0 to 81.0) | 60.0 | 71.2 |"


def test_only_what_is_between_the_markers_changes(tmp_path: Path) -> None:
    readme, results = tmp_path / "README.md", tmp_path / "results.json"
    readme.write_text(f"before\n{START}\nold\n{END}\nafter\n")
    results.write_text(json.dumps([row("resnet18.ferplus")]))
    assert main([str(results), "--readme", str(readme)]) == 0
    once = readme.read_text()
    assert once.startswith(f"before\n{START}\n") and once.endswith(f"\n{END}\nafter\n")
    assert "old" not in once and "ResNet-18" in once
    assert main([str(results), "--readme", str(readme)]) == 0
    assert readme.read_text() == once


@pytest.mark.parametrize("text", ["nothing", START, f"{END}{START}", f"{START}{START}{END}"])
def test_missing_markers_are_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme, results = tmp_path / "README.md", tmp_path / "results.json"
    readme.write_text(text)
    results.write_text(json.dumps([row("resnet18.ferplus")]))
    assert main([str(results), "--readme", str(readme)]) == 2
    assert "needs the lines" in capsys.readouterr().err
    assert readme.read_text() == text


def test_other_json_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}')
    assert main([str(tmp_path / "x.json"), "--readme", str(tmp_path / "README.md")]) == 2
    assert "isn't what" in capsys.readouterr().err
