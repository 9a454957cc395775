"""Every example of docs/api.md runs as it stands, against a server on a free port."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.e2e.server import serving

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "api.md").read_text("utf-8")
EXAMPLE = re.compile(r"<!-- example: (\w+) -->\n```\w+\n(.*?)```", re.DOTALL)
EXAMPLES = dict(EXAMPLE.findall(TEXT))
STANDARD = "http://127.0.0.1:7860/"

pytestmark = pytest.mark.slow

HAS_MCP = find_spec("mcp") is not None
NODE_FOLDER = Path(os.environ.get("GRADIO_CLIENT_FOLDER", "node_modules"))


@pytest.fixture(scope="module")
def address(shelf: Path) -> Iterator[str]:
    with serving(shelf, *(["--mcp"] if HAS_MCP else [])) as (address, _):
        yield address


def ran(address: str, name: str, *command: str, folder: Path) -> str:
    """Return what an example prints, run by `command` from a file in `folder`."""
    code = EXAMPLES[name].replace(STANDARD, address)
    assert code != EXAMPLES[name]
    file = folder / {"javascript": "ask.mjs", "curl": "ask.sh"}.get(name, "ask.py")
    file.write_text(code)
    done = subprocess.run(
        [*command, str(file)], cwd=folder, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_python(address: str, tmp_path: Path) -> None:
    *answers, looked = ran(address, "python", sys.executable, folder=tmp_path).splitlines()
    assert [line.split()[0] for line in answers] == ["acsinet.test", "resnet18.test"]
    assert looked.endswith("data:image/png;base64,")


def test_javascript(address: str, tmp_path: Path) -> None:
    node, modules = shutil.which("node"), NODE_FOLDER / "node_modules"
    if node is None or not (modules / "@gradio" / "client").is_dir():
        pytest.skip("needs node, and GRADIO_CLIENT_FOLDER where npm installed @gradio/client")
    (tmp_path / "node_modules").symlink_to(modules.resolve())
    lines = ran(address, "javascript", node, folder=tmp_path).splitlines()
    assert [line.split()[0] for line in lines] == ["acsinet.test", "resnet18.test"]


def test_curl(address: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    said = ran(address, "curl", "sh", folder=tmp_path)
    assert said.startswith("event: complete\ndata: [{")
    assert '"model": "resnet18.test"' in said


@pytest.mark.skipif(not HAS_MCP, reason="needs gradio[mcp]")
def test_mcp(address: str, tmp_path: Path) -> None:
    tools, found = ran(address, "mcp", sys.executable, folder=tmp_path).split("\n", 1)
    assert tools.split() == re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)
    assert "resnet18.test" in found
