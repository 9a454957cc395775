"""Script, style and HTML stand in files of their own, none of it in Python."""

import re
from pathlib import Path

import pytest

from ferstudio.ui import scripts
from ferstudio.ui.scripts import script, static

UI = Path(scripts.__file__).parent
SCRIPTS = sorted(file.stem for file in (UI / "static").glob("*.js"))


@pytest.mark.parametrize("file", sorted(UI.rglob("*.py")), ids=lambda file: str(file.stem))
def test_python_holds_no_html_and_no_script(file: Path) -> None:
    found = re.findall(r"</?[a-z]\w*[ >/]|addEventListener|=>|\{\{", file.read_text("utf-8"))
    assert found == []


def test_scripts_follow_one_another() -> None:
    both = script("choice", "choice_groups")
    assert both == f"{static('choice.js')}\n{static('choice_groups.js')}"


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_used(name: str) -> None:
    used = "".join(file.read_text("utf-8") for file in UI.rglob("*.py"))
    assert f'"{name}"' in used or f'static("{name}.js")' in used


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name != "vote"])
def test_no_script_looks_for_other_parts_of_the_page_as_it_starts(name: str) -> None:
    """Gradio lays parts out in any order: what is there by then depends on the machine."""
    early = r"^(?:const|let|var)\b[^(]*document\.(?:query|get).*"
    assert re.findall(early, static(f"{name}.js"), re.MULTILINE) == []
