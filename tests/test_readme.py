"""The README keeps its promises: its commands, files, options and numbers exist."""

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
from PIL import Image

from ferstudio.python_version import NEWEST, OLDEST, UV_COMMAND
from tests.made_videos import write_video

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
FRONT_MATTER, TEXT = README.removeprefix("---\n").split("\n---\n", 1)

BLOCK = re.compile(r"^```(?:sh)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODULE_COMMANDS = re.findall(r"`python -m ([\w.]+)([^`]*)`", TEXT)
SPACE_COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


def front_matter() -> dict[str, str]:
    pairs = (line.split(": ", 1) for line in FRONT_MATTER.splitlines())
    return {key: value.strip('"') for key, value in pairs}


def test_the_space_is_described() -> None:
    assert README.startswith("---\n")
    space = front_matter()
    assert space["title"] == "ferstudio"
    assert space["sdk"] == "gradio"
    assert space["license"] == "mit"
    assert {space["colorFrom"], space["colorTo"]} <= SPACE_COLOURS
    assert (ROOT / space["app_file"]).is_file()
    assert len(space["short_description"]) <= 60
    major, minor = map(int, space["python_version"].split("."))
    assert OLDEST <= (major, minor) <= NEWEST


def test_the_space_has_the_gradio_that_was_tested() -> None:
    declared = front_matter()["sdk_version"].split(".")
    assert declared[0] == version("gradio").split(".")[0]
    assert declared[:2] <= version("gradio").split(".")[:2]


def test_exactly_two_commands_stand_out() -> None:
    run, check = BLOCK.findall(TEXT)
    assert run.count("\n") == check.count("\n") == 1
    assert run.strip().endswith("-r requirements.txt && .venv/bin/python app.py")
    assert check.strip().endswith("-r requirements-dev.txt && make check")
    assert TEXT.index("Python 3.10, 3.11, 3.12 or 3.13") < TEXT.index(run)


def test_ci_runs_the_second_command() -> None:
    marker = "<!-- command: test -->"
    assert marker in (ROOT / ".ci" / "run").read_text("utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    following = BLOCK.search(TEXT, TEXT.index(marker))
    assert following is not None
    assert following.group(1) == BLOCK.findall(TEXT)[1]


def test_the_line_for_newer_pythons_is_the_one_the_guard_prints() -> None:
    assert f"`{UV_COMMAND}`" in TEXT


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_to_files(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (ROOT / target).is_file(), target


def test_files_named_in_contributing_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:ferstudio|training|tests)/[\w/.]*)`", text)
    assert len(named) > 5
    for path in named:
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("module", sorted({module for module, _ in MODULE_COMMANDS}))
def test_the_commands_know_the_options(module: str, capsys: pytest.CaptureFixture[str]) -> None:
    rests = [rest for name, rest in MODULE_COMMANDS if name == module]
    subcommands = {rest.split()[0] for rest in rests} if module == "ferstudio" else {""}
    command = import_module("ferstudio.cli" if module == "ferstudio" else module)
    for subcommand in subcommands:
        with pytest.raises(SystemExit) as stop:
            command.main([*subcommand.split(), "--help"])
        assert stop.value.code == 0
    helps = capsys.readouterr().out
    options = {option for rest in rests for option in re.findall(r"--[\w-]+", rest)}
    assert {option for option in options if option not in helps} == set()


def test_results_are_those_on_the_cards() -> None:
    results = TEXT.split("<!-- results:start -->")[1].split("<!-- results:end -->")[0]
    cards = [json.loads(file.read_text("utf-8")) for file in ROOT.glob("weights/*/card.json")]
    shown = set(re.findall(r"`([\w.]+\.[\w.]+)`", results))
    assert shown <= {f"{card['model']}.{card['tag']}" for card in cards}


@pytest.mark.slow
def test_the_python_example_runs(tmp_path: Path) -> None:
    _, _, rest = README.partition("<!-- example: python -->\n```python\n")
    code, _, _ = rest.partition("```")
    photo = Image.new("RGB", (900, 900), (150, 150, 150))
    sample = Image.open(ROOT / "ferstudio" / "samples" / "happiness.png")
    photo.paste(sample.convert("RGB").resize((420, 420)), (240, 240))
    photo.save(tmp_path / "me.jpg")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert {file.name for file in tmp_path.iterdir()} == {
        "me.jpg", "answers.svg", "robustness.png",
    }  # fmt: skip


@pytest.mark.slow
def test_the_example_of_a_video_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = re.search(r"<!-- example: video -->\n`python -m ferstudio ([^`]*)`", README)
    assert found is not None
    write_video(tmp_path / "clip.mp4", 1.0, size_px=(320, 240))
    monkeypatch.chdir(tmp_path)
    assert import_module("ferstudio.cli").main(found[1].split()) == 0
    written = {file.name for file in (tmp_path / "out").iterdir()}
    assert written == {f"clip.{kind}" for kind in ("mp4", "json", "csv", "png", "svg")}
    assert str(Path("out") / "clip.mp4") in capsys.readouterr().out
