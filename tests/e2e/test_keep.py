"""What is shown is saved by the browser, and a study of one's own is opened."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from ferstudio import cli
from ferstudio.ui.keep import words
from ferstudio.ui.keep.bar import BUTTONS
from tests.e2e.visit import Visit, turn_to
from tests.ui.tabs.benchmark.test_study import labelled

pytestmark = pytest.mark.e2e


def test_each_button_saves_a_file(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    for kind, _, _ in BUTTONS:
        with page.expect_download() as download:
            page.locator(f"#keep-{kind}").click()
        name = download.value.suggested_filename
        assert name.endswith("html" if kind == "report" else kind)
        expect(page.locator("#keep-note")).to_contain_text(words.saved(name))
        download.value.save_as(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 100
    expect(page.locator("#keep-file [data-file]")).to_have_count(0)


def test_saved_numbers_and_the_report_are_repeated_by_the_shell(
    visit: Visit, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = visit.page
    page.locator("#occluders button[data-value=sunglasses]").click()
    visit.settle()
    for kind in ("json", "report"):
        with page.expect_download() as download:
            page.locator(f"#keep-{kind}").click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        assert cli.main(["analyze", "--recipe", str(file), "--weights", str(weights)]) == 0
        said = capsys.readouterr().out
        assert "The same probabilities" in said and "Other weights" not in said


def test_a_link_is_copied_or_the_address_is_named(visit: Visit) -> None:
    visit.page.locator("#keep-link").click()
    expect(visit.page.locator("#keep-note")).to_contain_text("no photograph, paint or sticker")


def test_a_study_is_opened(visit: Visit, tmp_path: Path) -> None:
    page, file = visit.page, tmp_path / "study.json"
    file.write_bytes(labelled().content())
    turn_to(page, "Benchmark")
    visit.settle()
    page.locator("#bench-open input[type=file]").set_input_files(file)
    expect(page.locator("#bench-study-found table")).to_have_count(1)
