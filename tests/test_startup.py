"""Starting the page imports no library that only some answers need, and finds no face."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

WAITING = (
    "av",
    "matplotlib",
    "mediapipe",
    "openTSNE",
    "pytorch_grad_cam",
    "scipy",
    "sklearn",
    "torch._dynamo",
    "torchvision",
)
"""Imported where they are used: together they cost as much as torch and gradio."""

SCRIPT = f"""
import sys
import app
from ferstudio.studio.studio import Studio
from ferstudio.ui.page import build_app
build_app(Studio("weights"))
print(*(name for name in {WAITING!r} if name in sys.modules))
"""


@pytest.mark.slow
def test_the_page_starts_without_the_libraries_that_can_wait() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
