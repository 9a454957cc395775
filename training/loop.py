"""The training loop: data on the device, augmented there in batches, averaged weights, resumable.

A run is a folder: `recipe.json`, `log.csv` (a row per epoch) and `last.pt` (written after each
epoch, whole or not at all).
"""

import csv
import json
import math
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from ferstudio.errors import DataError
from ferstudio.labels import label_set
from ferstudio.models import build_model
from ferstudio.preprocess import normalise, sample_faces
from training.augment import augmented_faces
from training.data import FaceTable
from training.device import autocast
from training.occlude import OverlayBank
from training.recipes import Recipe
from training.targets import alignment_maps, evaluation_labels, soft_targets, training_rows

CHECKPOINT = "last.pt"
LOG_COLUMNS = (
    "epoch",
    "progress",
    "size_px",
    "lr",
    "loss",
    "valid_accuracy",
    "images_per_s",
    "elapsed_s",
)
DATA_NAMES = {
    "ferplus": "FER2013 pictures with FER+ votes",
    "fer2013": "FER2013 pictures and labels",
}


@dataclass(frozen=True, slots=True)
class DeviceFaces:
    """Faces on the training device.

    Attributes:
        faces: (N, 1, 48, 48) uint8.
        to_source: (N, 2, 3) float32 alignment maps.
        targets: (N, K) float32 distributions, or (N,) int64 labels for validation.
    """

    faces: Tensor
    to_source: Tensor
    targets: Tensor

    def __len__(self) -> int:
        """Return the number of faces."""
        return len(self.faces)


@dataclass(slots=True)
class Run:
    """The state of a training run; everything of it but the folder is in the checkpoint.

    Attributes:
        out: folder of the run.
        recipe: what is trained.
        device: where.
        model: the network that is stepped.
        averaged: its moving average, which is evaluated and shipped.
        optimizer: SGD.
        epoch: epochs finished.
        step: steps finished.
        elapsed_s: seconds trained, over all resumptions.
        max_s: seconds after which the schedule has to have ended; infinite for none.
        command: the command line that starts this run anew.
        commit: revision of the code.
        data: what is learned from, for the card.
        log: rows of the log so far.
    """

    out: Path
    recipe: Recipe
    device: torch.device
    model: nn.Module
    averaged: AveragedModel
    optimizer: torch.optim.Optimizer
    epoch: int = 0
    step: int = 0
    elapsed_s: float = 0.0
    max_s: float = math.inf
    command: str = ""
    commit: str = "unknown"
    data: str = ""
    log: list[dict[str, float]] = field(default_factory=list)

    def progress(self, total_steps: int) -> float:
        """Return how far the schedule is, in [0, 1]: by steps or by time, whichever is more."""
        return min(1.0, max(self.step / total_steps, self.elapsed_s / self.max_s))


