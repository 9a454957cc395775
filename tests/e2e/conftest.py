"""A running page and a real browser to look at it with."""

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.server import ROOT, serving
from tests.e2e.visit import SIZES, Visit, visits
from tests.studio_parts import write_network

MODELS = ("acsinet", "resnet18")
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
def address(weights: Path, browser: Browser) -> Iterator[str]:
    """Return where app.py serves the page; it is asked for after the browser, which may skip."""
    with serving(weights) as (address, _):
        yield address


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return SIZES[request.param]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    yield from visits(browser, address, SIZES["desktop"])


@pytest.fixture
def sized_visit(browser: Browser, address: str, size: tuple[int, int]) -> Iterator[Visit]:
    yield from visits(browser, address, size)
