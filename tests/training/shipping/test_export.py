import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from ferstudio.models import build_model, load_weights
from ferstudio.models.card import is_recorded, read_card
from training.data.cache import load_split
from training.engine.checkpoint import CHECKPOINT, read_checkpoint
from training.evaluation.evaluate import evaluate_split
from training.evaluation.shown_faces import Protocol
from training.export import main
from training.recipes import Recipe, get_recipe
from training.recipes.recipe import BOTH
from training.shipping.export import shipped_model, shipped_state
from training.shipping.measure import CARD_OCCLUDERS
from training.train import main as train_main

PLAIN = "--uncalibrated"


@pytest.fixture(scope="module")
def run(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    arguments = ["resnet18.ferplus", "--data", str(cache), "--out", str(out), "--epochs", "1"]
    assert train_main([*arguments, "--sizes", "32", "--device", "cpu"]) == 0
    return out


def test_the_card_says_what_the_shipped_files_score(run: Path, cache: Path, tmp_path: Path) -> None:
    assert main([str(run), "--data", str(cache), "--weights-dir", str(tmp_path)]) == 0
    assert [item.name for item in tmp_path.iterdir()] == ["resnet18.ferplus"]
    folder = tmp_path / "resnet18.ferplus"
    card = read_card(folder)
    assert [row["occlude"] for row in card.metrics if not row["subset"]] == list(CARD_OCCLUDERS)
    model, valid = load_weights(folder), load_split(cache, "valid")
    for row in card.metrics[:3]:
        protocol = Protocol(occlude=row["occlude"], amount=1.0)
        again = evaluate_split(model, valid, protocol, split="valid")
        assert row["confusion"] == again.confusion
        assert row["accuracy"] == again.accuracy and tuple(row["ci95"]) == again.ci95
    assert card.recipe["command"].startswith("python -m training.train resnet18.ferplus")
    assert card.recipe["epochs_trained"] == 1
    assert card.params == sum(p.numel() for p in model.module.parameters())


def test_the_processors_whole_measure_is_recorded_and_a_bare_one_is_not(
    run: Path, cache: Path, tmp_path: Path
) -> None:
    places = [str(run), "--data", str(cache), "--weights-dir", str(tmp_path)]
    folder = tmp_path / "resnet18.ferplus"
    assert main(places) == 0
    whole = read_card(folder)
    assert is_recorded(folder, whole, "metrics")
    (agreed,) = [row for row in whole.metrics if row["subset"] == "agreed.csv"]
    assert agreed["occlude"] == "none" and 0 < agreed["n"] <= whole.metrics[0]["n"]
    assert main([*places, "--bare"]) == 0
    bare = read_card(folder)
    assert bare.metrics == whole.metrics[:1]
    assert not is_recorded(folder, bare, "metrics")


def test_the_averaged_weights_are_shipped(run: Path, cache: Path, tmp_path: Path) -> None:
    assert main([str(run), "--data", str(cache), "--weights-dir", str(tmp_path), PLAIN]) == 0
    shipped = load_weights(tmp_path / "resnet18.ferplus").module.state_dict()
    averaged = shipped_state(read_checkpoint(run))
    assert shipped.keys() == averaged.keys()
    for name, tensor in averaged.items():
        step = tensor.abs().max() / 127 if tensor.dim() > 1 else 0
        assert (shipped[name] - tensor).abs().max() <= step / 2 + 1e-6, name
    assert torch.equal(shipped["bn1.weight"], averaged["bn1.weight"])


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """Return the folder of a run on both label sets, as its checkpoint leaves it."""
    base = get_recipe("resnet18.both")
    recipe = base.changed(
        input=dataclasses.replace(base.input, size=32),
        sizes=((0.0, 32),),
        ema_decay=None,
        teacher="/somewhere/teacher.npz",
    )
    return save_checkpoint(tmp_path / "both", recipe)


def save_checkpoint(out: Path, recipe: Recipe) -> Path:
    out.mkdir()
    torch.manual_seed(0)
    network = recipe.entry.build(num_classes=sum(recipe.label_counts))
    state = {
        "recipe": recipe.to_json(),
        "model": network.state_dict(),
        "averaged": None,
        "epoch": 3,
        "step": 9,
        "elapsed_s": 60.0,
        "command": "python -m training.train",
        "earlier": ["python -m training.train first"],
        "commit": "unknown",
        "data": "made up",
        "device": "cpu",
    }
    torch.save(state, out / CHECKPOINT)
    return out


@pytest.mark.slow
def test_a_network_of_another_form_is_rebuilt_from_its_card(cache: Path, tmp_path: Path) -> None:
    base = get_recipe("vgg16.ferplus")
    recipe = base.changed(
        options=(("last_pool", False), ("batch_norm", False)),
        input=dataclasses.replace(base.input, size=32),
        sizes=((0.0, 32),),
        ema_decay=None,
    )
    run, shelf = save_checkpoint(tmp_path / "run", recipe), tmp_path / "w"
    assert main([str(run), "--data", str(cache), "--weights-dir", str(shelf)]) == 0
    model = load_weights(shelf / "vgg16.ferplus")
    assert model.card.options == {"last_pool": False, "batch_norm": False}
    assert Recipe.from_json({k: model.card.recipe[k] for k in recipe.to_json()}) == recipe
    assert model.module.state_dict().keys() == recipe.entry.build(num_classes=8).state_dict().keys()


@pytest.mark.slow
def test_a_run_on_both_label_sets_becomes_two_weights(
    both: Path, cache: Path, tmp_path: Path
) -> None:
    shelf = tmp_path / "w"
    assert main([str(both), "--data", str(cache), "--weights-dir", str(shelf), PLAIN]) == 0
    assert sorted(item.name for item in shelf.iterdir()) == ["resnet18.fer2013", "resnet18.ferplus"]
    parts = [load_weights(shelf / f"resnet18.{labels}") for labels in ("ferplus", "fer2013")]
    wide = build_model("resnet18", num_classes=15).eval()
    first, second = (part.module.state_dict() for part in parts)  # as the int8 files have them
    ends = {name: torch.cat([first[name], second[name]]) for name in ("fc.weight", "fc.bias")}
    wide.load_state_dict({**first, **ends})
    saved = read_checkpoint(both)["model"]
    assert torch.equal(ends["fc.bias"], saved["fc.bias"])
    torch.testing.assert_close(ends["fc.weight"], saved["fc.weight"], rtol=0, atol=1e-3)
    assert all(torch.equal(first[name], second[name]) for name in first if name not in ends)
    images, valid = torch.randn(3, 3, 32, 32), load_split(cache, "valid")
    with torch.inference_mode():
        logits = wide(images)
        for model, columns in zip(parts, (slice(8), slice(8, 15)), strict=True):
            torch.testing.assert_close(model.module(images), logits[:, columns])
            card = model.card
            assert card.labels == card.tag and card.recipe["labels"] == "ferplus+fer2013"
            assert card.recipe["name"] == "resnet18.both"
            assert card.recipe["teacher"] == "teacher.npz"
            assert card.recipe["earlier"] == ["python -m training.train first"]
            assert card.params == sum(p.numel() for p in model.module.parameters())
            protocol = Protocol(labels=card.labels)
            again = evaluate_split(model, valid, protocol, split="valid")
            assert card.metrics[0]["labels"] == card.labels
            assert card.metrics[0]["confusion"] == again.confusion
    unwritten = shipped_model(both)
    assert unwritten.name == "resnet18.both" and unwritten.card.labels == "ferplus"
    assert unwritten.card.recipe["earlier"] == ["python -m training.train first"]
    assert unwritten.card.params == parts[0].card.params
    assert torch.equal(unwritten.module.state_dict()["fc.bias"], first["fc.bias"])


def test_networks_that_cant_be_cut_apart_are_refused(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = save_checkpoint(tmp_path / "run", get_recipe("agfer.ferplus").changed(labels=BOTH))
    assert main([str(run), "--data", str(cache), "--weights-dir", str(tmp_path / "w")]) == 2
    assert "can't learn two label sets at once" in capsys.readouterr().err
    assert not (tmp_path / "w").exists()


def test_rare_emotions_can_be_raised_in_the_export(
    run: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offsets = np.array([0, 0, 0, 0, 0, 1.0, 0, 2.0])
    monkeypatch.setattr("training.shipping.adjustment.rare_offsets", lambda _shares: offsets)
    places = [str(run), PLAIN, "--data", str(cache), "--weights-dir"]
    assert main([*places, str(tmp_path / "plain")]) == 0
    assert main([*places, str(tmp_path / "raised"), "--balance", "0.3"]) == 0
    plain, raised = (load_weights(tmp_path / n / "resnet18.ferplus") for n in ("plain", "raised"))
    before, after = plain.module.state_dict(), raised.module.state_dict()
    added = torch.tensor([0, 0, 0, 0, 0, 0.3, 0, 0.6])
    torch.testing.assert_close(after["fc.bias"], before["fc.bias"] + added)
    assert all(torch.equal(after[n], before[n]) for n in before if n != "fc.bias")
    assert "balance" not in plain.card.recipe and raised.card.recipe["balance"]["tau"] == 0.3
    facts, bare = raised.card.recipe["balance"], plain.card.metrics[0]
    assert facts["accuracy_without"] == pytest.approx(bare["accuracy"])
    again = evaluate_split(raised, load_split(cache, "valid"), Protocol(), split="valid")
    assert raised.card.metrics[0]["confusion"] == again.confusion


def test_a_folder_without_a_run_is_refused(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--data", str(cache), "--weights-dir", str(tmp_path / "w")]) == 2
    assert "holds no last.pt" in capsys.readouterr().err
    assert not (tmp_path / "w").exists()


def test_exported_weights_are_calibrated(run: Path, cache: Path, tmp_path: Path) -> None:
    assert main([str(run), "--data", str(cache), "--weights-dir", str(tmp_path)]) == 0
    model = load_weights(tmp_path / "resnet18.ferplus")
    facts = model.card.calibration
    assert facts["nll"] <= facts["nll_without"]
    again = evaluate_split(model, load_split(cache, "valid"), Protocol(), split="valid")
    assert again.ece == pytest.approx(facts["ece"], abs=1e-6)
    averaged = shipped_state(read_checkpoint(run))["fc.bias"]
    shipped = model.module.state_dict()["fc.bias"]
    torch.testing.assert_close(shipped * facts["temperature"], averaged)
