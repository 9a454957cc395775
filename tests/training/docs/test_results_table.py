import json
from pathlib import Path
from typing import Any

import pytest

from ferstudio.occlusion.bars import MASKS
from ferstudio.reported import REPORTED
from tests.evaluations import evaluation_row
from training.docs.readme import markers
from training.docs.results_table import SECTION, read_results, reported_markdown, results_markdown
from training.results_table import main

START, END = markers(SECTION)


def row(
    weights: str, occlude: str = "none", accuracy: float = 0.8, **changes: Any
) -> dict[str, Any]:
    return evaluation_row(weights, occlude, accuracy, **{"n": 3396, **changes})


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_one_line_per_network_with_n_interval_and_masks() -> None:
    rows = [row("resnet18.ferplus"), row("resnet18.ferplus", "upper", 0.712)]
    rows.append(row("acsinet.ferplus", accuracy=0.8449))
    lines = results_markdown(rows).splitlines()
    assert "n = 3,396" in lines[0] and "most voted" in lines[0] and "8 emotions" in lines[0]
    head = ["network", "weights", "accuracy (95 % interval)", "macro recall", "macro F1"]
    assert cells(lines[2]) == [*head, "mean drop", "upper"]
    assert lines[3] == "|---|---|---|---|---|---|---|"
    assert lines[4] == "| ACSI-Net | `acsinet.ferplus` | 84.5 (83.5 to 85.5) | 60.0 | 55.1 |  |  |"
    assert lines[5] == (
        "| ResNet-18 | `resnet18.ferplus` | 80.0 (79.0 to 81.0) | 60.0 | 55.1 |  | 71.2 |"
    )


def test_raised_emotions_are_marked_where_recall_is_told() -> None:
    rows = [{**row("a.x"), "raised": True}, {**row("b.y"), "raised": False}]
    rows = [
        {**each, "weights": name} for each, name in zip(rows, ("agfer.x", "vgg16.y"), strict=True)
    ]
    lines = results_markdown(rows).splitlines()
    assert "‡ Rare emotions were raised" in lines[0]
    assert cells(lines[4])[3:5] == ["60.0 ‡", "55.1 ‡"] and cells(lines[5])[3:5] == ["60.0", "55.1"]
    assert "‡" not in results_markdown(rows[1:])


def test_the_drop_is_the_mean_over_the_four_masks_and_no_other_cover() -> None:
    accuracies = {"sunglasses": 0.1, "random": 0.76, "upper": 0.7, "middle": 0.72, "lower": 0.68}
    rows = [row("acsinet.ferplus", name, value) for name, value in accuracies.items()]
    rows.append(row("acsinet.ferplus", "upper", 0.2, amount=0.5))
    rows.append(row("acsinet.ferplus", "lower", 0.2, tta=True))
    lines = results_markdown([row("acsinet.ferplus"), *rows]).splitlines()
    assert cells(lines[2])[5:] == ["mean drop", *MASKS, "sunglasses"]
    drop = f"{80 - (70 + 72 + 68 + 76) / 4}"
    assert cells(lines[4])[5:] == [drop, "70.0", "72.0", "68.0", "76.0", "10.0"]


def test_paper_1s_own_figures_give_its_drop() -> None:
    table_5 = zip(MASKS, (0.8637, 0.8819, 0.8753, 0.8868), strict=True)
    rows = [row("csinet.x", name, value) for name, value in table_5]
    line = results_markdown([row("csinet.x", accuracy=0.9083), *rows]).splitlines()[-1]
    assert cells(line)[5] == "3.1"


def test_seven_emotions_stand_in_their_own_table_behind() -> None:
    seven: dict[str, Any] = {"labels": "fer2013", "protocol": "FER2013 label", "n": 3589}
    rows = [row("resnet18.ferplus", accuracy=0.66, mapped=True, **seven)]
    rows.append(row("psa_resnet50.fer2013", accuracy=0.7, **seven))
    rows.append(row("resnet18.ferplus"))
    first, second = results_markdown(rows).split("\n\n**7 emotions")
    assert "†" not in first and "`resnet18.ferplus` | 80.0" in first
    assert "psa" not in first and "n = 3,589" in second and "FER2013 label" in second
    assert "`psa_resnet50.fer2013` | 70.0" in second
    assert "`resnet18.ferplus` † | 66.0" in second and "† Trained on another" in second


