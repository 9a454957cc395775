"""The README's studies follow the results, and say what wasn't measured."""

from dataclasses import replace

from ferstudio.reported import ABLATIONS
from ferstudio.results import Results
from tests.results.test_results import RESULT, ROW
from training.docs.studies_table import NOT_MEASURED, studies_markdown


def test_a_changed_number_changes_the_table_and_all_else_is_not_measured() -> None:
    rows = sum(len(each.rows) for each in ABLATIONS.values())
    empty = studies_markdown(Results())
    assert empty.count(NOT_MEASURED) == rows
    measured = studies_markdown(Results({("ablation", "csinet"): RESULT}))
    assert measured.count(NOT_MEASURED) == rows - 1
    assert "50.0 (20.0 to 80.0), n = 10, resnet50.ferplus, 2 epochs, seed 0" in measured
    other = replace(RESULT, rows=(replace(ROW, values={"accuracy": 0.25}, ci95=(0.1, 0.5)),))
    assert "25.0 (10.0 to 50.0)" in studies_markdown(Results({("ablation", "csinet"): other}))
