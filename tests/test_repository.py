"""What is tracked and what is required."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.markers import Marker

from tests.test_layering import FILES

ROOT = Path(__file__).parent.parent
LARGEST_BYTES = 16 * 2**20

DISTRIBUTIONS = {
    "PIL": "pillow",
    "cv2": "opencv-python",
    "huggingface_hub": "huggingface-hub",
    "pillow_heif": "pillow-heif",
    "pytorch_grad_cam": "grad-cam",
    "sklearn": "scikit-learn",
    "typing_extensions": "typing-extensions",
}
"""Distributions whose name isn't that of the module they bring."""

OPTIONAL = {"onnxruntime", "pandas", "timm", "torchvision"}
"""Imported where a script asks for a table, or a checkpoint for what it needs."""

OPENCV = {"opencv-contrib-python", "opencv-python", "opencv-python-headless"}


def requirements(file: str, python: str = "3.11") -> dict[str, str]:
    """Return the version bounds in a requirements file by distribution, for a version of Python."""
    lines = (ROOT / file).read_text("utf-8").splitlines()
    every = [line for line in lines if line and not line.startswith(("#", "-r"))]
    wanted = []
    for line in every:
        bounds, _, marker = line.partition("; ")
        if not marker or Marker(marker).evaluate({"python_version": python}):
            wanted.append(bounds)
    pairs = [re.fullmatch(r"([\w-]+)(\S+)", line) for line in wanted]
    assert None not in pairs, wanted
    return {pair[1]: pair[2] for pair in pairs if pair}


@pytest.mark.parametrize("python", ["3.10", "3.13"])
@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_has_both_bounds(file: str, python: str) -> None:
    bounds = requirements(file, python)
    assert len(bounds) >= 5
    for name, bound in bounds.items():
        assert re.fullmatch(r">=[\d.]+,<[\d.]+|==[\d.]+", bound), f"{name}{bound}"


@pytest.mark.parametrize("python", ["3.10", "3.12", "3.13"])
def test_all_of_opencv_has_one_version(python: str) -> None:
    wanted = requirements("requirements.txt", python)
    versions = {name: bound for name, bound in wanted.items() if name in OPENCV}
    assert OPENCV - versions.keys() <= ({"opencv-contrib-python"} if python == "3.13" else set())
    assert len(set(versions.values())) == 1
    assert next(iter(versions.values())).startswith("==4.")


def test_what_is_imported_is_required_and_the_other_way_round() -> None:
    imported = set()
    for file in FILES.values():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).split(".")[0])
    foreign = imported - sys.stdlib_module_names - {"ferstudio", "training", "app"} - OPTIONAL
    needed = {DISTRIBUTIONS.get(name, name) for name in foreign}
    assert needed | OPENCV == requirements("requirements.txt").keys()


def test_opencv_decodes_only_what_the_program_made_itself() -> None:
    """The version that mediapipe allows has a fault in its JPEG decoder."""
    decoding = {
        str(file.relative_to(ROOT))
        for file in FILES.values()
        if re.search(r"cv2\.(imdecode|imread|VideoCapture)", file.read_text("utf-8"))
    }
    assert decoding == {
        "ferstudio/faces/samples.py",  # shipped pictures
        "ferstudio/occlusion/degradations.py",  # a JPEG that it has just written
        "training/data/cache.py",  # sheets that training.prepare wrote
    }


def test_pythons_for_which_mediapipe_brings_no_models_get_all_but_that() -> None:
    older, newer = (requirements("requirements.txt", python) for python in ("3.12", "3.13"))
    assert older.keys() - newer.keys() == {"mediapipe", "opencv-contrib-python"}
    assert newer.keys() <= older.keys()


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("this copy is no git repository")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_no_tracked_file_is_too_large() -> None:
    sizes = {file: file.stat().st_size for file in tracked_files() if file.is_file()}
    assert sizes
    assert {file: size for file, size in sizes.items() if size > LARGEST_BYTES} == {}
