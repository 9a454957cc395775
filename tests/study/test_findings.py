import json
import math

import numpy as np
import pytest

from ferstudio.errors import DataError
from ferstudio.intervals import wilson_interval
from ferstudio.study.faces import StudyFace, StudyFaces
from ferstudio.study.findings import Findings, findings, holm, mcnemar, read_findings
from ferstudio.study.plan import StudyPlan
from ferstudio.study.tally import Tally, emotions_of
from tests.networks import loaded
from tests.study.studied import part

NAN = math.nan
PLAN = StudyPlan(("a.one", "b.two"), ("upper",), steps=1)
LABELS = (("neutral", "anger"), ("anger", "fear"))
"""Of two models whose logits mean different emotions."""


def counted(labels: tuple[str, ...], *, by_label: bool = True) -> Tally:
    tally = Tally(LABELS, emotions_of(LABELS), by_label, 2)
    answers = [
        [[1, 0], [0, 0]],  # anger, then neutral; anger twice
        [[1, 1], [1, 0]],  # anger twice; fear, then anger
        [[0, 0], [0, 1]],  # neutral twice; anger, then fear
    ]
    tally.add(part(answers[:1], [[0.5, NAN]]), labels[:1])
    tally.add(part(answers[1:], [[-0.5, NAN], [NAN, NAN]]), labels[1:])
    return tally


def found(tally: Tally) -> Findings:
    faces = StudyFaces("set", tuple(StudyFace(f"{i}.png", "", 1) for i in range(3)), lambda _: b"")
    return findings(tally, PLAN, faces, [loaded("resnet18"), loaded("resnet18")], [("a",), ("b",)])


def test_accuracy_counts_faces_whose_label_the_model_knows() -> None:
    rows = found(counted(("anger", "fear", "neutral"))).rows
    assert [(row.model, row.occluder, row.n, row.correct) for row in rows] == [
        ("a.one", "none", 2, 2), ("a.one", "upper", 2, 1),
        ("b.two", "none", 2, 2), ("b.two", "upper", 2, 1),
    ]  # fmt: skip
    assert rows[1].accuracy == 0.5
    assert rows[1].ci95 == tuple(round(bound, 6) for bound in wilson_interval(1, 2))
    assert rows[1].share == 0.25


def test_flips_count_on_all_faces_and_by_label() -> None:
    rows = found(counted(("anger", "fear", "neutral"))).rows
    assert [(row.flips, row.flip_share) for row in rows] == [
        (0, 0.0), (1, 0.333333), (0, 0.0), (2, 0.666667),
    ]  # fmt: skip
    by_emotion = {each.emotion: (each.flips, each.faces) for each in rows[3].emotions}
    assert by_emotion == {"anger": (0, 1), "fear": (1, 1), "neutral": (1, 1)}


def test_without_labels_emotions_are_the_clean_answers() -> None:
    all_found = found(counted(("", "", ""), by_label=False))
    assert all_found.emotion_of == "answer"
    last = all_found.rows[3]
    assert (last.n, last.accuracy, last.ci95) == (0, None, (0.0, 1.0))
    by_emotion = {each.emotion: (each.flips, each.faces) for each in last.emotions}
    assert by_emotion == {"anger": (1, 2), "fear": (1, 1)}
    assert {row.of for row in all_found.between} == {"held"}


def test_pairs_are_tested_on_the_faces_that_both_know() -> None:
    between = found(counted(("anger", "fear", "anger"))).between
    told = {(row.of, row.occluder): (row.n, row.only_first, row.only_second) for row in between}
    assert told == {
        ("right", "none"): (2, 0, 1),
        ("right", "upper"): (2, 0, 1),
        ("held", "upper"): (3, 2, 1),
    }


def test_maps_are_judged_where_they_were_asked() -> None:
    first, second = found(counted(("anger", "fear", "neutral"))).maps
    assert (first.n, first.mean_gain, first.wins, first.win_share) == (2, 0.0, 1, 0.5)
    half = 1.959964 * 0.5
    assert first.ci95 == (round(-half, 4), round(half, 4))
    assert (second.n, second.mean_gain, second.ci95, second.win_share) == (0, None, None, None)


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [(0, 0, 1.0), (3, 3, 1.0), (0, 5, 2 / 32), (1, 9, 2 * 11 / 1024)],
)
def test_mcnemars_exact_test(only_first: int, only_second: int, p: float) -> None:
    assert mcnemar(only_first, only_second) == pytest.approx(p)
    assert mcnemar(only_second, only_first) == pytest.approx(p)


def test_holms_values_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_findings_come_back_as_they_were_written() -> None:
    first = found(counted(("anger", "fear", "neutral")))
    again = read_findings(first.content())
    assert again == first
    assert again.content() == first.content()
    assert again.occluders == ("upper",)
    assert [row.amount for row in again.under("upper")["b.two"]] == [0.0, 1.0]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"form": 1}', b"\xff"])
def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match="no JSON of python -m ferstudio study"):
        read_findings(content)


def test_another_form_is_refused() -> None:
    told = found(counted(("", "", ""))).to_json()
    with pytest.raises(DataError, match="form 9"):
        read_findings(json.dumps({**told, "form": 9}).encode())


def test_how_faces_are_shared_out_changes_no_count() -> None:
    answers = np.random.default_rng(0).integers(0, 2, (40, 2, 2)).tolist()
    labels = tuple(np.random.default_rng(1).choice(["anger", "fear", "neutral"], 40).tolist())
    whole = Tally(LABELS, emotions_of(LABELS), True, 2)
    parts = Tally(LABELS, emotions_of(LABELS), True, 2)
    whole.add(part(answers), labels)
    for start in range(0, 40, 7):
        parts.add(part(answers[start : start + 7]), labels[start : start + 7])
    assert found(parts) == found(whole)
