"""The training loop: what a run learns, logs, saves and goes on from."""

import csv
import dataclasses
import functools
import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ferstudio.errors import UsageError
from ferstudio.models import model_entry, registry
from ferstudio.models.attention import capture_attention
from ferstudio.models.registry import Head
from ferstudio.preprocess import sample_faces
from tests.networks import card, hook_count, network, pictures, write_weights
from tests.training.tiny import small_recipe
from training.augment.occlusion import OverlayBank
from training.data.batches import network_input, training_faces, validation_faces
from training.data.cache import load_split
from training.data.table import FaceTable
from training.engine import loop
from training.engine import run as run_module
from training.engine.averaging import restart_average
from training.engine.checkpoint import read_checkpoint
from training.engine.loop import Judgement, judge, steps_per_epoch, train
from training.engine.losses import JointLoss
from training.engine.run import LOG_COLUMNS, Run, resume_run, save_run, start_run
from training.engine.speed import step_operations
from training.recipes import Recipe, get_recipe
from training.recipes.schedules import Constant, Cosine, Plateau, Steps
from training.recipes.settings import (
    AS_THEY_ARE,
    UNLIT,
    Augmentation,
    FiveCrops,
    Guidance,
    Light,
    Loss,
    Occlusion,
    Optimizer,
    Turns,
)
from training.shipping.export import shipped_state

CPU = torch.device("cpu")


BASE = get_recipe("resnet18.ferplus")

SMALL = small_recipe(32, epochs=3, batch_size=32)

BATCHES = 3  # per epoch of the cache's 96 faces


class Tiny(nn.Module):
    """A network that trains in no time, with the names and the parts that the loop touches."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, stride=2)
        self.bn1 = nn.BatchNorm2d(8)
        self.avgpool = nn.AdaptiveAvgPool2d(2)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(32, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.bn1(self.conv1(x)).relu())
        return self.fc(self.dropout(x.flatten(1)))


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Build the tiny network whatever the recipe names; its features are 32 numbers."""
    entry = dataclasses.replace(
        model_entry("resnet18"), build=Tiny, feature_layer="avgpool", head=Head("fc")
    )
    monkeypatch.setitem(registry._entries, "resnet18", entry)
    monkeypatch.setattr(loop, "OverlayBank", functools.partial(OverlayBank, count=40))
    step_operations.cache_clear()  # of the network that has the name otherwise
    yield
    step_operations.cache_clear()


def tables(cache: Path) -> tuple[FaceTable, FaceTable]:
    return load_split(cache, "train"), load_split(cache, "valid")


def trained(recipe: Recipe, cache: Path, out: Path) -> Run:
    run = start_run(recipe, out, CPU)
    train(run, *tables(cache))
    return run


def test_a_run_learns_logs_and_saves(cache: Path, tmp_path: Path, tiny: None) -> None:
    recipe = SMALL.changed(epochs=6)
    run = trained(recipe, cache, tmp_path)
    with (tmp_path / "log.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == LOG_COLUMNS
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3, 4, 5, 6]
    losses = [float(row["loss"]) for row in rows]
    assert losses[-1] < losses[0] - 0.3
    assert all(0 <= float(row["valid_accuracy"]) <= 1 for row in rows)
    assert all(float(row["valid_loss"]) > 0 for row in rows)
    assert Recipe.from_json(json.loads((tmp_path / "recipe.json").read_text())) == run.recipe
    saved = read_checkpoint(tmp_path)
    assert (saved["epoch"], saved["step"]) == (6, 6 * BATCHES)
    assert "96 faces" in saved["data"]


