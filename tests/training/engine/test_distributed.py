"""Two processes under torchrun, which run this very file, beside one process."""

import contextlib
import dataclasses
import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from ferstudio.distributed import process_group, rank
from ferstudio.errors import DataError, UsageError
from ferstudio.models import model_entry, registry
from ferstudio.models.registry import Head
from ferstudio.types import FaceCrop
from tests.networks import card, write_weights
from tests.training.tiny import small_recipe
from training import evaluate
from training import train as command
from training.augment.occlusion import OverlayBank
from training.data.batches import DeviceFaces
from training.data.cache import load_split
from training.engine import distributed, loop
from training.engine.checkpoint import read_checkpoint
from training.engine.distributed import all_gather_rows, check_batch_size, split_batch
from training.engine.run import Run, start_run
from training.evaluation import evaluate as judging
from training.evaluation import shown_faces
from training.recipes import Recipe
from training.recipes.settings import AS_THEY_ARE, Augmentation, Loss, Mixing, Occlusion, Optimizer

CPU = torch.device("cpu")
SMALL = small_recipe(
    32,
    epochs=3,
    batch_size=32,
    augmentation=Augmentation(occlusion=Occlusion(0.9)),
    attention_spread=0.0,  # what is looked up are batches alone
)
BATCHES = 3  # per epoch of the cache's 96 faces
UNEVEN = SMALL.changed(batch_size=31, augmentation=AS_THEY_ARE)
"""16 and 15 faces of each batch, and a fourth one of 3."""

EXACT = {
    "joint": UNEVEN.changed(loss=Loss(kind="joint"), batch_size=27),
    "class-weighted": UNEVEN.changed(loss=Loss(kind="class_weighted"), targets="majority"),
    "adam": UNEVEN.changed(optimizer=Optimizer(kind="adam", lr=0.001), ema_decay=None),
}
"""Without chance, a network without batch norm ends up with one process's weights."""

NOISY = SMALL.changed(loss=Loss(kind="joint"), epochs=8, mixing=Mixing(share=0.5), seed=2)


