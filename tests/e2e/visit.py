"""A visitor's browser tab, and everything that went wrong in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

GRAVE = {"serious", "critical"}

PATIENCE_MS = 90_000
NOTICED_MS = 150
"""After so long the page has noticed a change."""

SIZES = {"desktop": (1280, 720), "phone": (390, 844)}


def grave_faults(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical."""
    faults = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html']}" for each in faults if each["impact"] in GRAVE
    ]


def turn_to(page: Page, title: str) -> None:
    """Click a tab."""
    page.get_by_role("tab", name=title, exact=True).click()


@dataclass
class Visit:
    """One browser tab, and everything that went wrong in it."""

    page: Page
    console_errors: list[str] = field(default_factory=list)
    foreign_hosts: set[str] = field(default_factory=set)

    def watch(self) -> None:
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        self.page.on("console", self._note_console)
        self.page.on("request", self._note_request)

    def open(self, address: str) -> None:
        """Load the page and wait for the comparison it starts with."""
        self.go(address)
        expect(self.page.locator("#results h1")).to_be_visible()
        self.settle()

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Leave the page for another; Gradio calls it errors that this breaks its streams off."""
        seen = list(self.console_errors)
        yield
        self.console_errors[:] = seen
        self.page.wait_for_load_state("domcontentloaded")

    def go(self, address: str) -> None:
        """Load the page at `address`."""
        with self.leaving():
            self.page.goto(address, wait_until="commit")

    def unfold(self) -> None:
        """Unfold the sidebar where a narrow window folds it."""
        fold = self.page.locator("[data-action=fold][aria-expanded=false]")
        if fold.is_visible():
            fold.click()

    def settle(self) -> None:
        """Wait until no model is being asked, and the answer in view is of the choices in view."""
        self.page.wait_for_timeout(NOTICED_MS)
        expect(self.page.locator("#stage:not(.behind):not(.asking)")).to_have_count(1)

    def answers(self) -> tuple[list[str], list[str]]:
        """Return the styles of the filled bars and the addresses of the covered heatmaps."""
        bars = self.page.locator("#results .bar.covered")
        heat = self.page.locator("#results .card .face:nth-of-type(2) .heat")
        return (
            bars.evaluate_all("all => all.map(one => one.style.height)"),
            heat.evaluate_all("all => all.map(one => one.src)"),
        )

    def wait_for_change(self, of: str) -> None:
        """Wait until the HTML of the results differs from `of`, and no model is being asked."""
        self.page.wait_for_function(
            "before => document.querySelector('#results .results').outerHTML !== before", arg=of
        )
        self.settle()

    def results(self) -> str:
        return str(self.page.locator("#results .results").evaluate("one => one.outerHTML"))

    def _note_console(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            self.console_errors.append(getattr(message, "text", ""))

    def _note_request(self, request: object) -> None:
        parts = urlsplit(getattr(request, "url", ""))
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.foreign_hosts.add(str(parts.hostname))


def visits(browser: Browser, address: str, size: tuple[int, int]) -> Iterator[Visit]:
    """Yield a visit of the page in a window of `size`; afterwards, see that nothing went wrong."""
    expect.set_options(timeout=PATIENCE_MS)
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.set_default_timeout(PATIENCE_MS)
    visit = Visit(context.new_page())
    visit.watch()
    visit.open(address)
    yield visit
    seen = list(visit.console_errors)  # closing breaks off Gradio's streams, which it calls errors
    context.close()
    assert not seen, seen
    assert not visit.foreign_hosts, visit.foreign_hosts
