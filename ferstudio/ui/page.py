"""The whole page: top bar, sidebar and one line per tab."""

from html import escape
from typing import Any

import gradio as gr

from ferstudio.studio.studio import Studio
from ferstudio.ui import theme
from ferstudio.ui import words as text
from ferstudio.ui.sidebar import QUIET, build_sidebar
from ferstudio.ui.tabs.attention.tab import build_attention
from ferstudio.ui.tabs.benchmark import words as text_benchmark
from ferstudio.ui.tabs.benchmark.tab import build_benchmark
from ferstudio.ui.tabs.compare.tab import build_compare
from ferstudio.ui.tabs.explain import words as text_explain
from ferstudio.ui.tabs.explain.tab import build_explain
from ferstudio.ui.tabs.features import words as text_features
from ferstudio.ui.tabs.features.tab import build_feature_space
from ferstudio.ui.tabs.live import words as text_live
from ferstudio.ui.tabs.live.tab import build_live
from ferstudio.ui.tabs.robustness import words as text_robustness
from ferstudio.ui.tabs.robustness.tab import build_robustness

TABS = (
    (text.COMPARE_TAB, build_compare),
    (text.ATTENTION_TAB, build_attention),
    (text_explain.TAB, build_explain),
    (text_robustness.TAB, build_robustness),
    (text_features.TAB, build_feature_space),
    (text_live.TAB, build_live),
    (text_benchmark.TAB, build_benchmark),
)
"""Title and builder of each tab, in order; a builder takes the studio and the sidebar."""

TEMPORARY_FILES_S = (300, 900)
"""How often the page's temporary files are looked through, and the age at which they go."""


def build_app(studio: Studio) -> gr.Blocks:
    """Return the page that asks `studio`; launch it with `launch_settings`."""
    with gr.Blocks(
        title=text.PAGE_TITLE,
        analytics_enabled=False,
        fill_width=True,
        delete_cache=TEMPORARY_FILES_S,
    ) as app:
        gr.HTML(top_bar(), elem_id="top")
        with gr.Row(elem_id="body"):
            sidebar = build_sidebar(app, studio)
            with gr.Column(elem_id="stage", min_width=0), gr.Tabs(elem_id="tabs") as tabs:
                for title, build in TABS:
                    with gr.Tab(title, id=title):
                        build(studio, sidebar)
        tabs.select(shown_tab, None, sidebar.tab, **QUIET)
        sidebar.goto.change(turned, sidebar.goto, [tabs, sidebar.goto], **QUIET)
    return app


def shown_tab(event: gr.SelectData) -> str:
    """Return the title of the tab that was turned to."""
    return str(event.value)


def turned(title: str) -> tuple[Any, str]:
    """Return the row of tabs turned to one, and that no other is wanted any more."""
    return (gr.Tabs(selected=title) if title else gr.skip()), ""


def launch_settings() -> dict[str, Any]:
    """Return what `launch()` needs to make the page look and behave as it should."""
    return {
        "theme": theme.build_theme(),
        "css": theme.page_css(),
        "head": theme.page_head(),
        "js": theme.page_js(),
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
        "max_file_size": "30mb",
        "state_session_capacity": 200,
    }


def top_bar() -> str:
    """Return the brand and the page's two switches as HTML."""
    plain, accented = text.BRAND
    return (
        f'<div class="brand">{plain}<em>{accented}</em></div><div class="tools">'
        f'<button type="button" class="tool" data-action="larger" aria-pressed="false" '
        f'title="{escape(text.LARGER_TIP)}">{text.LARGER}</button>'
        f'<button type="button" class="tool" data-action="theme" '
        f'title="{escape(text.THEME_TIP)}" aria-label="{escape(text.THEME_TIP)}">◐</button></div>'
    )
