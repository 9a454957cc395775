"""A Python that is too old or too new ends in one sentence, whatever else is there."""

import ast
import sys
from pathlib import Path

import pytest

from ferstudio import python_version
from ferstudio.python_version import UV_COMMAND, require_supported_python

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("version", [(3, 10), (3, 11), (3, 12), (3, 13, 9), None])
def test_a_supported_python_passes(version: tuple[int, ...] | None) -> None:
    require_supported_python(version)


@pytest.mark.parametrize("version", [(2, 7), (3, 9), (3, 14), (3, 15), (4, 0)])
def test_another_python_ends_in_one_sentence(
    version: tuple[int, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        require_supported_python(version)
    assert stop.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert f"this is {version[0]}.{version[1]};" in err
    assert "3.10 to 3.13" in err
    assert UV_COMMAND in err


def test_the_guard_itself_runs_on_an_old_python() -> None:
    source = Path(python_version.__file__).read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= {"__future__", *sys.stdlib_module_names}


def test_the_project_names_the_same_range() -> None:
    oldest, newest = python_version.OLDEST, python_version.NEWEST
    declared = f'requires-python = ">={oldest[0]}.{oldest[1]},<{newest[0]}.{newest[1] + 1}"'
    assert declared in (ROOT / "pyproject.toml").read_text("utf-8")


@pytest.mark.parametrize("file", ["app.py", "ferstudio/__main__.py"])
def test_the_guard_stands_before_all_other_imports(file: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "require_supported_python"
    ]
    assert lines, f"{file} doesn't call require_supported_python"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom) or node.lineno > min(lines):
            continue
        names = [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        for name in names:
            assert name == "ferstudio.python_version" or name in sys.stdlib_module_names
