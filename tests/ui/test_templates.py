"""Templates: everything is escaped, breaks mean nothing, and what is missing is an error."""

from pathlib import Path

import numpy as np
import pytest
from jinja2 import UndefinedError

from ferstudio.ui import templates
from ferstudio.ui.templates import in_percent, render

FILES = sorted((Path(templates.__file__).parent / "templates").rglob("*.html"))


def test_everything_is_escaped_once() -> None:
    html = render("message.html", sentence="<b>'\"&")
    assert "&lt;b&gt;&#39;&#34;&amp;" in html
    assert render("parts/method_note.html", note=html) == f"<p>{html}</p>"


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="sentence"):
        render("message.html")


def test_line_breaks_make_no_gaps_between_tags_and_one_space_in_them() -> None:
    html = render("warning.html", sentence="two\nlines")
    assert html == '<p class="note" role="status">two\nlines</p>'
    pictures = [(np.zeros((4, 4, 3), np.uint8), "a")]
    shown = render(
        "attention/group.html", wide=False, tip="t", heading="h", note="", maps=(), charts=(),
        stacks=(), per_row=1, pictures=pictures, side_px=4,
    )  # fmt: skip
    assert "\n" not in shown
    assert "> <" not in shown
    assert '<article class="card"><h2 title="t">h</h2><div class="strip"' in shown


def test_no_line_breaks_between_a_number_and_its_per_cent() -> None:
    html = render("message.html", sentence="to 43 % covered, <100 %> and in %")
    assert "to 43\xa0% covered, &lt;100\xa0%&gt; and in %" in html


WHOLE_PAGES = {"head.html", "phone.html", "report.html"}
"""What stands in a page's head may hold them: it is their place."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_no_template_holds_script_or_style(file: Path) -> None:
    text = file.read_text("utf-8")
    assert "onclick" not in text
    assert ("<script" in text) == ("<style" in text) == (file.name in WHOLE_PAGES)


def test_shares_become_hundredths() -> None:
    assert (in_percent(0.125), in_percent(0.125, 1), in_percent(1)) == ("12", "12.5", "100")