KINDS: dict[str, dict[str, Any]] = {
    "cosine, averaged, covered": {},
    "class-weighted, majority, constant": {
        "loss": Loss(kind="class_weighted"),
        "targets": "majority",
        "schedule": Constant(),
        "ema_decay": None,
        "guidance": Guidance(share=1.0),
        "augmentation": AS_THEY_ARE,
    },
    "joint, adam, plateau, oversampled": {
        "loss": Loss(kind="joint"),
        "labels": "fer2013",
        "optimizer": Optimizer(kind="adam", lr=0.001, weight_decay=0.0),
        "schedule": Plateau(watch="valid_loss", patience=1),
        "ema_decay": None,
        "oversampled": (("disgust", 3),),
        "augmentation": Augmentation(light=UNLIT, emotions=("disgust",)),
    },
    "steps, five crops": {
        "optimizer": Optimizer(lr=0.01, nesterov=False, decay_all=True),
        "schedule": Steps(shares=(1 / 3, 2 / 3)),
        "augmentation": Augmentation(geometry=FiveCrops(), light=UNLIT),
    },
    "joint with averaged weights, turns, plateau on training loss": {
        "loss": Loss(kind="joint"),
        "schedule": Plateau(watch="train_loss", patience=1, drop=0.5),
        "augmentation": Augmentation(geometry=Turns(), light=Light(), occlusion=Occlusion(0.5)),
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_recipe_trains(kind: str, cache: Path, tmp_path: Path, tiny: None) -> None:
    recipe = SMALL.changed(**{"epochs": 2, **KINDS[kind]})
    run = trained(recipe, cache, tmp_path)
    assert [row["epoch"] for row in run.log] == [1, 2]
    assert all(torch.isfinite(value).all() for value in run.shipped.state_dict().values())
    assert all(0 < row["loss"] < 100 and 0 < row["valid_loss"] < 100 for row in run.log)
    assert run.log[1]["loss"] < run.log[0]["loss"]
    assert all(0 <= row["train_accuracy"] <= 1 for row in run.log)


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_broken_in_an_epoch_goes_on_as_if_it_had_not_been(
    kind: str, cache: Path, tmp_path: Path, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last bit, dropout included, which draws from torch's own generator."""
    torch.set_num_threads(1)
    recipe = SMALL.changed(**KINDS[kind])
    whole = trained(recipe, cache, tmp_path / "whole")
    batches = whole.step // 3

    def failing(run: Run, *arguments: Any) -> Tensor:
        if run.step == 2 * batches + 1:  # the second step of the third epoch
            raise KeyboardInterrupt
        return step(run, *arguments)

    step = loop._step
    broken = start_run(recipe, tmp_path / "broken", CPU)
    monkeypatch.setattr(loop, "_step", failing)
    with pytest.raises(KeyboardInterrupt):
        train(broken, *tables(cache))
    monkeypatch.setattr(loop, "_step", step)
    torch.rand(17)
    resumed = resume_run(tmp_path / "broken", CPU)
    assert (resumed.epoch, resumed.step) == (2, 2 * batches)
    train(resumed, *tables(cache))

    for part in ("shipped", "model", "criterion"):
        expected, state = getattr(whole, part).state_dict(), getattr(resumed, part).state_dict()
        assert all(torch.equal(value, state[name]) for name, value in expected.items()), part
    facts = ("lr", "loss", "valid_loss", "valid_accuracy")
    assert [[row[f] for f in facts] for row in whole.log] == [
        [row[f] for f in facts] for row in resumed.log
    ]


def test_a_plateau_lowers_the_learning_rate_across_a_resumption(
    cache: Path, tmp_path: Path, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "judge", lambda *arguments: Judgement(accuracy=0.5, loss=1.0))
    recipe = SMALL.changed(
        epochs=3,
        optimizer=Optimizer(lr=0.01),
        schedule=Plateau(watch="valid_loss", patience=3, drop=0.1),
    )
    trained(recipe, cache, tmp_path)
    resumed = resume_run(tmp_path, CPU)
    resumed.recipe = recipe.changed(epochs=8)
    train(resumed, *tables(cache))
    expected = [0.01] * 4 + [0.001] * 3 + [1e-4]
    assert [row["lr"] for row in resumed.log] == pytest.approx(expected)


def test_checkpoints_count_as_minutes_and_the_last_epoch_is_judged(
    cache: Path, tmp_path: Path, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(run: Run) -> None:
        time.sleep(0.4)
        saved(run)

    saved = save_run
    monkeypatch.setattr(loop, "save_run", slow)
    recipe = SMALL.changed(epochs=1000, judged_every=1000)
    run = start_run(recipe, tmp_path, CPU, max_minutes=1.5 / 60)
    begun = time.perf_counter()
    train(run, *tables(cache))
    assert 2 <= run.epoch <= 5 and run.elapsed_s >= 0.4 * (run.epoch - 1)
    assert run.elapsed_s <= time.perf_counter() - begun
    judged = [math.isfinite(row["valid_accuracy"]) for row in run.log]
    assert judged == [False] * (run.epoch - 1) + [True]


def test_what_the_preparation_takes_is_taken_off_the_limit(
    cache: Path, tmp_path: Path, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(device: torch.device) -> float:
        time.sleep(0.5)
        return 1e9

    monkeypatch.setattr(loop, "matrix_peak", slow)
    run = start_run(SMALL.changed(epochs=1000), tmp_path, CPU, max_minutes=0.4 / 60)
    train(run, *tables(cache))
    assert (run.epoch, run.step) == (1, 1)  # the limit had passed: one step, judged and saved
    assert read_checkpoint(tmp_path)["step"] == 1
    run = start_run(SMALL.changed(epochs=1), tmp_path, CPU)
    train(run, *tables(cache))
    assert run.max_s == math.inf


def test_a_run_that_goes_on_pays_for_no_second_preparation(
    cache: Path, tmp_path: Path, tiny: None
) -> None:
    run = start_run(SMALL.changed(epochs=1), tmp_path, CPU, max_minutes=60)
    train(run, *tables(cache))
    left = read_checkpoint(tmp_path)["max_s"]
    resumed = resume_run(tmp_path, CPU)
    resumed.recipe = SMALL.changed(epochs=2)
    train(resumed, *tables(cache))
    assert left < 3600
    assert read_checkpoint(tmp_path)["max_s"] == left


def test_centres_are_learned_beside_the_network(cache: Path, tmp_path: Path, tiny: None) -> None:
    recipe = SMALL.changed(loss=Loss(kind="joint"), epochs=2)
    run = start_run(recipe, tmp_path, CPU)
    assert isinstance(run.criterion, JointLoss)
    before = run.criterion.island.centres.detach().clone()
    assert before.shape == (8, 32)
    train(run, *tables(cache))
    saved = read_checkpoint(tmp_path)["criterion"]["island.centres"]
    assert torch.equal(saved, run.criterion.island.centres)
    assert not torch.allclose(saved, before)
    assert not any("centres" in name for name in run.shipped.state_dict())


def test_without_averaging_the_network_itself_is_judged_and_shipped(
    cache: Path, tmp_path: Path, tiny: None
) -> None:
    run = trained(SMALL.changed(ema_decay=None, epochs=1), cache, tmp_path / "plain")
    assert run.shipped is run.model
    shipped = shipped_state(read_checkpoint(tmp_path / "plain"))
    assert all(torch.equal(shipped[n], v) for n, v in run.model.state_dict().items())
    run = trained(SMALL.changed(epochs=1), cache, tmp_path / "averaged")
    shipped = shipped_state(read_checkpoint(tmp_path / "averaged"))
    assert run.shipped is not run.model
    assert all(torch.equal(shipped[n], v) for n, v in run.shipped.state_dict().items())
    assert not torch.equal(shipped["fc.weight"], run.model.state_dict()["fc.weight"])


def test_validation_loss_is_the_recipes_loss_on_labels(
    cache: Path, tmp_path: Path, tiny: None
) -> None:
    run = start_run(SMALL, tmp_path, CPU)
    judged = validation_faces(load_split(cache, "valid"), SMALL, CPU)
    judgement = judge(run, judged, 32)
    crops = sample_faces(judged.faces.float() / 255, judged.to_source, 32)
    with torch.no_grad():
        logits = run.shipped.eval()(network_input(crops, SMALL.input))
    labels = judged.targets.argmax(dim=1)
    expected = nn.functional.cross_entropy(logits, labels)
    assert judgement.loss == pytest.approx(float(expected), rel=2e-2)  # bfloat16 there
    assert judgement.accuracy == pytest.approx(
        float((logits.argmax(dim=1) == labels).float().mean()), abs=0.06
    )


@pytest.mark.parametrize(
    ("faces", "batch_size", "steps"),
    [(64, 32, 2), (65, 32, 2), (66, 32, 3), (96, 32, 3), (5, 32, 1), (1, 32, 1)],
)
def test_a_last_batch_of_one_face_is_left_out(faces: int, batch_size: int, steps: int) -> None:
    assert steps_per_epoch(faces, batch_size) == steps


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_killed_process_loses_at_most_its_epoch(cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-m", "training.train", "resnet18.ferplus", "--data", str(cache)]
    command += ["--out", str(out), "--device", "cpu", "--epochs", "200"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 240
        while not (out / "log.csv").exists() and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.3)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    finished = read_checkpoint(out)["epoch"]
    assert finished >= 1
    run = resume_run(out, CPU)
    assert run.epoch == finished and len(run.log) == finished
    run.recipe = run.recipe.changed(epochs=finished + 1)
    train(run, *tables(cache))
    assert read_checkpoint(out)["epoch"] == finished + 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cross_entropy", "joint"])
def test_a_compiled_run_is_the_same_run(
    kind: str, cache: Path, tmp_path: Path, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[nn.Module] = []

    def compiling(network: nn.Module, **settings: Any) -> Any:
        compiled.append(network)
        return compile_with(network, backend="aot_eager", **settings)  # needs no C++ compiler

    compile_with = torch.compile
    monkeypatch.setattr(torch, "compile", compiling)
    recipe = SMALL.changed(loss=Loss(kind=kind), epochs=2)
    plain = trained(recipe, cache, tmp_path / "plain")
    assert not compiled
    run = start_run(recipe, tmp_path / "compiled", CPU)
    train(run, *tables(cache), compiled=True)
    assert len(compiled) == 1 and hook_count(run.model) == 0
    expected, saved = (read_checkpoint(tmp_path / name) for name in ("plain", "compiled"))
    for part in ("model", "averaged", "criterion"):
        assert saved[part].keys() == expected[part].keys()
    for row, own in zip(plain.log, run.log, strict=True):
        assert own["loss"] == pytest.approx(row["loss"], rel=0.01)
        assert own["valid_loss"] == pytest.approx(row["valid_loss"], rel=0.01)


def test_the_log_tells_the_share_of_the_peak(
    cache: Path, tmp_path: Path, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    peak = 1e10
    monkeypatch.setattr(loop, "matrix_peak", lambda device: peak)
    row = trained(SMALL.changed(epochs=1), cache, tmp_path).log[0]
    picture = step_operations("resnet18", num_classes=8, size_px=32)
    assert row["peak_share"] == pytest.approx(row["images_per_s"] * picture / peak, rel=0.02)


def test_the_time_limit_ends_the_schedule(cache: Path, tmp_path: Path, tiny: None) -> None:
    assert isinstance(SMALL.schedule, Cosine)
    run = start_run(SMALL.changed(epochs=10_000), tmp_path, CPU, max_minutes=0.02)
    train(run, *tables(cache))
    assert run.epoch < 10_000
    assert run.log[-1]["progress"] == 1
    assert run.log[-1]["lr"] < SMALL.optimizer.lr


def test_epochs_are_judged_as_often_as_wanted_and_the_last_one_always(
    tiny: None, cache: Path, tmp_path: Path
) -> None:
    recipe = SMALL.changed(epochs=5, judged_every=2)
    run = start_run(recipe, tmp_path / "run", CPU)
    train(run, load_split(cache, "train"), load_split(cache, "valid"))
    judged = [not math.isnan(row["valid_accuracy"]) for row in run.log]
    assert judged == [False, True, False, True, True]


def test_weights_averaged_every_few_steps_span_as_many_steps(
    tiny: None, cache: Path, tmp_path: Path
) -> None:
    recipe = SMALL.changed(epochs=1, averaged_every=2, ema_decay=0.9)
    run = start_run(recipe, tmp_path / "run", CPU)
    train(run, load_split(cache, "train"), load_split(cache, "valid"))
    assert run.averaged is not None
    assert run.step == BATCHES
    assert int(run.averaged.n_averaged) == BATCHES // 2


@pytest.mark.slow
def test_attention_starts_spread_and_so_do_its_averages(cache: Path, tmp_path: Path) -> None:
    recipe = get_recipe("acsinet.ferplus").changed(
        input=dataclasses.replace(BASE.input, size=32),
        sizes=((0.0, 32),),
        epochs=1,
        batch_size=96,
        optimizer=Optimizer(lr=1e-9),
    )

    def variation(spread: float) -> float:
        changed = recipe.changed(attention_spread=spread)
        run = start_run(changed, tmp_path / f"run{spread}", CPU)
        train(run, load_split(cache, "train"), load_split(cache, "valid"))
        images = torch.rand(16, 3, 32, 32)
        with capture_attention(run.shipped.train()) as records, torch.no_grad():
            run.shipped(images)
        return float(records[-1].weights.std(dim=0).mean())

    assert variation(1.0) > 2 * variation(0.0)


def test_training_accuracy_counts_the_right_answers_of_an_epoch(
    cache: Path, tmp_path: Path, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[tuple[int, int]] = []
    step = loop._step

    def watched(*arguments: Any) -> Tensor:
        found = step(*arguments)
        counted.append((int(found[1]), int(found[2])))
        return found

    monkeypatch.setattr(loop, "_step", watched)
    run = trained(SMALL.changed(epochs=1), cache, tmp_path)
    right, faces = (sum(part) for part in zip(*counted, strict=True))
    assert 0 < right < faces
    assert run.log[0]["train_accuracy"] == right / faces


def test_a_run_that_was_begun_without_training_accuracy_goes_on(
    cache: Path, tmp_path: Path, tiny: None
) -> None:
    run = trained(SMALL.changed(epochs=1), cache, tmp_path)
    del run.log[0]["train_accuracy"]
    save_run(run)
    with (tmp_path / "log.csv").open(encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    assert math.isnan(float(row["train_accuracy"]))
    assert resume_run(tmp_path, torch.device("cpu")).log == run.log


def test_covers_begin_within_an_epoch(
    cache: Path, tmp_path: Path, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    covered: list[bool] = []
    crops = loop.training_crops

    def told(run: Run, batch: Any, size_px: int, bank: Any, generator: torch.Generator) -> Tensor:
        covered.append(bank is not None)
        return crops(run, batch, size_px, bank, generator)

    monkeypatch.setattr(loop, "training_crops", told)
    changed = dataclasses.replace(SMALL.augmentation.occlusion, begins=0.5)
    augmentation = dataclasses.replace(SMALL.augmentation, occlusion=changed)
    trained(SMALL.changed(epochs=2, augmentation=augmentation), cache, tmp_path)
    assert covered == [False] * BATCHES + [True] * BATCHES
    covered.clear()
    changed = dataclasses.replace(changed, begins=0.2)
    augmentation = dataclasses.replace(SMALL.augmentation, occlusion=changed)
    trained(SMALL.changed(epochs=1, augmentation=augmentation), cache, tmp_path / "one")
    assert covered == [False, True, True]


def test_the_average_begins_anew_with_larger_pictures(
    cache: Path, tmp_path: Path, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []
    restart = restart_average
    run: Run

    def told(averaged: Any) -> None:
        steps.append(run.step)
        restart(averaged)

    monkeypatch.setattr(loop, "restart_average", told)
    sizes = ((0.0, 24), (0.4, 32))
    run = start_run(SMALL.changed(sizes=sizes, epochs=4), tmp_path, CPU)
    train(run, *tables(cache))
    assert steps == [5]  # 0.4 of 12 steps
    half = start_run(SMALL.changed(sizes=sizes, epochs=4), tmp_path / "half", CPU)
    steps.clear()
    run = half
    with monkeypatch.context() as stopped:
        stopped.setattr(loop, "_is_over", lambda run, _: run.epoch >= 2)
        train(half, *tables(cache))
    run = resume_run(tmp_path / "half", CPU)
    train(run, *tables(cache))
    assert steps == [5]  # a resumption is none


@pytest.mark.slow
@pytest.mark.parametrize("name", ["acsinet", "csinet", "psa_resnet50"])
def test_what_was_trained_answers_alike_before_the_first_step(
    name: str, cache: Path, tmp_path: Path
) -> None:
    begin = card(name)
    write_weights(tmp_path, begin, network(name).state_dict())
    recipe = get_recipe(f"{name}.ferplus").changed(sizes=((0.0, 96),), batch_size=8)
    run = start_run(recipe, tmp_path / "run", CPU, start_from=tmp_path / begin.name)
    faces = training_faces(tables(cache)[0], recipe, CPU)
    images = pictures(2, 96)
    with torch.inference_mode():
        before = run.model.eval()(images)
    loop._spread_gates(run, faces)
    with torch.inference_mode():
        assert torch.equal(run.model.eval()(images), before)
        assert torch.equal(run.shipped.eval()(images), before)


def test_a_loss_beyond_all_numbers_ends_the_run_and_keeps_the_epoch_before(
    cache: Path, tmp_path: Path, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, seen = loop._step, []

    def broken(*given: Any) -> Tensor:
        seen.append(step(*given))
        return seen[-1] * (math.nan if len(seen) > BATCHES + 1 else 1.0)

    monkeypatch.setattr(loop, "_step", broken)
    with pytest.raises(UsageError, match=r"loss of epoch 2 isn't finite.*keeps the epochs before"):
        trained(SMALL, cache, tmp_path)
    assert read_checkpoint(tmp_path)["epoch"] == 1


def test_pictures_too_small_for_the_network_are_refused(cache: Path, tmp_path: Path) -> None:
    recipe = get_recipe("vgg16.ferplus").with_sizes(((0.0, 16),))
    with pytest.raises(UsageError, match="can't look at pictures of 16 px"):
        trained(recipe, cache, tmp_path)


def test_a_run_remembers_which_code_began_it_and_which_went_on(
    cache: Path, tmp_path: Path, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    revisions = iter("abbc")
    monkeypatch.setattr(run_module, "code_revision", lambda: next(revisions))
    save_run(start_run(SMALL, tmp_path, CPU))
    for _ in range(3):
        save_run(resume_run(tmp_path, CPU))
    saved = read_checkpoint(tmp_path)
    assert (saved["commit"], saved["resumed_by"]) == ("a", ["b", "c"])
