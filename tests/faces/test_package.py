import subprocess
import sys
from pathlib import Path

import pytest

import ferstudio.faces

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_importing_the_package_imports_no_mediapipe() -> None:
    program = (
        "import sys, ferstudio.faces, ferstudio.faces.mediapipe_detector\n"
        "print(sorted(set(sys.modules) & {'mediapipe', 'gradio', 'pytorch_grad_cam'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "[]\n"


def test_every_public_name_is_there() -> None:
    assert all(hasattr(ferstudio.faces, name) for name in ferstudio.faces.__all__)