class Plain(nn.Module):
    """A network without batch norm and dropout."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(2)
        self.fc = nn.Linear(32, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.avgpool(self.conv(x).relu()).flatten(1))


class Tiny(Plain):
    """The same with batch norm and dropout."""

    def __init__(self, num_classes: int) -> None:
        super().__init__(num_classes)
        self.bn = nn.BatchNorm2d(8)
        self.dropout = nn.Dropout(0.2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.bn(self.conv(x)).relu())
        return self.fc(self.dropout(x.flatten(1)))


@contextlib.contextmanager
def small_world(network: type[nn.Module]) -> Iterator[None]:
    """Build `network` whatever a recipe names, in float32, with few overlays and a quick peak."""
    with pytest.MonkeyPatch.context() as patch:
        entry = dataclasses.replace(
            model_entry("resnet18"), build=network, feature_layer="avgpool", head=Head("fc")
        )
        patch.setitem(registry._entries, "resnet18", entry)
        patch.setattr(loop, "OverlayBank", functools.partial(OverlayBank, count=40))
        patch.setattr(loop, "autocast", lambda *arguments: contextlib.nullcontext())
        patch.setattr(loop, "matrix_peak", lambda device: 1e9)
        yield


@contextlib.contextmanager
def seen_rows() -> Iterator[list[Tensor]]:
    """Give the rows of each batch of training faces, as they are looked up."""
    rows: list[Tensor] = []
    select = DeviceFaces.select

    def recording(self: DeviceFaces, wanted: Tensor) -> DeviceFaces:
        if not torch.is_inference_mode_enabled():
            rows.append(wanted.clone())
        return select(self, wanted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DeviceFaces, "select", recording)
        yield rows


def trained(recipe: Recipe, network: type[nn.Module], cache: Path, out: Path) -> dict[str, Any]:
    """Train and return what the run ended with."""
    tables = load_split(cache, "train"), load_split(cache, "valid")
    with small_world(network), seen_rows() as rows:
        run = start_run(recipe, out, CPU)
        loop.train(run, *tables)
    return outcome(run, rows)


def outcome(run: Run, rows: list[Tensor]) -> dict[str, Any]:
    return {
        "rows": rows,
        "model": run.model.state_dict(),
        "shipped": run.shipped.state_dict(),
        "centres": run.criterion.state_dict(),
        "log": run.log,
        "step": run.step,
        "elapsed_s": run.elapsed_s,
    }


def train_together(cache: Path, out: Path) -> dict[str, Any]:
    """Evaluate and train in all ways, as one of several processes."""
    results = {}
    with process_group("cpu") as device:
        with pytest.MonkeyPatch.context() as patch:  # joined they are already
            patch.setattr(evaluate, "process_group", lambda _: contextlib.nullcontext(device))
            evaluate_both(cache, out)
        for name, recipe in EXACT.items():
            results[name] = trained(recipe, Plain, cache, out / name)
        for name in ("noisy", "again"):
            results[name] = trained(NOISY, Tiny, cache, out / name)
        results["whole"] = trained(SMALL, Tiny, cache, out / "whole")
        results["timed"] = timed(cache, out / "timed")
        refuse_strangers(cache, out / "strangers")
    return results


def timed(cache: Path, out: Path) -> dict[str, Any]:
    """Train for a short time, while the second process's clock runs at a pace of its own."""
    tables = load_split(cache, "train"), load_split(cache, "valid")
    pace = 1 + 9 * rank()
    with small_world(Tiny), pytest.MonkeyPatch.context() as patch:
        run = start_run(UNEVEN.changed(epochs=10_000), out, CPU, max_minutes=0.02)
        clock = time.perf_counter
        patch.setattr(time, "perf_counter", lambda: pace * clock())
        loop.train(run, *tables)
    return outcome(run, [])


def refuse_strangers(cache: Path, out: Path) -> None:
    """See that processes which go on from different checkpoints don't start."""
    with small_world(Tiny):
        run = start_run(SMALL, out, CPU)
        run.step = rank()
        with pytest.raises(DataError, match="different checkpoints"):
            loop.train(run, load_split(cache, "train"), load_split(cache, "valid"))


def train_until_killed(cache: Path, out: Path, *flags: str) -> None:
    """Run the command; where it doesn't resume, the second process dies in the second epoch."""
    step = loop._step

    def failing(run: Run, *arguments: Any) -> Tensor:
        if rank() == 1 and run.step == BATCHES + 1 and not flags:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(run, *arguments)

    with small_world(Tiny), pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "_step", failing)
        patch.setattr(command, "get_recipe", lambda name: SMALL)
        arguments = ["resnet18.ferplus", "--data", str(cache), "--out", str(out), *flags]
        sys.exit(command.main([*arguments, "--device", "cpu"]))


def pictured(photographs: list[tuple[Path, str]]) -> tuple[list[FaceCrop], list[str], int]:
    """Stand in for `read_photographs`: whole pictures, every third without a face."""
    crops = [FaceCrop(np.array(Image.open(f)), None, np.eye(2, 3)) for f, _ in photographs]
    missed = sum(int(file.stem) % 3 == 0 for file, _ in photographs)
    return crops, [label for _, label in photographs], missed


def write_inputs(out: Path) -> None:
    """Write weights and photographs to be evaluated."""
    torch.manual_seed(0)
    shown = dataclasses.replace(card("resnet18"), input=SMALL.input)
    write_weights(out / "weights", shown, model_entry("resnet18").build(8).state_dict())
    rng = np.random.default_rng(0)
    for number in range(17):
        file = out / "photographs" / ("anger", "neutral")[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (40, 40, 3)).astype(np.uint8)).save(file)


