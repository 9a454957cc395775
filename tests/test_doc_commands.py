"""Every command of `python -m ferstudio` that the README and docs/ show runs as it stands."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image

from ferstudio import cli
from ferstudio.keep.recipe import recipe_of
from ferstudio.models import model_entry
from ferstudio.studio import sweep_cost
from ferstudio.studio.selection import Selection
from ferstudio.studio.studio import Studio
from tests.made_videos import write_video
from tests.models.test_black_box import Small, onnx_file
from tests.studio_parts import write_network

ROOT = Path(__file__).parent.parent
SHOWN = re.compile(r"python -m ferstudio ((?:[^`\n\\]|\\\n)+)")


def commands() -> list[str]:
    """Return the commands that are shown with what they are given, each once."""
    found: dict[str, None] = {}
    for file in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for shown in SHOWN.findall(file.read_text("utf-8")):
            command = " ".join(shown.replace("\\\n", " ").split())
            if " " in command:
                found[command] = None
    return list(found)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a file or folder by every name that the commands take."""
    place = tmp_path_factory.mktemp("shown")
    for model in ("resnet18", "csinet"):
        write_network(place / "shelf", model)
    sample = Image.open(ROOT / "ferstudio" / "samples" / "happiness.png").convert("RGB")
    photo = Image.new("RGB", (300, 300), (150, 150, 150))
    photo.paste(sample.resize((200, 200)), (50, 50))
    for file in (place / "face.jpg", place / "DIR" / "happy" / "1.jpg"):
        file.parent.mkdir(parents=True, exist_ok=True)
        photo.save(file)
    write_video(place / "clip.mp4", 0.5, size_px=(320, 240))
    torch.manual_seed(0)
    state = model_entry("torchvision_resnet34").build(num_classes=7).state_dict()
    torch.save(state, place / "mine.pth")
    onnx_file(place / "emotion.onnx", Small(1), 1, 1, 64, 64)
    studio = Studio(place / "shelf")
    found = studio.compare(Selection(studio.sample("fear"), models=("resnet18.test",)))
    (place / "FILE").write_text(json.dumps(recipe_of(studio, found).content()))
    return place


def test_there_are_commands() -> None:
    named = {command.split()[0] for command in commands()}
    assert named == {"models", "analyze", "sweep", "study", "import", "bench"}


@pytest.mark.slow
@pytest.mark.parametrize("command", commands())
def test_a_command_runs_as_it_is_shown(
    command: str,
    place: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if ".onnx" in command:
        pytest.importorskip("onnxruntime")
    for given in place.iterdir():
        (tmp_path / given.name).symlink_to(given)
    (tmp_path / "DIR").unlink()
    shutil.copytree(place / "DIR", tmp_path / "DIR")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep_cost, "OCCLUDERS", ("lower",))  # of bench, which times a study
    monkeypatch.setenv("FERSTUDIO_WEIGHTS", str(place / "shelf"))
    status = cli.main(shlex.split(command))
    said = capsys.readouterr()
    assert (status, bool(said.out)) == (0, True), said.err
