import json
from pathlib import Path

import pytest

from ferstudio.models import list_models, model_entry
from ferstudio.reported import ReportedAblation, reported_value
from ferstudio.results import read_results
from tests.networks import card, network, write_weights
from tests.training.tiny import register_tiny
from training.ablation import main
from training.data.cache import load_split
from training.data.targets import training_rows
from training.engine.checkpoint import read_checkpoint
from training.evaluation.evaluate import evaluate_split
from training.evaluation.shown_faces import Protocol
from training.experiments import ablation, families
from training.experiments.families import FAMILIES, Family, Member, family_recipes
from training.experiments.published import recipe_text
from training.recipes import Recipe, get_recipe, list_recipes
from training.shipping.export import shipped_model

TINY = Family(
    ReportedAblation(
        "A paper, Table 9",
        ("CK+", "FER2013"),
        {"Basic": (50.0, None), "Ours": (60.25, 70.5), "Ours + joint loss": (None, 71.0)},
        "A note.",
    ),
    (
        Member("Basic", "tiny_b", "cross_entropy"),
        Member("Ours", "tiny", "cross_entropy"),
        Member("Ours + joint loss", "tiny", "joint"),
    ),
)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    for model in ("tiny", "tiny_b"):
        register_tiny(monkeypatch, model)
    for module in (ablation, families):
        monkeypatch.setattr(module, "FAMILIES", {"tiny": TINY})


def command(what: str, cache: Path, out: Path, *extra: str) -> list[str]:
    return [what, "--data", str(cache), "--out", str(out), "--device", "cpu", *extra]


@pytest.mark.parametrize("name", FAMILIES)
def test_members_differ_in_network_and_loss_only(name: str) -> None:
    family, base = FAMILIES[name], get_recipe(f"{name}.ferplus")
    recipes = family_recipes(name, "ferplus")
    assert len({recipe.name for recipe in recipes}) == len(family.members)
    for recipe, member in zip(recipes, family.members, strict=True):
        assert recipe.model == member.model in list_models()
        assert recipe.loss.kind == (member.loss or base.loss.kind)
        same = recipe.changed(name=base.name, model=base.model, loss=base.loss)
        assert same == base
        assert family.figures(member).keys() <= set(family.reported.columns)
    assert list(family.reported.rows) == [member.row for member in family.members]
    assert base in recipes


def test_a_tag_chooses_other_settings() -> None:
    recipes = family_recipes("vgg16_gcca", "fer2013")
    assert [recipe.labels for recipe in recipes] == ["fer2013"] * 6
    assert [recipe.loss.kind for recipe in recipes] == ["cross_entropy"] * 5 + ["joint"]
    assert recipes[-1].loss == get_recipe("vgg16_gcca.fer2013").loss
    weighted = family_recipes("agfer", "paper")
    assert {recipe.loss.kind for recipe in weighted} == {"class_weighted"}


@pytest.mark.parametrize(
    ("name", "column", "network", "data_set"),
    [
        ("csinet", "FERPlus", "CSINet", "FER+"),
        ("csinet", "RAF-DB", "CSINet", "RAF-DB"),
        ("acsinet", "RAF-DB", "ACSI-Net", "RAF-DB"),
        ("acsinet", "AffectNet-7", "ACSI-Net", "AffectNet-7"),
        ("psa_resnet50", "CK+ (Table 4)", "PSA-ResNet", "CK+"),
        ("psa_resnet50", "FER2013 (Table 4)", "PSA-ResNet", "FER2013"),
        ("agfer", "OULU-CASIA", "CBAMFER", "OULU-CASIA"),
        ("vgg16_gcca", "FER2013", "context framework", "FER2013"),
        ("vgg16_gcca", "CK+", "context framework", "CK+"),
    ],
)
def test_the_last_rows_are_the_papers_headlines(
    name: str, column: str, network: str, data_set: str
) -> None:
    family = FAMILIES[name]
    assert family.figures(family.members[-1])[column] == reported_value(network, data_set)


