"""The looks come from this computer alone, and everyone can read them."""

import re

import pytest

from ferstudio.ui import theme
from ferstudio.ui.scripts import script


def colours(css: str, selector: str) -> dict[str, str]:
    block = css[css.index(selector) :]
    block = block[: block.index("}")]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_nothing_is_fetched_from_the_web() -> None:
    built = theme.build_theme()
    words = theme.page_css() + theme.page_head() + script("page") + built._get_theme_css()
    assert built._stylesheets == []
    assert built._font_css == []
    assert not re.search(
        r"https?://(?!www\.w3\.org)|url\((?!['\"]?data:)|@import|src="
        r"|<link(?! rel=.icon. href=.data:)",
        words,
    )


@pytest.mark.parametrize("selector", [".gradio-container {", ".dark .gradio-container"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "paper"), ("ink", "sheet"), ("quiet", "sheet"), ("quiet", "paper"),
        ("caption", "paper"), ("rust-text", "paper"), ("rust-text", "sheet"), ("good", "sheet"),
        ("bad", "bad-sheet"), ("quiet", "bad-sheet"), ("on-navy", "navy"),
    ],
)  # fmt: skip
def test_text_stands_out_from_its_ground(selector: str, ink: str, ground: str) -> None:
    palette = colours(theme.page_css(), selector)
    assert contrast(palette[ink], palette[ground]) >= 4.5


@pytest.mark.parametrize("selector", [".gradio-container {", ".dark .gradio-container"])
def test_white_stands_out_from_a_chosen_chip(selector: str) -> None:
    assert contrast("#ffffff", colours(theme.page_css(), selector)["rust"]) >= 4.5