def evaluate_both(cache: Path, out: Path) -> None:
    """Run the evaluation command on a split and on photographs, in batches of 7."""
    weights, photographs = out / "weights", out / "photographs"
    common = ["--weights", "all", "--weights-dir", str(weights), "--device", "cpu"]
    common += ["--occlude", "none,random", "--seed", "3"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shown_faces, "BATCH", 7)
        patch.setattr(judging, "read_photographs", pictured)
        for kind, folder in (("--data", cache), ("--images", photographs)):
            file = out / f"{kind[2:]}.json"
            assert evaluate.main([*common, kind, str(folder), "--json", str(file)]) == 0


def launch(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run this file in two processes."""
    start = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    start += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0", "-m", __name__]
    return subprocess.run(
        [*start, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[3],
    )


@pytest.fixture(scope="module")
def together(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """Return the folder of the runs of two processes, and what each of the two ended with."""
    out = tmp_path_factory.mktemp("together")
    write_inputs(out)
    done = launch("train", cache, out)
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr  # by the main process alone
    assert said.count("epoch 1: loss") == len(EXACT) + 4
    assert said.count("macro recall") == 2
    return out, [torch.load(out / f"{number}.pt", weights_only=True) for number in (0, 1)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", EXACT)
def test_two_processes_take_one_processs_steps(
    kind: str, cache: Path, tmp_path: Path, together: tuple[Path, list[Any]]
) -> None:
    torch.set_num_threads(1)
    alone = trained(EXACT[kind], Plain, cache, tmp_path)
    _, pair = together
    for mine in (result[kind] for result in pair):
        for part in ("model", "centres"):
            for name, value in alone[part].items():
                torch.testing.assert_close(mine[part][name], value, rtol=1e-4, atol=1e-5)
    for mine, own in zip(pair[0][kind]["log"], alone["log"], strict=True):
        for fact in ("lr", "loss", "valid_loss", "valid_accuracy", "progress"):
            assert mine[fact] == pytest.approx(own[fact], rel=1e-4), fact
    for name, value in alone["shipped"].items():
        torch.testing.assert_close(pair[0][kind]["shipped"][name], value, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_two_processes_see_what_one_sees(
    cache: Path, tmp_path: Path, together: tuple[Path, list[Any]]
) -> None:
    _, (first, second) = together
    alone = trained(EXACT["adam"], Plain, cache, tmp_path)["rows"]
    pairs = list(zip(first["adam"]["rows"], second["adam"]["rows"], strict=True))
    assert len(pairs) == len(alone) == 3 * 4
    for step, (rows, (one, other)) in enumerate(zip(alone, pairs, strict=True)):
        if step % 4 == 3:  # too few to be split
            assert len(rows) == 3 and torch.equal(one, rows) and torch.equal(other, rows)
        else:
            assert (len(one), len(other)) == (16, 15)
            assert torch.equal(torch.cat([one, other]), rows)


@pytest.mark.slow
def test_chance_differs_between_processes_and_repeats(
    cache: Path, tmp_path: Path, together: tuple[Path, list[Any]]
) -> None:
    out, (first, second) = together
    for part in ("model", "shipped", "centres"):
        for name, value in first["noisy"][part].items():
            assert torch.equal(value, first["again"][part][name]), name
    parameters = {name for name, _ in Tiny(8).named_parameters()}
    for name in parameters:
        assert torch.equal(first["noisy"]["model"][name], second["noisy"]["model"][name])
    assert torch.equal(*(mine["noisy"]["centres"]["island.centres"] for mine in (first, second)))
    statistics = [mine["noisy"]["model"]["bn.running_mean"] for mine in (first, second)]
    assert not torch.equal(*statistics)  # of other faces
    saved = read_checkpoint(out / "noisy")
    assert torch.equal(saved["model"]["bn.running_mean"], statistics[0])
    shipped = {f"module.{name}": value for name, value in first["noisy"]["shipped"].items()}
    assert all(torch.equal(saved["averaged"][name], value) for name, value in shipped.items())

    alone = trained(NOISY, Tiny, cache, tmp_path)["log"]
    assert first["noisy"]["log"][-1]["loss"] == pytest.approx(alone[-1]["loss"], rel=0.1)
    assert first["noisy"]["log"][-1]["valid_loss"] == pytest.approx(
        alone[-1]["valid_loss"], rel=0.1
    )
    assert alone[-1]["loss"] < alone[0]["loss"] - 0.5


@pytest.mark.slow
def test_one_clock_ends_the_schedule(together: tuple[Path, list[Any]]) -> None:
    _, (first, second) = together
    assert first["timed"]["step"] == second["timed"]["step"]
    assert first["timed"]["elapsed_s"] == second["timed"]["elapsed_s"] < 1.2 + 5
    assert first["timed"]["log"][-1]["progress"] == 1


@pytest.mark.slow
def test_a_killed_process_ends_the_others_and_the_run_goes_on(
    cache: Path, tmp_path: Path, together: tuple[Path, list[Any]]
) -> None:
    """To the weights of the run that nobody killed."""
    assert launch("killed", cache, tmp_path / "run").returncode != 0
    assert read_checkpoint(tmp_path / "run")["epoch"] == 1
    resumed = launch("killed", cache, tmp_path / "run", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    saved = read_checkpoint(tmp_path / "run")
    assert (saved["epoch"], saved["step"]) == (3, 3 * BATCHES)
    assert saved["command"].startswith("torchrun --nproc-per-node 2 -m training.train resnet18")
    whole = read_checkpoint(together[0] / "whole")
    for part in ("model", "averaged"):
        for name, value in whole[part].items():
            torch.testing.assert_close(saved[part][name], value, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["data", "images"])
def test_two_processes_count_what_one_counts(
    kind: str, cache: Path, tmp_path: Path, together: tuple[Path, list[Any]]
) -> None:
    write_inputs(tmp_path)
    evaluate_both(cache, tmp_path)
    one, two = (
        json.loads((folder / f"{kind}.json").read_text()) for folder in (tmp_path, together[0])
    )
    assert len(one) == len(two) == 2
    for alone, both in zip(one, two, strict=True):
        assert alone.keys() == both.keys()
        for key in alone.keys() - {"elapsed_s", "images_per_s"}:
            assert alone[key] == both[key], key
        assert 0 < both["elapsed_s"] < 100
    if kind == "images":
        assert [(row["n"], row["missed"]) for row in two] == [(17, 6)] * 2


def test_parts_make_up_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "world_size", lambda: 3)
    parts = split_batch(torch.arange(8))
    assert [part.tolist() for part in parts] == [[0, 1, 2], [3, 4, 5], [6, 7]]
    few = torch.arange(5)  # would leave one face to the last
    assert [part.tolist() for part in split_batch(few)] == [few.tolist()] * 3
    assert [len(part) for part in split_batch(torch.arange(6))] == [2, 2, 2]


def test_batches_too_small_to_be_split_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    check_batch_size(2)
    monkeypatch.setattr(distributed, "world_size", lambda: 3)
    check_batch_size(6)
    with pytest.raises(UsageError, match="5 faces leaves less than 2 to each of 3.*at most 2"):
        check_batch_size(5)


def test_alone_everything_is_whole() -> None:
    values = torch.rand(4, 3, requires_grad=True)
    assert all_gather_rows([values], [4])[0] is values
    assert distributed.all_equal(1, 2.5) and distributed.all_reduce_max(2.5) == 2.5
    assert distributed.broadcast_float(1.5) == 1.5


if __name__ == "__main__":
    torch.set_num_threads(1)
    task, *places = sys.argv[1:]
    flags = [place for place in places if place.startswith("--")]
    folders = [Path(place) for place in places if not place.startswith("--")]
    if task == "killed":
        train_until_killed(folders[0], folders[1], *flags)
    torch.save(train_together(*folders), folders[1] / f"{os.environ['RANK']}.pt")