def test_a_family_is_trained_and_tabled_in_the_papers_order(
    tiny: None, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command("tiny", cache, tmp_path, "--epochs", "3", "--seed", "2")) == 0
    found = json.loads((tmp_path / "ablation.json").read_text())
    names = ["tiny_b.ferplus", "tiny.ferplus", "tiny.ferplus_joint"]
    assert [row["row"] for row in found["rows"]] == ["Basic", "Ours", "Ours + joint loss"]
    valid = load_split(cache, "valid")
    for name, row in zip(names, found["rows"], strict=True):
        folder = tmp_path / name
        trained = Recipe.from_json(read_checkpoint(folder)["recipe"])
        assert (trained.epochs, trained.seed, trained.loss.kind) == (3, 2, row["loss"])
        again = evaluate_split(shipped_model(folder), valid, Protocol(), split="valid")
        assert row["evaluation"]["confusion"] == again.confusion
        assert row["evaluation"]["accuracy"] == again.accuracy
        assert row["epochs_trained"] == 3
        network = model_entry(row["model"]).build(num_classes=8)
        assert row["params"] == sum(p.numel() for p in network.parameters())
    assert [row["reported"] for row in found["rows"]] == [
        {"CK+": 50.0},
        {"CK+": 60.25, "FER2013": 70.5},
        {"FER2013": 71.0},
    ]

    text = (tmp_path / "ablation.md").read_text()
    assert text in capsys.readouterr().out
    lines = text.splitlines()
    caption = ("Measured here", "settings of `tiny.ferplus`", "3 epochs", "seed 2")
    for words in (*caption, "A paper, Table 9", "own figures", "A note.", "n = 40", "valid split"):
        assert words in lines[0], words
    head = [cell.strip() for cell in lines[2].strip("|").split("|")]
    assert head[-2:] == ["paper: CK+", "paper: FER2013"]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[4:]]
    assert [len(row) for row in cells] == [len(head)] * 3
    ours = found["rows"][1]["evaluation"]
    low, high = ours["ci95"]
    accuracy = f"{100 * ours['accuracy']:.1f} ({100 * low:.1f} to {100 * high:.1f})"
    assert cells[1][:3] == ["Ours", "Tiny (`tiny`)", "cross entropy"]
    assert cells[1][5:] == [
        accuracy,
        f"{100 * ours['macro_recall']:.1f}",
        f"{100 * ours['macro_f1']:.1f}",
        "60.25",
        "70.50",
    ]
    assert cells[0][-2:] == ["50.00", ""] and cells[2][-2:] == ["", "71.00"]