def test_subsets_are_columns_of_a_table_of_their_own() -> None:
    turned = [row(w, accuracy=0.7, subset="pose30.csv", n=605) for w in ("vgg16.x", "acsinet.x")]
    agreed = [row("vgg16.x", subset="agreed.csv", n=3100)]
    hidden = [row("vgg16.x", "upper", subset="agreed.csv")]
    made = [row("vgg16.x", accuracy=0.6, subset="pose30.csv", n=605, rephotographed=[])]
    text = results_markdown([row("vgg16.x"), *agreed, *turned, *hidden, *made])
    whole, subset = text.split("\n\n**Parts of the valid split**")
    assert "pose30" not in whole and "n = 3,396" in whole
    lines = subset.splitlines()
    assert cells(lines[2]) == ["network", "weights", "agreed (n = 3,100)", "pose30 (n = 605)"]
    assert cells(lines[4])[1:] == ["`acsinet.x`", "", "70.0 (69.0 to 71.0)"]
    assert cells(lines[5])[1:] == ["`vgg16.x`", "80.0 (79.0 to 81.0)", "70.0 (69.0 to 71.0)"]


def test_covers_without_the_bare_face_leave_blanks() -> None:
    line = results_markdown([row("resnet18.ferplus", "upper", 0.5)]).splitlines()[-1]
    assert cells(line)[2:] == ["", "", "", "", "50.0"]


def test_what_papers_report_is_apart_and_has_its_source() -> None:
    lines = reported_markdown().splitlines()
    assert "As the papers report them" in lines[0] and "none is measured here" in lines[0]
    assert len(lines) == 4 + len(REPORTED)
    for line, item in zip(lines[4:], REPORTED, strict=True):
        assert cells(line)[:3] == [item.network, item.data_set, item.protocol]
        assert cells(line)[3].startswith(f"{item.value:.2f}")
        assert cells(line)[4] == item.source and "Table" in item.source
    assert any("| 89.19 ± 0.75 % |" in line for line in lines)
    assert any("| 3.14 points |" in line for line in lines)
    assert results_markdown([row("csinet.ferplus")]).count("90.83") == 0


def test_reported_figures_are_the_papers() -> None:
    found = {(item.network, item.data_set): item.value for item in REPORTED}
    assert len(found) == len(REPORTED)
    assert found == {
        ("CSINet", "FER+"): 90.83,
        ("CSINet", "RAF-DB"): 89.67,
        ("CSINet", "Occlusion-FER+"): 86.49,
        ("CSINet", "FER+, pose > 30°"): 89.61,
        ("CSINet", "FER+, pose > 45°"): 89.13,
        ("CSINet", "photographs, not named"): 3.14,
        ("ACSI-Net", "RAF-DB"): 86.86,
        ("ACSI-Net", "AffectNet-7"): 65.83,
        ("PSA-ResNet", "FER2013"): 74.26,
        ("PSA-ResNet", "CK+"): 98.35,
        ("AGFER", "OULU-CASIA"): 89.19,
        ("SEFER", "OULU-CASIA"): 88.73,
        ("CBAMFER", "OULU-CASIA"): 89.77,
        ("context framework", "FER2013"): 74.08,
        ("context framework", "CK+"): 98.66,
    }


def test_only_what_is_between_the_markers_changes(tmp_path: Path) -> None:
    readme, results = tmp_path / "README.md", tmp_path / "results.json"
    readme.write_text(f"before\n{START}\nstale\n{END}\nafter\n")
    results.write_text(json.dumps([row("resnet18.ferplus")]))
    assert main([str(results), "--readme", str(readme)]) == 0
    once = readme.read_text()
    assert once.startswith(f"before\n{START}\n") and once.endswith(f"\n{END}\nafter\n")
    assert "stale" not in once and "ResNet-18" in once
    assert once.index("measured here") < once.index("**Goals")
    assert once.index("**Goals") < once.index("As the papers report them")
    assert main([str(results), "--readme", str(readme)]) == 0
    assert readme.read_text() == once


@pytest.mark.parametrize("text", ["nothing", START, f"{END}{START}", f"{START}{START}{END}"])
def test_missing_markers_are_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme, results = tmp_path / "README.md", tmp_path / "results.json"
    readme.write_text(text)
    results.write_text(json.dumps([row("resnet18.ferplus")]))
    assert main([str(results), "--readme", str(readme)]) == 2
    assert "needs the lines" in capsys.readouterr().err
    assert readme.read_text() == text


def test_a_card_counts_like_what_evaluate_wrote(tmp_path: Path) -> None:
    rows = [row("resnet18.ferplus"), row("resnet18.ferplus", "upper", 0.7)]
    (tmp_path / "results.json").write_text(json.dumps(rows))
    metrics = [{key: value for key, value in each.items() if key != "weights"} for each in rows]
    card = {"model": "resnet18", "tag": "ferplus", "metrics": metrics}
    (tmp_path / "card.json").write_text(json.dumps(card))
    assert read_results(tmp_path / "card.json") == read_results(tmp_path / "results.json")


def test_other_json_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}')
    assert main([str(tmp_path / "x.json"), "--readme", str(tmp_path / "README.md")]) == 2
    assert "neither what" in capsys.readouterr().err
