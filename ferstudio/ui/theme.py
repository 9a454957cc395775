"""The page's looks: a Gradio theme, two stylesheets, one small script; nothing from the web."""

import gradio as gr
from markupsafe import Markup

from ferstudio.ui.scripts import script, static
from ferstudio.ui.templates import render

FONTS = ("Inter", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
MONOSPACE_FONTS = ("ui-monospace", "Menlo", "Consolas", "monospace")
"""Fonts that computers have; plain strings, since Gradio would fetch a `GoogleFont`."""

ACCENT = gr.themes.Color(
    c50="#fbf1ec",
    c100="#f6e0d6",
    c200="#ecc2b0",
    c300="#e1a288",
    c400="#d07a58",
    c500="#b5532d",
    c600="#a94a26",
    c700="#8a3c1f",
    c800="#6b2f18",
    c900="#4d2211",
    c950="#30150b",
    name="rust",
)


def build_theme() -> gr.themes.Base:
    """Return the Gradio theme; the stylesheet does the rest."""
    theme = gr.themes.Base(
        primary_hue=ACCENT,
        secondary_hue=ACCENT,
        neutral_hue=gr.themes.colors.stone,
        font=FONTS,
        font_mono=MONOSPACE_FONTS,
    )
    return theme.set(
        body_background_fill="#f5f3ee",
        body_background_fill_dark="#14161d",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        slider_color="#b5532d",
        slider_color_dark="#e08a63",
    )


def page_css() -> str:
    """Return the stylesheet of the page."""
    return static("page.css")


def page_head() -> str:
    """Return what the page's head gets: what Gradio must not rewrite, and what serves all tabs."""
    sheets = ("reach", "lesson", "projector", "wide", "narrow", "papers", "video")
    css = "\n".join(static(f"{name}.css") for name in sheets)
    scripts = script(
        "in_order", "following", "tabs", "fold", "popover", "enlarge", "projector", "charts"
    )
    return str(render("head.html", css=Markup(css), scripts=Markup(scripts)))  # noqa: S704  our own