def start_run(
    recipe: Recipe,
    out: Path,
    device: torch.device,
    *,
    max_minutes: float | None = None,
    command: str = "",
) -> Run:
    """Return a fresh run of `recipe` in the folder `out`."""
    torch.manual_seed(recipe.seed)
    model = build_model(recipe.model, num_classes=len(label_set(recipe.labels)))
    model = model.to(device).to(memory_format=torch.channels_last)
    averaged = AveragedModel(
        model, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema_decay), use_buffers=True
    )
    kernels = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.SGD(
        [
            {"params": kernels, "weight_decay": recipe.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=recipe.lr,
        momentum=recipe.momentum,
        nesterov=True,
    )
    max_s = math.inf if max_minutes is None else max_minutes * 60
    out.mkdir(parents=True, exist_ok=True)
    (out / "recipe.json").write_text(json.dumps(recipe.to_json(), indent=1) + "\n", "utf-8")
    return Run(
        out,
        recipe,
        device,
        model,
        averaged,
        optimizer,
        max_s=max_s,
        command=command,
        commit=code_revision(),
    )


def resume_run(out: Path, device: torch.device, *, max_minutes: float | None = None) -> Run:
    """Return the run of folder `out` as it was after its last whole epoch.

    Its own recipe and time limit hold, unless `max_minutes` sets another limit.

    Raises:
        DataError: if the folder holds no checkpoint.
    """
    saved = read_checkpoint(out)
    run = start_run(Recipe.from_json(saved["recipe"]), out, device)
    run.model.load_state_dict(saved["model"])
    run.averaged.load_state_dict(saved["averaged"])
    run.optimizer.load_state_dict(saved["optimizer"])
    run.epoch, run.step = saved["epoch"], saved["step"]
    run.elapsed_s = saved["elapsed_s"]
    run.max_s = saved["max_s"] if max_minutes is None else max_minutes * 60
    run.log = saved["log"]
    run.command = saved["command"]
    return run


def code_revision() -> str:
    """Return the commit of the checked-out code, "unknown" where git can't tell."""
    git = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def read_checkpoint(out: Path) -> dict[str, Any]:
    """Return the content of a run's checkpoint, on the CPU.

    Raises:
        DataError: if there is none, or it can't be read.
    """
    file = out / CHECKPOINT
    if not file.is_file():
        raise DataError(f"{out} holds no {CHECKPOINT} to go on from; start without --resume.")
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen kinds for a damaged file
        raise DataError(f"{file} can't be read ({type(error).__name__}); start anew.") from error


def save_checkpoint(run: Run) -> None:
    """Write the run's checkpoint and log; each file appears whole or not at all."""
    state = {
        "recipe": run.recipe.to_json(),
        "model": run.model.state_dict(),
        "averaged": run.averaged.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "epoch": run.epoch,
        "step": run.step,
        "elapsed_s": run.elapsed_s,
        "max_s": run.max_s,
        "command": run.command,
        "commit": run.commit,
        "data": run.data,
        "device": run.device.type,
        "log": run.log,
    }
    temporary = run.out / f".{CHECKPOINT}.part"
    torch.save(state, temporary)
    temporary.replace(run.out / CHECKPOINT)
    log_part = run.out / ".log.csv.part"
    with log_part.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, LOG_COLUMNS)
        writer.writeheader()
        writer.writerows(run.log)
    log_part.replace(run.out / "log.csv")


def training_faces(table: FaceTable, recipe: Recipe, device: torch.device) -> DeviceFaces:
    """Return the faces that `recipe` learns from, with target distributions."""
    table = table.select(training_rows(table, recipe))
    return _on_device(table, soft_targets(table, recipe), recipe, device)


def validation_faces(table: FaceTable, recipe: Recipe, device: torch.device) -> DeviceFaces:
    """Return the faces by which `recipe` is judged, with their labels."""
    labels = evaluation_labels(table, recipe.labels)
    rows = np.flatnonzero(labels >= 0)
    return _on_device(table.select(rows), labels[rows], recipe, device)


def learning_rate(recipe: Recipe, progress: float) -> float:
    """Return the learning rate at `progress` in [0, 1]: linear warm-up, then a cosine."""
    if progress < recipe.warmup_share:
        return recipe.lr * max(progress / recipe.warmup_share, 0.01)
    fallen = (progress - recipe.warmup_share) / (1 - recipe.warmup_share)
    cosine = (1 + math.cos(math.pi * fallen)) / 2
    return recipe.lr * (recipe.final_lr_ratio + (1 - recipe.final_lr_ratio) * cosine)


def train(run: Run, train_table: FaceTable, valid_table: FaceTable) -> None:
    """Train to the end of the schedule, saving after each epoch and showing progress."""
    recipe = run.recipe
    faces = training_faces(train_table, recipe, run.device)
    judged = validation_faces(valid_table, recipe, run.device)
    run.data = f"{DATA_NAMES[recipe.labels]}, training split, {len(faces)} faces"
    total_steps = recipe.epochs * math.ceil(len(faces) / recipe.batch_size)
    bank = None
    while run.epoch < recipe.epochs and run.progress(total_steps) < 1:
        if bank is None and _wants_occluders(run, total_steps):
            bank = OverlayBank(train_table, recipe.augmentation, seed=recipe.seed).to(run.device)
        row = _train_epoch(run, faces, bank, total_steps)
        start = time.perf_counter()
        row["valid_accuracy"] = accuracy(run, judged, int(row["size_px"]))
        run.elapsed_s += time.perf_counter() - start
        run.epoch += 1
        row.update(epoch=run.epoch, elapsed_s=round(run.elapsed_s, 1))
        run.log.append({name: row[name] for name in LOG_COLUMNS})
        save_checkpoint(run)
        tqdm.write(
            f"epoch {run.epoch}: loss {row['loss']:.4f}, validation accuracy "
            f"{row['valid_accuracy']:.4f} (n={len(judged)}, averaged weights, "
            f"{row['size_px']:.0f} px), {row['images_per_s']:.0f} images/s, "
            f"{100 * run.progress(total_steps):.0f} % of the schedule"
        )


def accuracy(run: Run, judged: DeviceFaces, size_px: int) -> float:
    """Return the averaged weights' accuracy on `judged` faces at `size_px`, in [0, 1]."""
    run.averaged.eval()
    hits = 0
    with torch.inference_mode(), autocast(run.device):
        for rows in torch.arange(len(judged), device=run.device).split(256):
            crops = sample_faces(judged.faces[rows].float() / 255, judged.to_source[rows], size_px)
            logits = run.averaged(network_input(crops, run.recipe))
            hits += int((logits.argmax(dim=1) == judged.targets[rows]).sum())
    return hits / max(1, len(judged))


def network_input(crops: Tensor, recipe: Recipe) -> Tensor:
    """Return (N, 3, S, S) normalised, channels-last input of grey crops (N, 1, S, S) in [0, 1]."""
    images = normalise(crops.expand(-1, 3, -1, -1), recipe.input)
    return images.contiguous(memory_format=torch.channels_last)


def _wants_occluders(run: Run, total_steps: int) -> bool:
    augmentation = run.recipe.augmentation
    begun = run.progress(total_steps) >= augmentation.occluded_from
    return augmentation.occluded_share > 0 and begun


def _train_epoch(
    run: Run, faces: DeviceFaces, bank: OverlayBank | None, total_steps: int
) -> dict[str, float]:
    recipe = run.recipe
    generator = torch.Generator(device=run.device).manual_seed(_epoch_seed(run))
    order = torch.randperm(len(faces), generator=generator, device=run.device)
    run.model.train()
    loss_sum, seen, size, rate = torch.zeros((), device=run.device), 0, 0, 0.0
    start = before = time.perf_counter()
    bar = tqdm(order.split(recipe.batch_size), desc=f"epoch {run.epoch + 1}", unit="batch")
    for rows in bar:
        progress = run.progress(total_steps)
        if progress >= 1 and seen:
            break
        size, rate = recipe.size_at(progress), learning_rate(recipe, progress)
        crops = augmented_faces(
            faces.faces[rows], faces.to_source[rows], size, recipe.augmentation, bank, generator
        )
        loss = _step(run, network_input(crops, recipe), faces.targets[rows], rate)
        loss_sum += loss * len(rows)
        seen += len(rows)
        run.step += 1
        now = time.perf_counter()
        run.elapsed_s += now - before
        before = now
        if run.step % 20 == 0:
            left = max(0.0, (1 - progress) / max(progress, 1e-9) * run.elapsed_s)
            bar.set_postfix_str(
                f"loss {float(loss_sum) / seen:.3f}, {seen / (now - start):.0f} images/s, "
                f"{size} px, {left / 60:.0f} min left"
            )
    return {
        "progress": round(run.progress(total_steps), 4),
        "size_px": size,
        "lr": round(rate, 6),
        "loss": round(float(loss_sum) / max(1, seen), 5),
        "images_per_s": round(seen / max(1e-9, time.perf_counter() - start), 1),
    }


def _step(run: Run, images: Tensor, targets: Tensor, rate: float) -> Tensor:
    for group in run.optimizer.param_groups:
        group["lr"] = rate
    with autocast(run.device):
        logits = run.model(images)
    loss = functional.cross_entropy(logits.float(), targets)
    run.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    run.optimizer.step()
    run.averaged.update_parameters(run.model)
    return loss.detach()


def _epoch_seed(run: Run) -> int:
    return int(np.random.SeedSequence([run.recipe.seed, run.epoch]).generate_state(1)[0])


def _on_device(
    table: FaceTable, targets: np.ndarray, recipe: Recipe, device: torch.device
) -> DeviceFaces:
    maps = alignment_maps(table, align=recipe.align, margin_ratio=recipe.input.margin_ratio)
    return DeviceFaces(
        faces=torch.from_numpy(table.images).unsqueeze(1).to(device),
        to_source=torch.from_numpy(maps).to(device),
        targets=torch.from_numpy(targets).to(device),
    )
