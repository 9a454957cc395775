"""A running page and a real browser to look at it with."""

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.visit import SIZES, Visit, visits
from tests.studio_parts import write_network

ROOT = Path(__file__).parents[2]
MODELS = ("acsinet", "resnet18")
START_S = 120
CAMERA_FRAMES = 20
BROWSER_ARGS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film in which an average happy face moves from side to side."""
    sample = Image.open(ROOT / "ferstudio" / "samples" / "happiness.png").convert("RGB")
    face, film = sample.resize((300, 300), Image.Resampling.BICUBIC), io.BytesIO()
    for number in range(CAMERA_FRAMES):
        frame = Image.new("RGB", (640, 480), (120, 125, 130))
        frame.paste(face, (140 + 4 * abs(CAMERA_FRAMES // 2 - number), 90))
        frame.save(film, "JPEG", quality=90)
    file = tmp_path_factory.mktemp("camera") / "face.mjpeg"
    file.write_bytes(film.getvalue())
    return file


@pytest.fixture(scope="session")
def browser(camera: Path) -> Iterator[Browser]:
    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None and os.environ.get("CI") == "true":
        pytest.fail("CI has no Chromium; install it so that the page is tested.")
    if path is None:
        pytest.skip("needs Chromium on the PATH")
    with sync_playwright() as playwright:
        film = f"--use-file-for-fake-video-capture={camera}"
        chromium = playwright.chromium.launch(executable_path=path, args=[*BROWSER_ARGS, film])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the repository's weights of both networks, untrained ones where they aren't there."""
    own, folder = ROOT / "weights", tmp_path_factory.mktemp("weights")
    for model in MODELS:
        if (own / f"{model}.ferplus" / "card.json").is_file():
            (folder / f"{model}.ferplus").symlink_to(own / f"{model}.ferplus")
        else:
            write_network(folder, model, "ferplus")
    return folder


@pytest.fixture(scope="session")
def address(
    weights: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Return where app.py serves the page; it is asked for after the browser, which may skip."""
    port = _free_port()
    log = tmp_path_factory.mktemp("log") / "app.log"
    command = [sys.executable, "app.py", "--port", str(port), "--weights", str(weights)]
    with log.open("w") as output:
        app = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}/"
        _wait_for(url, app, log)
        yield url
    finally:
        app.terminate()
        app.wait(timeout=30)


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return SIZES[request.param]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    yield from visits(browser, address, SIZES["desktop"])


@pytest.fixture
def sized_visit(browser: Browser, address: str, size: tuple[int, int]) -> Iterator[Visit]:
    yield from visits(browser, address, size)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, app: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if app.poll() is not None:
            pytest.fail(f"app.py ended with status {app.returncode}:\n{log.read_text('utf-8')}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"app.py didn't answer within {START_S} s:\n{log.read_text('utf-8')}")
