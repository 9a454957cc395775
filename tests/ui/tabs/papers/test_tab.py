"""The Papers tab: every exhibit has its card, numbers follow the results, nothing is guessed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferstudio.explain.structure import network_structure
from ferstudio.models import model_entry
from ferstudio.models.attention import attention_taps
from ferstudio.occlusion.bars import MASKS
from ferstudio.reported import PAPERS, reported_value
from ferstudio.results import Result, Results, Row, read_results
from ferstudio.studio.results import ModelSummary
from ferstudio.ui import words as shared
from ferstudio.ui.mode import Mode
from ferstudio.ui.parts.montage import montage_grid
from ferstudio.ui.tabs.papers import tab as papers_tab
from ferstudio.ui.tabs.papers import tables, words
from ferstudio.ui.tabs.papers.cards import drawing, paper_view
from ferstudio.ui.tabs.papers.exhibits import NETWORK, VIEWS
from ferstudio.ui.tabs.papers.facts import Facts
from ferstudio.ui.tabs.papers.figures import PICTURES, turned_sample
from ferstudio.ui.tabs.papers.settings import setting_texts
from ferstudio.ui.tabs.papers.tab import PapersTab
from tests.networks import network
from tests.results.test_results import RESULT, ROW
from tests.studio.test_montage import made
from tests.studio.test_scores import row as score_row
from tests.studio.test_scores import summary
from tests.ui.events import event
from tests.ui.fake_studio import FakeStudio
from tests.ui.laid_out import answers, laid_out

ROOT = Path(__file__).parents[4]
NOTHING = Facts(Results(), ())


def trained(name: str, **changes: Any) -> ModelSummary:
    return replace(summary(), name=name, model=name.partition(".")[0], title=name, **changes)


@pytest.mark.parametrize("name", VIEWS)
def test_every_figure_and_table_has_its_card(name: str) -> None:
    view, html = VIEWS[name], paper_view(name, NOTHING)
    for exhibit in view.exhibits:
        anchor = "network" if exhibit.picture == NETWORK else exhibit.anchor
        assert f'id="papers-{name}-{anchor}"' in html, exhibit
        assert exhibit.shown or exhibit.note, exhibit
        assert not exhibit.printed or exhibit.printed in PAPERS[name].tables
        assert exhibit.picture in {"", NETWORK, *PICTURES[name]}
    places = [place for exhibit in view.exhibits for place in exhibit.places]
    assert len(places) == len(set(places))
    assert model_entry(name).paper.replace("&", "&amp;") in html


@pytest.mark.parametrize("name", VIEWS)
def test_what_the_paper_prints_stands_beside_what_is_not_measured(name: str) -> None:
    html = paper_view(name, NOTHING)
    for exhibit in VIEWS[name].exhibits:
        printed = PAPERS[name].tables.get(exhibit.printed)
        for row in printed.rows.values() if printed else ():
            for value in row:
                assert f">{printed.text(value)}</td>" in html if printed else True
    assert words.NOT_MEASURED in html
    assert not re.search(r"\(\d\d\.\d to \d\d\.\d\)", html)  # no interval, so no number of ours


@pytest.mark.parametrize("name", VIEWS)
def test_every_equation_names_a_file(name: str) -> None:
    for _, _, file in VIEWS[name].modules:
        assert (ROOT / file).is_file()


def test_a_changed_number_changes_the_view() -> None:
    facts = Facts(Results({("ablation", "csinet"): RESULT}), ())
    html = paper_view("csinet", facts)
    assert "50.0 (20.0 to 80.0)" in html and ROW.made_from in html
    row = replace(ROW, values={"accuracy": 0.4})
    changed = Facts(Results({("ablation", "csinet"): replace(RESULT, rows=(row,))}), ())
    assert "40.0 (20.0 to 80.0)" in paper_view("csinet", changed)


def test_settings_of_training_are_those_on_the_card() -> None:
    recipe = {
        "epochs": 24,
        "epochs_trained": 23,
        "batch_size": 64,
        "optimizer": {"kind": "sgd", "lr": 0.03, "momentum": 0.9, "weight_decay": 0.0005},
        "schedule": {"kind": "cosine", "final_ratio": 0.01},
        "sizes": [[0.0, 64], [0.5, 80]],
        "start_from": "csinet.ferplus",
        "minutes": 203.4,
    }
    facts = Facts(Results(), (trained("csinet.ferplus", recipe=recipe),))
    cells = re.findall(r"<td[^>]*>([^<]+)</td>", tables.settings("csinet")(facts))
    assert cells[:4] == ["23", "64", "0.03", "3 × 10⁻⁴"]
    assert cells[4:8] == ["SGD", "0.9", "5 × 10⁻⁴", "cosine"]
    assert cells[8:] == ["64 px, 80 px", words.OWN_WEIGHTS, "203 min"]
    assert words.NOT_MEASURED in tables.settings("csinet")(NOTHING)


def test_weights_of_one_training_share_a_column() -> None:
    names = ("psa_resnet50.ferplus", "psa_resnet50.fer2013", "psa_resnet50.rafdb")
    recipes = ({"epochs_trained": 6}, {"epochs_trained": 6}, {"epochs_trained": 9})
    models = tuple(trained(n, recipe=each) for n, each in zip(names, recipes, strict=True))
    shown = tables.settings("psa_resnet50")(Facts(Results(), models))
    assert re.findall(r"<td[^>]*>([^<]+)</td>", shown) == ["6", "9"]
    assert "FER+, FER2013</th>" in shown and "RAF-DB</th>" in shown


def test_weights_of_another_network_that_training_began_with_are_named() -> None:
    recipe = {"start_from": "vgg16.ferplus", "optimizer": {"weight_decay": 0.0}}
    texts = setting_texts(recipe, "agfer")
    assert texts[words.BEGUN_WITH] == "VGG16"
    assert texts[words.WEIGHT_DECAY] == "0"
    assert setting_texts({}, "agfer")[words.BEGUN_WITH] == ""
    unknown = setting_texts({"start_from": "mine.ferplus"}, "agfer")
    assert unknown[words.BEGUN_WITH] == "mine.ferplus"


@pytest.mark.parametrize("wrong", [None, "x", [1], {"lr": "high"}, True])
def test_a_recipe_that_says_something_else_is_left_out(wrong: object) -> None:
    names = ("epochs_trained", "optimizer", "schedule", "sizes", "input", "start_from", "minutes")
    texts = setting_texts(dict.fromkeys(names, wrong))
    assert set(texts.values()) <= {"", "x"}


def test_weights_of_a_papers_own_data_reach_its_view() -> None:
    model = trained("csinet.rafdb", metrics=(score_row(),))
    html = paper_view("csinet", Facts(Results(), (model,)))
    assert html.count("<th>RAF-DB, accuracy") == 1  # Table 2
    assert 'data-model="csinet.rafdb"' in html  # the drawing
    assert "csinet.rafdb, RAF-DB, n = 20" in html  # Fig. 8; the fake's title is its name
    assert "CSINet, RAF-DB</th>" in html and "CSINet, FER+</th>" in html  # Table 5
    both = Facts(Results(), (model, trained("csinet.ferplus")))
    assert 'data-model="csinet.ferplus"' in paper_view("csinet", both)


def test_one_ablation_for_each_data_set() -> None:
    row = replace(ROW, values={"accuracy": 0.4}, name="CSINet")
    other = replace(RESULT, about="csinet rafdb", labels="rafdb", rows=(row,), note="Theirs.")
    known = Results({("ablation", each.about): each for each in (RESULT, other)})
    html = tables.ablation("csinet")(Facts(known, ()))
    assert "50.0 (20.0 to 80.0)" in html and "40.0 (20.0 to 80.0)" in html
    assert "RAF-DB, accuracy" in html and "Theirs." in html
    assert [each.about for each in known.variants("ablation", "csinet")] == [
        "csinet",
        "csinet rafdb",
    ]


def result(kind: str, about: str, *rows: Row, labels: str = "fer2013") -> Results:
    made_up = replace(RESULT, kind=kind, about=about, labels=labels, rows=rows)  # type: ignore[arg-type]
    return Results({(kind, about): made_up})


def test_folds_stability_search_and_curves_are_shown_from_results() -> None:
    confusion = np.eye(7, dtype=int) * 3
    confusion[0, 1] = 1
    first = Row("fold-1", 22, "r", {"accuracy": 0.5}, (0.3, 0.7), _counts(confusion))
    second = Row(
        "fold-2", 21, "r", {"accuracy": 0.7}, (0.3, 0.9), _counts(np.eye(7, dtype=int) * 3)
    )
    html = paper_view("agfer", Facts(result("crossval", "agfer.paper", first, second), ()))
    assert "60.0 ± 10.0" in html and "87.5 ± 12.5" in html  # all; anger: 3 of 4, then 3 of 3
    assert f"r; {words.SUMMED}, n = 43" in html and ">r</th>" in html
    html = paper_view("agfer", Facts(result("crossval", "cbamfer.paper", first, second), ()))
    assert f"r; {words.SUMMED}, n = 43" in html  # Fig. 8 (b)

    seeds = Row("all", 3, "3 seeds", {"accuracy": 0.7, "sta": 0.0123})
    html = paper_view("vgg16_gcca", Facts(result("stability", "vgg16_gcca.fer2013", seeds), ()))
    assert "1.23</td>" in html and "3 seeds</th>" in html
    spread = Row("1 VGG16", 3, "r", {"accuracy": 0.7, "sta": 0.0345, "seeds": 3}, (0.6, 0.8))
    html = paper_view("vgg16_gcca", Facts(result("ablation", "vgg16_gcca", spread), ()))
    assert "3.45</td>" in html and "FER2013, accuracy" in html

    for family, row in (("acsinet", "ResNet"), ("vgg16_gcca", "1 VGG16"), ("csinet", "CSINet")):
        known = result("ablation", family, replace(spread, name=row))
        known = Results(
            {key: replace(each, note="All `alike`.") for key, each in known.all.items()}
        )
        html = paper_view(family, Facts(known, ()))
        assert "All alike. Learned from made up; n = 3." in html

    values = {"accuracy": 0.6, "island_weight": 0.005, "separation": 7.0}
    tried = Row("a", 10, "r", values, (0.3, 0.8))
    html = paper_view("vgg16_gcca", Facts(result("lambda-search", "any", tried), ()))
    assert "λ 0.005, λ1 7" in html and "60.0 (30.0 to 80.0)" in html

    epochs = [
        Row(f"epoch {n}", 9, "r", {"epoch": n, "accuracy": n / 4, "train_accuracy": n / 5})
        for n in (1, 2)
    ]
    html = paper_view("psa_resnet50", Facts(result("curves", "psa_resnet50.both", *epochs), ()))
    assert 'class="accuracy" points="150.0,112.5 300.0,75.0"' in html
    assert "training 40.0" in html and "validation 50.0" in html


def _counts(matrix: Any) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(value) for value in row) for row in matrix)


@pytest.mark.parametrize("name", VIEWS)
def test_a_drawing_has_all_attention_and_opens_it_where_there_are_weights(name: str) -> None:
    owners = {tap.rpartition(".")[0] for tap in attention_taps(network(name))}
    drawn = {
        module
        for part in network_structure(name)
        for each in part.attention
        for module in each.modules
    }
    assert drawn == owners
    assert "data-block" not in drawing(name, NOTHING)
    html = drawing(name, Facts(Results(), (trained(f"{name}.ferplus"),)))
    blocks = re.findall(r'data-model="([^"]+)" data-block="([^"]+)"', html)
    assert {model for model, _ in blocks} == {f"{name}.ferplus"}
    assert {block for _, block in blocks} <= owners


def test_shapes_are_those_of_a_picture_of_224_px() -> None:
    shapes = {part.title: part.shape for part in network_structure("acsinet")}
    assert shapes["stage 1"] == (64, 56) and shapes["stage 4"] == (512, 7)
    assert shapes["classifier"] == (8,)
    repeats = {part.title: part.blocks for part in network_structure("psa_resnet50")}
    assert [repeats[f"stage {n}"] for n in (1, 2, 3, 4)] == [3, 4, 6, 3]


def test_the_tab_gives_the_view_at_once_and_pictures_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(papers_tab, "read_results", Results)
    tab = laid_out(PapersTab, FakeStudio())
    first, last = answers(tab, paper="vgg16_gcca")
    assert words.WORKING in first[tab.place] and "Augmentation" in first[tab.place]
    assert words.WORKING not in last[tab.place]
    assert last[tab.place].count("<figure>") == 10
    assert f"{reported_value('context framework', 'FER2013'):.2f}" in last[tab.place]


def test_a_click_on_attention_ticks_the_network_and_turns_to_attention() -> None:
    tab = laid_out(PapersTab, FakeStudio())
    values = {each: each.value for each in tab._opens}
    values[tab._choices.models] = ["steady.fake"]
    after = tab.opened(values, event(model="fickle.fake"))
    assert after[:2] == [["steady.fake", "fickle.fake"], "fickle.fake"]
    assert after[2:] == [shared.ATTENTION_TAB] * 2
    weak = laid_out(PapersTab, FakeStudio(), Mode(lite=True))
    full = {each: each.value for each in weak._opens}
    full[weak._choices.models] = ["a.fake", "b.fake", "steady.fake", "fickle.fake"]
    asked = weak._mode.asked(weak.opened(full, event(model="fickle.fake"))[0])
    assert asked[0] == "fickle.fake"  # it is asked, whatever else is ticked
    unknown = tab.opened(values, event(model="none.fake"))
    assert unknown == [values[each] for each in tab._opens]


def test_faces_are_turned_and_mirrored_and_a_montage_is_a_table() -> None:
    html = turned_sample(FakeStudio(), lambda _: None)
    assert html.count("mirrored</figcaption>") == 5 and "+10°" in html
    grid = montage_grid(made())
    assert grid.count("<img") == 2 + 4 + 1 and "one scale" in grid  # and the scale
    assert grid.count('class="wrong"') == 1  # "anger" where the face shows fear


def test_the_closing_table_lists_every_figure_and_table() -> None:
    text = (ROOT / "docs" / "papers.md").read_text("utf-8")
    listed = re.findall(r"^\| (\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    wanted = [
        (str(number), place, exhibit.title, place_of(name, exhibit))
        for number, (name, view) in enumerate(VIEWS.items(), start=1)
        for exhibit in view.exhibits
        for place in exhibit.places
    ]
    assert [tuple(map(str.strip, row)) for row in listed] == wanted


def place_of(name: str, exhibit: Any) -> str:
    """Return where the studio shows an exhibit, or why not."""
    if not exhibit.shown and not exhibit.printed:
        return exhibit.note
    anchor = "network" if exhibit.picture == NETWORK else exhibit.anchor
    where = f"`/?tab=Papers&papers.paper={name}#papers-{name}-{anchor}`"
    return where if exhibit.shown else f"{where}, as printed; {exhibit.note}"


def test_results_that_are_shipped_can_be_shown() -> None:
    facts = Facts(read_results(), ())
    for name in VIEWS:
        assert paper_view(name, facts)
    assert isinstance(next(iter(facts.results.all.values())), Result)


def test_what_was_measured_of_weights_that_were_replaced_says_so() -> None:
    row = Row("csinet.ferplus", 10, "sha256:aa", {"accuracy": 0.5}, (0.2, 0.8))
    results = result("evaluation", "ferplus valid pose30", row, labels="ferplus")
    same, other = (Facts(results, (trained("csinet.ferplus", digest=d),)) for d in ("aa", "bb"))
    assert same.on_list("csinet", "pose30").text == "50.0 (20.0 to 80.0)"
    assert other.on_list("csinet", "pose30").text == f"50.0 (20.0 to 80.0), {words.STALE}"


def shipped_facts() -> Facts:
    """Return the shipped results before networks whose cards are made up."""
    names = ("resnet18", "acsinet", "csinet", "agfer", "psa_resnet50", "vgg16_gcca")
    rows = [score_row(), *(score_row(mask, 0.5 + n / 10) for n, mask in enumerate(MASKS))]
    models = [
        trained(f"{name}.{labels}", metrics=tuple({**row, "labels": labels} for row in rows))
        for name in names
        for labels in ("ferplus", "fer2013")
    ]
    return Facts(read_results(), models)


def changed_results() -> Iterator[tuple[str, str, str, str]]:
    """Yield kind, subject, quantity and view for every number of shipped results that is shown."""
    shown: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
        ("class-counts", "fer2013"): {
            "acsinet": ("train", "valid"),
            "agfer": ("train", "train_found", "weight"),
            "psa_resnet50": ("train", "train_balanced"),
        },
        ("class-counts", "ferplus"): {
            "acsinet": ("train", "valid"),
            "agfer": ("train", "train_found", "weight"),
        },
        ("costs", "networks"): {
            "acsinet": ("parameters_1000", "multiply_adds_1000", "ms", "ms_low", "ms_high"),
            "agfer": ("ms",),
        },
        ("photographs", "ferplus images"): {"csinet": ("accuracy", "missed")},
        ("evaluation", tables.SAMPLE): {"agfer": ("accuracy",)},
        **{
            ("evaluation", f"{tables.SAMPLE} {change} 0.5"): {"agfer": ("accuracy",)}
            for change in ("noise", "blur", "jpeg")
        },
        **{
            ("evaluation", f"ferplus valid {subset}"): {"csinet": ("accuracy",)}
            for subset in ("pose30", "pose45")
        },
    }
    for (kind, about), views in shown.items():
        for view, quantities in views.items():
            for quantity in quantities:
                yield kind, about, quantity, view


@pytest.mark.parametrize(("kind", "about", "quantity", "view"), list(changed_results()))
def test_any_number_that_changes_in_the_results_changes_on_the_page(
    kind: Any, about: str, quantity: str, view: str
) -> None:
    facts = shipped_facts()
    found = facts.results.find(kind, about)
    assert found is not None
    rows = tuple(
        replace(row, values={**row.values, quantity: row.values[quantity] * 0.83})
        for row in found.rows
        if quantity in row.values
    )
    results = Results({**facts.results.all, (kind, about): replace(found, rows=rows)})
    before, after = (paper_view(view, each) for each in (facts, replace(facts, results=results)))
    assert before != after


def test_recalls_of_photographs_follow_their_counts() -> None:
    facts = shipped_facts()
    found = facts.results.find("photographs", "ferplus images")
    assert found is not None
    confusion = [[0] * 8 for _ in range(8)]
    confusion[0][0], confusion[0][1] = 3, 5
    row = replace(found.rows[0], confusion=_counts(confusion))
    results = Results({("photographs", "ferplus images"): replace(found, rows=(row,))})
    html = tables.photographs(Facts(results, ()))
    assert ">37.5</td>" in html and "neutral (8)" in html and "none of happiness" in html


def _accuracy(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "accuracy": row["accuracy"] * 0.83}


def _confusion(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "confusion": (np.array(row["confusion"]) * 2).tolist()}


@pytest.mark.parametrize(
    ("table", "name", "occlude", "change"),
    [
        *((tables.masks, "csinet.ferplus", each, _accuracy) for each in ("none", *MASKS)),
        (tables.confusion("csinet", "ferplus"), "csinet.ferplus", "none", _confusion),
        (tables.confusion("vgg16_gcca", "fer2013"), "vgg16_gcca.fer2013", "none", _confusion),
        (tables.accuracies({"a": ("acsinet", "ferplus")}), "acsinet.ferplus", "none", _accuracy),
    ],
)
def test_any_number_that_changes_on_a_card_changes_on_the_page(
    table: tables.Here,
    name: str,
    occlude: str,
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    facts = shipped_facts()
    models = [
        replace(
            model,
            metrics=tuple(
                change(row) if (model.name, row["occlude"]) == (name, occlude) else row
                for row in model.metrics
            ),
        )
        for model in facts.models
    ]
    assert table(facts) != table(replace(facts, models=models))


def test_a_drop_is_of_the_same_weights_on_the_same_faces() -> None:
    def shown(**changes: Any) -> str:
        clean = Row("agfer.ferplus", 600, "sha256:aa", {"accuracy": 0.8}, (0.7, 0.9))
        values: dict[str, Any] = {"values": {"accuracy": 0.55}, **changes}
        results = {
            ("evaluation", about): replace(RESULT, kind="evaluation", about=about, rows=(row,))
            for about, row in (
                (tables.SAMPLE, clean),
                (f"{tables.SAMPLE} blur 0.5", replace(clean, **values)),
            )
        }
        return tables.speed(Facts(Results(results), (trained("agfer.ferplus", digest="aa"),)))

    assert ">25.0</td>" in shown()
    assert "25.0" not in shown(n=300) and "25.0" not in shown(made_from="sha256:bb")


def test_photographs_without_a_face_are_told() -> None:
    assert "In 2 of them no face was found" in words.photographs_note(48, 2)
    assert "no face" not in words.photographs_note(48, 0)
