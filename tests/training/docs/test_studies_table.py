"""The README's studies follow the results, and say what wasn't measured."""

from dataclasses import replace
from pathlib import Path

from ferstudio.reported import ABLATIONS
from ferstudio.results import Results, read_results
from tests.results.test_results import RESULT, ROW
from training.docs import networks_table
from training.docs.networks_table import networks_markdown
from training.docs.readme import read_section
from training.docs.studies_table import COUNTS, NEW_FACES, NOT_MEASURED, SECTION, studies_markdown

README = Path(__file__).parents[3] / "README.md"


def test_a_changed_number_changes_the_table_and_all_else_is_not_measured() -> None:
    rows = sum(len(each.rows) for each in ABLATIONS.values())
    empty = studies_markdown(Results())
    assert empty.count(NOT_MEASURED) == rows
    measured = studies_markdown(Results({("ablation", "csinet"): RESULT}))
    assert measured.count(NOT_MEASURED) == rows - 1
    assert "50.0 (20.0 to 80.0), n = 10, resnet50.ferplus, 2 epochs, seed 0" in measured
    noted = Results({("ablation", "csinet"): replace(RESULT, note="All alike: 2 epochs.")})
    assert studies_markdown(noted).count("All alike: 2 epochs. Learned from made up.") == 1
    other = replace(RESULT, rows=(replace(ROW, values={"accuracy": 0.25}, ci95=(0.1, 0.5)),))
    assert "25.0 (10.0 to 50.0)" in studies_markdown(Results({("ablation", "csinet"): other}))


def test_changed_class_counts_change_the_table() -> None:
    shipped = read_results()
    (found,) = (each for each in shipped.of("class-counts") if each.about == "fer2013")
    for name in found.rows[0].values.keys() & COUNTS:
        rows = tuple(
            replace(row, values={**row.values, name: row.values[name] * 1.5}) for row in found.rows
        )
        changed = Results({**shipped.all, ("class-counts", "fer2013"): replace(found, rows=rows)})
        assert studies_markdown(changed) != studies_markdown(shipped), name


def test_the_readme_has_the_shipped_results_and_the_registered_networks() -> None:
    assert read_section(README, SECTION) == studies_markdown(read_results())
    assert read_section(README, networks_table.SECTION) == networks_markdown()


def test_faces_without_copies_have_a_table_where_they_were_judged() -> None:
    row = replace(ROW, name="net.test", n=3132, values={"accuracy": 0.846}, ci95=(0.833, 0.858))
    made = replace(RESULT, kind="evaluation", about=NEW_FACES, rows=(row,))
    shown = studies_markdown(Results({("evaluation", NEW_FACES): made}))
    assert "| `net.test` | 84.6 (83.3 to 85.8) | 3,132 |" in shown
    assert "very picture" not in studies_markdown(Results())
