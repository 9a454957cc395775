"""The whole page: top bar, sidebar and one line per tab."""

from typing import Any

import gradio as gr

from ferstudio.studio.studio import Studio
from ferstudio.ui import theme, words
from ferstudio.ui.about import about
from ferstudio.ui.dispatch import Dispatcher
from ferstudio.ui.endpoints.endpoints import Endpoints
from ferstudio.ui.events import CLICKS, told
from ferstudio.ui.glossary import GLOSSARY
from ferstudio.ui.keep.bar import KeepBar
from ferstudio.ui.lesson_strip import LessonStrip, guess_sheet
from ferstudio.ui.mode import Mode
from ferstudio.ui.scripts import script
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.attention.tab import AttentionTab
from ferstudio.ui.tabs.benchmark.tab import BenchmarkTab
from ferstudio.ui.tabs.compare.tab import CompareTab
from ferstudio.ui.tabs.explain.tab import ExplainTab
from ferstudio.ui.tabs.features.tab import FeaturesTab
from ferstudio.ui.tabs.learn.tab import LearnTab
from ferstudio.ui.tabs.live.tab import LiveTab
from ferstudio.ui.tabs.papers.tab import PapersTab
from ferstudio.ui.tabs.robustness.tab import RobustnessTab
from ferstudio.ui.templates import render
from ferstudio.ui.uploads import MAX_UPLOAD_MB
from ferstudio.ui.visits import forget_visitors

TABS = (
    CompareTab,
    AttentionTab,
    ExplainTab,
    RobustnessTab,
    FeaturesTab,
    LiveTab,
    BenchmarkTab,
    PapersTab,
    LearnTab,
)
"""The tabs, in order; each lays itself out for the sidebar it is given."""

TEMPORARY_FILES_S = (300, 900)
"""How often the page's temporary files are looked through, and the age at which they go."""

THREADS = 200
"""Events at a time: each visitor that waits for an answer takes one, which idles meanwhile."""


QUEUED = 400
"""Events that wait for a thread; more are refused with a sentence (`ferstudio.ui.guard`)."""


def tabs_of(mode: Mode) -> tuple[Any, ...]:
    """Return the tabs of a page: without studies on a weak machine, without cameras in a class."""
    left_out = [RobustnessTab] * (not mode.study) + [LiveTab] * mode.kiosk
    return tuple(tab for tab in TABS if tab not in left_out)


def build_app(studio: Studio, mode: Mode = Mode()) -> gr.Blocks:  # noqa: B008  it is frozen
    """Return the page that asks `studio`; launch it with `launch_settings`."""
    with gr.Blocks(
        title=words.PAGE_TITLE,
        analytics_enabled=False,
        fill_width=True,
        delete_cache=TEMPORARY_FILES_S,
    ) as app:
        gr.HTML(render("top_bar.html", words=words), elem_id="top")
        with gr.Row(elem_id="body"):
            sidebar = Sidebar(studio, TABS[0].title, mode)
            with gr.Column(elem_id="stage", min_width=0):
                LessonStrip(sidebar)
                tabs, built = gr.Tabs(elem_id="tabs", overflow_behavior="wrap"), []
                with tabs:
                    for tab in tabs_of(mode):
                        with gr.Tab(tab.title, id=tab.title):
                            built.append(tab(sidebar))
                dispatcher = Dispatcher(sidebar, built)
                KeepBar(sidebar, built)
        sheets = render("dialogs.html", words=words, terms=GLOSSARY, about=about(studio))
        gr.HTML(sheets, elem_id="dialogs")
        gr.HTML(guess_sheet(), elem_id="guessing")
        choices = sidebar.choices
        tabs.select(shown_tab, None, choices.view, **CLICKS)
        shown = [tabs, choices.view, choices.goto]
        choices.goto.change(turned, choices.goto, shown, **CLICKS)
        if mode.for_programs:
            Endpoints(studio).publish()
        forget_visitors(app, dispatcher.latest, choices.photo, sidebar.faces.forget)
    return app.queue(max_size=QUEUED, api_open=False)


def shown_tab(event: gr.SelectData) -> str:
    """Return the title of the tab that was turned to."""
    return told(event, "value", str) or TABS[0].title


def turned(title: str) -> tuple[Any, Any, str]:
    """Return the row of tabs turned to one, the one in view, and that no other is wanted any more.

    What wants a tab has set the one in view, too; a click in the row at about the same time may
    have been told after that.
    """
    return (gr.Tabs(selected=title), title, "") if title else (gr.skip(), gr.skip(), "")


def launch_settings() -> dict[str, Any]:
    """Return what `launch()` needs to make the page look and behave as it should."""
    return {
        "theme": theme.build_theme(),
        "css": theme.page_css(),
        "head": theme.page_head(),
        "js": script("page"),
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
        "max_threads": THREADS,
        "max_file_size": f"{MAX_UPLOAD_MB}mb",
        "state_session_capacity": 200,
    }
