"""Sections of a README between markers."""

from pathlib import Path

import pytest

from ferstudio.errors import DataError
from training.docs.readme import insert_section, markers, rewrite_section

START, END = markers("results")


def test_text_around_the_markers_stays() -> None:
    assert insert_section(f"a{START}b{END}c", "results", "T") == f"a{START}\nT\n{END}c"


def test_other_sections_stay() -> None:
    other = "".join(markers("networks"))
    assert insert_section(f"{other}{START}{END}", "results", "T") == f"{other}{START}\nT\n{END}"


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="can't be read"):
        rewrite_section(tmp_path / "README.md", "results", "T")
