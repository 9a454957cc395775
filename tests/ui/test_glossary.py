"""Every explanation leads to the words that it uses."""

import re

from ferstudio.ui import words
from ferstudio.ui.glossary import GLOSSARY
from ferstudio.ui.tabs.benchmark import words as benchmark
from ferstudio.ui.tabs.explain import words as explain
from ferstudio.ui.templates import render


def found(text: str) -> set[str]:
    """Return the keys of the terms that a text uses, as the page finds them."""
    return {
        term.key for term in GLOSSARY if re.search(rf"\b(?:{term.spelled})\b", text, re.IGNORECASE)
    }


def test_keys_tell_terms_apart_and_meanings_are_sentences() -> None:
    assert len({term.key for term in GLOSSARY}) == len(GLOSSARY)
    for term in GLOSSARY:
        assert term.meaning.endswith(".")
        assert term.key in found(term.name)


def test_explanations_lead_to_the_terms_they_use() -> None:
    assert {"leakage", "heat", "cover"} <= found(words.leakage_tip("the scarf"))
    assert {"deletion", "chance", "interval"} <= found(words.TRUTH_TIP)
    assert "correlation" in found(explain.RANK_TIP)
    assert "label" in found(benchmark.ACCURACY_TIP)
    assert found("The sun shines.") == set()


def test_the_glossary_holds_every_term() -> None:
    html = render("dialogs.html", words=words, terms=GLOSSARY, about="")
    assert re.findall(r'data-term="(\w+)"', html) == [term.key for term in GLOSSARY]
