"""Chips and thumbnails: one pressed, all escaped."""

import re

from ferstudio.ui.parts.choice import Choice, Option, choice_template


def test_template_marks_the_chosen_and_names_the_group() -> None:
    template = choice_template([Option("a", "Alpha", "first"), Option("b", "Beta", "second")], "G")
    assert 'role="group" aria-label="G"' in template
    assert "aria-pressed=\"${value === 'a'}\"" in template
    assert 'data-value="b" title="second"' in template


def test_thumbnails_carry_their_title_as_alternative_text() -> None:
    template = choice_template([Option("a", "Alpha", "first", "data:image/webp;base64,x")], "G")
    assert '<img src="data:image/webp;base64,x" alt="Alpha">' in template


def test_words_are_no_code_in_the_template() -> None:
    nasty = "${alert(1)}{{x}}`<b>'\\"
    template = choice_template([Option("a", nasty, nasty)], nasty)
    shown = template.replace("${value === 'a'}", "")
    assert not set("$`{}\\") & set(shown)
    assert "<b>" not in shown


def test_a_choice_starts_with_its_value() -> None:
    assert Choice([Option("a", "A", ""), Option("b", "B", "")], value="b", label="G").value == "b"


def test_groups_are_named_once_and_every_option_tells_its_own() -> None:
    options = [
        Option("none", "None", ""),
        Option("a", "A", "", group="Bars & co"),
        Option("b", "B", "", group="Things"),
        Option("c", "C", "", group="Bars & co"),
    ]
    template = choice_template(options, "G")
    assert re.findall(r'data-group="([^"]+)"', template) == ["Bars &amp; co", "Things"]
    assert re.findall(r'data-of="([^"]*)"', template) == [
        "",
        "Bars &amp; co",
        "Things",
        "Bars &amp; co",
    ]
    assert "data-group" not in choice_template(options[:1], "G")