def test_recipes_named_by_hand_resume_and_have_no_papers_columns(
    tiny: None, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = "tiny.ferplus,tiny_b.ferplus"
    assert main(command(named, cache, tmp_path, "--epochs", "1")) == 0
    before = (tmp_path / "ablation.json").read_text()
    checkpoint = (tmp_path / "tiny.ferplus" / "last.pt").stat().st_mtime_ns
    assert main(command(named, cache, tmp_path, "--epochs", "1", "--resume")) == 0
    assert (tmp_path / "ablation.json").read_text() == before
    assert (tmp_path / "tiny.ferplus" / "last.pt").stat().st_mtime_ns == checkpoint
    rows = json.loads(before)["rows"]
    assert [row["row"] for row in rows] == ["tiny.ferplus", "tiny_b.ferplus"]
    assert "paper" not in (tmp_path / "ablation.md").read_text()


def test_all_begin_alike_and_the_note_says_how(
    tiny: None, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_tiny(monkeypatch, "tiny", "again")
    named = "tiny.ferplus,tiny.again"
    write_weights(tmp_path, card("tiny"), network("tiny").state_dict())
    begun = ["--start-from", str(tmp_path / "tiny.test"), "--sizes", "32", "--batch-size", "20"]
    line = command(named, cache, tmp_path / "run", "--epochs", "1", *begun)
    results = ["--results", str(tmp_path / "results")]
    assert main([*line, *results]) == 0
    for name in named.split(","):
        trained = Recipe.from_json(read_checkpoint(tmp_path / "run" / name)["recipe"])
        assert (trained.start_from, trained.batch_size) == ("tiny.test", 20)
    found = read_results(tmp_path / "results").find("ablation", named)
    assert found is not None
    assert "1 epoch at 32 px" in found.note and "begun with `tiny.test`" in found.note
    assert found.command.endswith(
        "--epochs 1 --batch-size 20 --sizes 32 --start-from weights/tiny.test"
    )
    assert main([*line, "--resume"]) == 0


def test_refusals(
    tiny: None, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(what: str, *extra: str) -> str:
        assert main(command(what, cache, tmp_path / "out", *extra)) == 2
        message = capsys.readouterr().err.strip()
        assert len(message.splitlines()) == 1
        return message

    assert "ablation named 'resnet'; choose from: tiny" in refused("resnet")
    assert "recipe named 'tiny.none'" in refused("tiny.ferplus,tiny.none")
    assert "recipe named 'tiny.none'" in refused("tiny", "--tag", "none")
    assert "--tag is for families" in refused("tiny.ferplus", "--tag", "ferplus")
    assert "same labels" in refused("psa_resnet50.ferplus,psa_resnet50.fer2013")
    assert not (tmp_path / "out").exists()


def test_a_family_is_a_result_of_its_rows(tiny: None, cache: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    line = command("tiny", cache, tmp_path / "run", "--epochs", "1", "--results", str(results))
    assert main(line) == 0
    raw = json.loads((tmp_path / "run" / "ablation.json").read_text())
    found = read_results(results).find("ablation", "tiny")
    assert found is not None and "1 epoch at" in found.note
    learned = len(training_rows(load_split(cache, "train"), get_recipe("tiny.ferplus")))
    assert found.data.endswith(f", {learned:,} faces") and f"{learned:,} faces" in found.terms
    assert [row.name for row in found.rows] == [row["row"] for row in raw["rows"]]
    for row, own in zip(found.rows, raw["rows"], strict=True):
        assert (row.n, row.accuracy) == (own["evaluation"]["n"], own["evaluation"]["accuracy"])
        assert row.values["parameters"] == own["params"]
    (results / found.file_name).unlink()
    assert main([*line, "--resume"]) == 0  # nothing is trained again
    assert read_results(results).find("ablation", "tiny") == found


def test_another_tag_is_another_result(
    tiny: None, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in ("tiny", "tiny_b"):
        register_tiny(monkeypatch, model, "again")
    results = tmp_path / "results"
    for tag in ("ferplus", "again"):
        extra = ("--tag", tag, "--epochs", "1", "--results", str(results))
        assert main(command("tiny", cache, tmp_path / tag, *extra)) == 0
    found = read_results(results).variants("ablation", "tiny")
    assert [each.about for each in found] == ["tiny", "tiny again"]


def test_all_families_share_what_they_train_alike(
    tiny: None, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_tiny(monkeypatch, "tiny_c")
    other = Family(TINY.reported, (TINY.members[0], Member("Ours", "tiny_c", "cross_entropy")))
    for module in (ablation, families):
        monkeypatch.setattr(module, "FAMILIES", {"tiny": TINY, "tiny_c": other})
    out, results = tmp_path / "run", tmp_path / "results"
    line = command("all", cache, out, "--epochs", "1", "--results", str(results))
    assert main(line) == 0
    runs = {folder.name for folder in out.iterdir() if (folder / "last.pt").exists()}
    assert runs == {
        "tiny_b.ferplus", "tiny.ferplus", "tiny.ferplus_joint", "tiny_c.ferplus",
    }  # fmt: skip
    first, second = (
        json.loads((out / n / "ablation.json").read_text()) for n in ("tiny", "tiny_c")
    )
    assert first["rows"][0]["evaluation"] == second["rows"][0]["evaluation"]
    assert [each.about for each in read_results(results).of("ablation")] == ["tiny", "tiny_c"]
    assert main([*line, "--resume"]) == 0  # goes on where a queue was stopped


@pytest.mark.parametrize("tag", [None, "paper"])
def test_the_papers_families_can_share_one_folder(tag: str | None) -> None:
    by_name: dict[str, Recipe] = {}
    for each in ablation.all_families(tag):
        for recipe in each.recipes:
            assert by_name.setdefault(recipe.name, recipe) == recipe
    plain = {name.partition(".")[0] for name in by_name}
    assert plain == set(list_models())


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("tag", ["ferplus", "paper"])
def test_a_registered_recipes_name_means_that_recipe(name: str, tag: str) -> None:
    if f"{name}.{tag}" in list_recipes():
        for recipe in family_recipes(name, tag):
            if recipe.name in list_recipes():
                assert get_recipe(recipe.name) == recipe


def test_base_of_paper_4_is_guided_in_the_ablation_and_says_so() -> None:
    (base,) = (r for r in family_recipes("agfer", "ferplus") if r.model == "vgg16_nopool5")
    assert base.name == "vgg16_nopool5.ferplus_as_agfer"
    assert base.guidance.share > 0 == get_recipe("vgg16_nopool5.ferplus").guidance.share


def test_several_seeds_give_a_mean_and_a_spread(tiny: None, cache: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    line = command("tiny", cache, tmp_path / "run", "--epochs", "1", "--results", str(results))
    assert main(line) == 0
    one = read_results(results).find("ablation", "tiny")
    assert one is not None and all("sta" not in row.values for row in one.rows)
    assert main([*line, "--seeds", "2", "--resume"]) == 0  # the first is read back
    raw = json.loads((tmp_path / "run" / "ablation.json").read_text())
    found = read_results(results).find("ablation", "tiny")
    assert found is not None and "--seeds 2" in found.command
    assert "mean over seeds 0 to 1" in found.note
    for row, own, first in zip(found.rows, raw["rows"], one.rows, strict=True):
        assert own["accuracies"][0] == first.accuracy
        mean = sum(own["accuracies"]) / 2
        assert row.accuracy == pytest.approx(mean)
        assert row.values["sta"] == pytest.approx(abs(own["accuracies"][0] - mean))
        assert row.values["seeds"] == 2 and row.made_from.endswith("seeds 0 to 1")
        assert row.ci95 is not None and row.ci95[0] < mean < row.ci95[1]
    assert (tmp_path / "run" / "tiny.ferplus-seed-1" / "last.pt").exists()
    head = (tmp_path / "run" / "ablation.md").read_text().splitlines()[2]
    assert [cell.strip() for cell in head.strip("|").split("|")][6] == "Sta"
    assert main([*line, "--seeds", "0", "--resume"]) == 2


def test_a_finished_trial_of_another_recipe_isnt_read_back(
    tiny: None, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command("tiny.ferplus", cache, tmp_path, "--epochs", "1")) == 0
    file = tmp_path / "tiny.ferplus" / "recipe.json"
    recipe = json.loads(file.read_text())
    file.write_text(json.dumps({**recipe, "seed": 9}))
    assert main(command("tiny.ferplus", cache, tmp_path, "--epochs", "1", "--resume")) == 2
    assert "a run of another recipe" in capsys.readouterr().err


def test_a_limit_of_time_shows_in_what_a_row_was_made_from() -> None:
    recipe = get_recipe("csinet.ferplus").changed(epochs=24)
    text = recipe_text(recipe, epochs=9)
    assert text.startswith("csinet.ferplus, 9 of 24 epochs at ")
    assert " of " not in recipe_text(recipe, epochs=24)
