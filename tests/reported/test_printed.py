"""What the papers print adds up, where it can: so no number was typed wrong there."""

import statistics

import pytest

from ferstudio.reported import ABLATIONS, PAPERS, REPORTED, Printed, reported_value


@pytest.mark.parametrize(
    ("paper", "columns"),
    [
        ("acsinet", ("AffectNet-7 train", "AffectNet-7 test", "RAF-DB train", "RAF-DB test")),
        ("agfer", ("after pre-processing", "FACES", "after pre-processing ")),
    ],
)
def test_counts_add_up_to_the_printed_totals(paper: str, columns: tuple[str, ...]) -> None:
    place = {"acsinet": "Table 2", "agfer": "Table 1"}[paper]
    table = PAPERS[paper].tables[place]
    for column in columns:
        place_of = table.columns.index(column)
        values = [row[place_of] for name, row in table.rows.items() if name != "Total"]
        counts = [value for value in values if isinstance(value, int)]
        assert sum(counts) == table.value("Total", column), column


def test_masks_average_and_drop_are_those_of_the_row() -> None:
    table = PAPERS["csinet"].tables["Table 5"]
    for row in table.rows:
        masks = [table.value(row, name) for name in ("Upper", "Middle", "Lower", "Random")]
        average = table.value(row, "average")
        assert statistics.fmean(masks) == pytest.approx(average, abs=0.006)
        drop = table.value(row, "No mask") - average
        assert drop == pytest.approx(table.value(row, "drop"), abs=0.006)


def test_gains_in_the_text_are_those_of_the_tables() -> None:
    table = PAPERS["csinet"].tables["Table 2"]
    gains = [
        table.value("CSINet", data) - table.value("ResNet50 (baseline)", data)
        for data in ("RAF-DB", "FERPlus")
    ]
    assert gains == pytest.approx([13.24, 11.52])  # abstract
    means = PAPERS["agfer"].tables["Table 2"]
    for network in ("AGFER", "Base", "SEFER", "CBAMFER"):
        ages = [means.value(age, network) for age in ("Young", "Middle-aged", "Old")]
        assert statistics.fmean(ages) == pytest.approx(means.value("Mean", network), abs=0.011)


def test_headlines_and_ablations_are_taken_from_the_tables() -> None:
    assert reported_value("CSINet", "FER+") == 90.83
    assert {item.network: item.spread for item in REPORTED}["CBAMFER"] == 0.70
    assert ABLATIONS["psa_resnet50"].rows["PSA"] == (98.35, 96.32, 72.45)
    assert ABLATIONS["psa_resnet50"].rows["SE"] == (96.80, None, None)


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="1 of 2"):
        Printed("A", ("a", "b"), {"row": (1.0,)})
    table = Printed("A", ("a",), {"row": (1.0,), "none": (None,), "word": ("SGD",)})
    assert [table.text(row[0]) for row in table.rows.values()] == ["1.00", "–", "SGD"]
    with pytest.raises(KeyError, match="no number for none"):
        table.value("none", "a")
