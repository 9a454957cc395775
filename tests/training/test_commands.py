"""What every command keeps to: its name, one frame, and no logic of its own."""

import ast
import importlib
from pathlib import Path

import pytest

import training

CONTRACT = (
    "prepare train evaluate crossval export prototypes stability ablation pictures balance subsets "
    "features faithfulness ensemble teachers networks_table results_table calibrate "
    "attention_worth cards round unpack face_check class_counts costs curves lambda_search"
).split()
"""Their names are a contract: others call them."""

FOLDER = Path(training.__file__).parent
SHARED = {"__init__", "command_line"}
COMMANDS = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem not in SHARED)


def test_no_command_is_lost() -> None:
    assert set(CONTRACT) <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_helps(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"training.{name}").main(["--help"])
    assert ended.value.code == 0
    assert f"python -m training.{name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_thin(name: str) -> None:
    source = (FOLDER / f"{name}.py").read_text("utf-8")
    body = ast.parse(source).body
    public = [item.name for item in body if isinstance(item, ast.FunctionDef | ast.ClassDef)]
    assert [item for item in public if not item.startswith("_")] == ["main"]
    assert len(source.splitlines()) <= 130
    assert isinstance(body[-1], ast.If)  # runs where it is started, and only there
