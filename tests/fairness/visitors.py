"""How long one visitor waits for others: `python -m tests.fairness.visitors [--runs N]`.

Starts app.py with the shipped networks and visits it with three browsers. In turns, for a machine's
speed changes, the third compares a new face alone, and while the first runs a robustness study and
the second Score-CAM on five networks. Then the others leave: by Stop, by turning to another tab, by
closing the page. Printed are the seconds of each answer, and those until the server has nothing
left to do. Beside other busy processes set OMP_NUM_THREADS=1: threads that wait for one another
there take many times as long, now and then.
"""

import argparse
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.conftest import BROWSER_ARGS
from tests.e2e.server import serving
from tests.e2e.visit import PATIENCE_MS, SIZES, turn_to

MOST_TIMES_ALONE = 2.0
MOST_TO_END_S = 1.0
HEAD_START_MS = 3000
THINKING_MS = 1500
"""Between two questions of the third visitor."""

IDLE_SHARE, IDLE_S = 0.15, 0.3
"""The server has nothing to do where it uses less than this share of a core for so long."""

SAMPLES = ("neutral", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
COVERS = ("sunglasses", "scarf", "hand")
SLOW_METHOD = "Score-CAM"

ANSWERED = """selector => new Promise((resolve) => {
  const began = performance.now(), stage = document.querySelector('#stage');
  let noticed = false;
  const look = () => {
    noticed ||= stage.classList.contains('behind');
    if (noticed && !stage.matches('.behind, .asking')) resolve((performance.now() - began) / 1000);
    else requestAnimationFrame(look);
  };
  const chosen = document.querySelector(selector);
  if (!chosen) { resolve(0); return; }
  chosen.click();
  look();
})"""
"""Clicks what there is to click, and gives the seconds until the answer to that is in view."""


@dataclass
class Server:
    """The server's process, by what it uses."""

    process: int

    def used_s(self) -> float:
        """Return the seconds of all cores that it used so far."""
        fields = Path(f"/proc/{self.process}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def idle_after_s(self) -> float:
        """Wait until it has nothing to do; return the seconds until that began."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_MS / 1000:
            at, used = time.monotonic(), self.used_s()
            time.sleep(IDLE_S)
            if self.used_s() - used <= IDLE_SHARE * (time.monotonic() - at):
                return at - began
        raise TimeoutError("the server is never done")


@contextmanager
def visitor(browser: Browser, address: str) -> Iterator[Page]:
    """Open the page in a browser of its own, until its first answer is there."""
    context = browser.new_context(viewport={"width": SIZES["desktop"][0], "height": 720})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(address, wait_until="domcontentloaded")
    expect(page.locator("#results h1")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#stage:not(.behind):not(.asking)")).to_have_count(1, timeout=PATIENCE_MS)
    yield page
    if not page.is_closed():
        context.close()


def new_faces(page: Page) -> Iterator[str]:
    """Yield what to click for a comparison that nobody has asked for yet, again and again."""
    for cover in COVERS:
        page.evaluate(ANSWERED, "#samples button[data-value=happiness]:not([aria-pressed=true])")
        page.evaluate(ANSWERED, f"#occluders button[data-value={cover}]")
        for sample in SAMPLES:
            page.wait_for_timeout(THINKING_MS)
            yield f"#samples button[data-value={sample}]"


def study(page: Page) -> None:
    """Have a study run: the one that does, or the next."""
    if page.locator("#stage.asking").count() == 0:
        page.locator("#reroll button").click()
        expect(page.locator("#stage.asking")).to_have_count(1, timeout=PATIENCE_MS)


def look_slowly(page: Page) -> None:
    """Ask all five networks where they looked, by the slow method, if that isn't asked already."""
    if page.locator("#stage.asking").count():
        return
    if page.locator("#explainers input").input_value() != SLOW_METHOD:
        page.locator("#explainers input").click()
        page.get_by_role("option", name=SLOW_METHOD, exact=True).click()
    else:
        page.locator("#reroll button").click()
        page.locator("#samples button[aria-pressed=false]").first.click()
    expect(page.locator("#stage.asking")).to_have_count(1, timeout=PATIENCE_MS)


def ended(first: Page, second: Page, server: Server) -> Iterator[tuple[str, float]]:
    """Yield how the two that are busy leave, and the seconds until the server has nothing to do."""
    look_slowly(second)
    halt(first, second)
    yield "after Stop", server.idle_after_s()
    look_slowly(second)
    second.wait_for_timeout(THINKING_MS)
    turn_to(second, "Live")
    yield "after another tab", server.idle_after_s()
    turn_to(second, "Compare")
    look_slowly(second)
    second.wait_for_timeout(THINKING_MS)
    second.context.close()
    yield "after the page was closed", server.idle_after_s()


def halt(*pages: Page) -> None:
    """Press Stop on those pages where something is under way."""
    for page in pages:
        if page.locator("#stage.asking").count():
            page.locator("#stop").click()
            expect(page.locator("#stage.asking")).to_have_count(0, timeout=PATIENCE_MS)


def told(name: str, seconds: list[float]) -> None:
    """Print what a visitor waited."""
    each = ", ".join(f"{one:.2f}" for one in seconds)
    print(f"{name:28} {statistics.median(seconds):5.2f} s of {each}")


def main() -> None:
    """Visit, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.fairness.visitors", description=__doc__)
    parser.add_argument("--runs", type=int, default=4, help="comparisons of each kind")
    parser.add_argument("--weights", default="weights", help="folder of trained networks")
    options = parser.parse_args()
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with serving(Path(options.weights)) as (address, app), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGS)
        server = Server(app.pid)
        with (
            visitor(browser, address) as third,
            visitor(browser, address) as first,
            visitor(browser, address) as second,
        ):
            turn_to(first, "Robustness")
            alone, together, faces = list[float](), list[float](), new_faces(third)
            for _ in range(options.runs):
                halt(first, second)
                alone.append(float(third.evaluate(ANSWERED, next(faces))))
                study(first)
                look_slowly(second)
                third.wait_for_timeout(HEAD_START_MS)
                together.append(float(third.evaluate(ANSWERED, next(faces))))
                assert second.locator("#stage.asking").count(), "the slow one was done too soon"
            ends = list(ended(first, second, server))
    told("alone", alone)
    told("while two others are busy", together)
    times = statistics.median(two / one for one, two in zip(alone, together, strict=True))
    print(f"{times:.2f} times alone, median of the rounds; {MOST_TIMES_ALONE:g} are allowed")
    for how, seconds in ends:
        print(f"{how:28} {seconds:5.2f} s; {MOST_TO_END_S:g} s are allowed")
    late = any(seconds > MOST_TO_END_S for _, seconds in ends)
    sys.exit(int(late or times > MOST_TIMES_ALONE))


if __name__ == "__main__":
    main()
