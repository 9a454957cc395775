"""The training loop: data on the device, augmented there in batches, resumable after each epoch."""

import math
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from ferstudio.preprocess import sample_faces
from training.augment import augmented_faces
from training.batches import DeviceFaces, network_input, training_faces, validation_faces
from training.data import FaceTable
from training.device import autocast
from training.guidance import guide
from training.losses import forward_with_features
from training.occlude import OverlayBank
from training.run import Run, save_run
from training.targets import training_rows

DATA_NAMES = {
    "ferplus": "FER2013 pictures with FER+ votes",
    "fer2013": "FER2013 pictures and labels",
}


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one pass over the training faces was.

    Attributes:
        size_px: side of its last pictures.
        lr: learning rate of its last step.
        loss: mean loss.
        images_per_s: faces per second.
    """

    size_px: int
    lr: float
    loss: float
    images_per_s: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the shipped weights do on validation faces.

    Attributes:
        accuracy: share of right answers, in [0, 1].
        loss: mean of the loss that is trained.
    """

    accuracy: float
    loss: float


def train(run: Run, train_table: FaceTable, valid_table: FaceTable) -> None:
    """Train to the end of the schedule, saving after each epoch and showing progress."""
    recipe = run.recipe
    faces = training_faces(train_table, recipe, run.device)
    judged = validation_faces(valid_table, recipe, run.device)
    distinct = len(training_rows(train_table, recipe))
    run.data = f"{DATA_NAMES[recipe.labels]}, training split, {distinct} faces"
    run.criterion.prepare(faces.targets)
    total_steps = recipe.epochs * steps_per_epoch(len(faces), recipe.batch_size)
    bank = None
    while run.epoch < recipe.epochs and run.progress(total_steps) < 1:
        if bank is None and _wants_occluders(run, total_steps):
            occlusion = recipe.augmentation.occlusion
            bank = OverlayBank(train_table, occlusion, seed=recipe.seed).to(run.device)
        epoch = _train_epoch(run, faces, bank, total_steps)
        start = time.perf_counter()
        judgement = judge(run, judged, epoch.size_px)
        run.elapsed_s += time.perf_counter() - start
        run.rate.after_epoch({"train_loss": epoch.loss, "valid_loss": judgement.loss})
        run.epoch += 1
        _log(run, epoch, judgement, total_steps)
        save_run(run)
        tqdm.write(
            f"epoch {run.epoch}: loss {epoch.loss:.4f}, validation accuracy "
            f"{judgement.accuracy:.4f} (n={len(judged)}, {epoch.size_px} px), "
            f"{epoch.images_per_s:.0f} images/s, "
            f"{100 * run.progress(total_steps):.0f} % of the schedule"
        )


def judge(run: Run, judged: DeviceFaces, size_px: int) -> Judgement:
    """Return how the weights that would be shipped do on `judged` faces at `size_px`."""
    network = run.shipped.eval()
    run.criterion.eval()
    hits, loss_sum = 0, 0.0
    with torch.inference_mode(), autocast(run.device):
        for rows in torch.arange(len(judged), device=run.device).split(2 * run.recipe.batch_size):
            batch = judged.select(rows)
            crops = sample_faces(batch.faces.float() / 255, batch.to_source, size_px)
            logits, loss = _loss(run, network, network_input(crops, run.recipe.input), batch)
            hits += int((logits.argmax(dim=1) == batch.targets.argmax(dim=1)).sum())
            loss_sum += float(loss) * len(rows)
    count = max(1, len(judged))
    return Judgement(accuracy=hits / count, loss=loss_sum / count)


def steps_per_epoch(faces: int, batch_size: int) -> int:
    """Return the number of batches; a last one of a single face, which norms can't use, is none."""
    return max(1, math.ceil((faces - 1) / batch_size))


def _wants_occluders(run: Run, total_steps: int) -> bool:
    occlusion = run.recipe.augmentation.occlusion
    return occlusion.share > 0 and run.progress(total_steps) >= occlusion.begins


def _train_epoch(run: Run, faces: DeviceFaces, bank: OverlayBank | None, total_steps: int) -> Epoch:
    recipe, seed = run.recipe, _epoch_seed(run)
    torch.manual_seed(seed)  # of dropout and random pooling
    generator = torch.Generator(device=run.device).manual_seed(seed)
    order = torch.randperm(len(faces), generator=generator, device=run.device)
    batches = order.split(recipe.batch_size)[: steps_per_epoch(len(faces), recipe.batch_size)]
    run.model.train()
    run.criterion.train()
    loss_sum, seen, size, rate = torch.zeros((), device=run.device), 0, 0, 0.0
    start = before = time.perf_counter()
    bar = tqdm(batches, desc=f"epoch {run.epoch + 1}", unit="batch")
    for rows in bar:
        progress = run.progress(total_steps)
        if progress >= 1 and seen:
            break
        run.rate.before_step(progress)
        size, rate = recipe.size_at(progress), run.rate.current
        batch = faces.select(rows)
        crops = training_crops(run, batch, size, bank, generator)
        loss_sum += _step(run, network_input(crops, recipe.input), batch) * len(rows)
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
    mean = float(loss_sum) / max(1, seen)  # waits for the device, so the time below is whole
    return Epoch(size, rate, mean, seen / max(1e-9, time.perf_counter() - start))


def training_crops(
    run: Run,
    batch: DeviceFaces,
    size_px: int,
    bank: OverlayBank | None,
    generator: torch.Generator,
) -> Tensor:
    """Return a batch as the network sees it in training: (N, 1, size, size) float, not normalised.

    In [0, 1], or to 1 + alpha where guided.
    """
    recipe = run.recipe
    crops, jitter = augmented_faces(batch, size_px, recipe.augmentation, bank, generator)
    if batch.masks is None:
        return crops
    return guide(crops, batch.masks, jitter, recipe.guidance, generator)


def _loss(
    run: Run, network: nn.Module, images: Tensor, batch: DeviceFaces
) -> tuple[Tensor, Tensor]:
    """Return logits (N, K) in float32 and the batch's mean loss."""
    features = None
    with autocast(run.device):
        if run.criterion.needs_features:
            logits, features = forward_with_features(network, run.feature_layer, images)
            features = features.float()
        else:
            logits = network(images)
    with autocast(run.device, enabled=False):
        logits = logits.float()
        return logits, run.criterion(logits, features, batch.targets)


def _step(run: Run, images: Tensor, batch: DeviceFaces) -> Tensor:
    _, loss = _loss(run, run.model, images, batch)
    run.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    run.optimizer.step()
    if run.averaged is not None:
        run.averaged.update_parameters(run.model)
    return loss.detach()


def _log(run: Run, epoch: Epoch, judgement: Judgement, total_steps: int) -> None:
    run.log.append(
        {
            "epoch": run.epoch,
            "progress": round(run.progress(total_steps), 4),
            "size_px": epoch.size_px,
            "lr": float(f"{epoch.lr:.4g}"),
            "loss": round(epoch.loss, 5),
            "valid_loss": round(judgement.loss, 5),
            "valid_accuracy": judgement.accuracy,
            "images_per_s": round(epoch.images_per_s, 1),
            "elapsed_s": round(run.elapsed_s, 1),
        }
    )


def _epoch_seed(run: Run) -> int:
    return int(np.random.SeedSequence([run.recipe.seed, run.epoch]).generate_state(1)[0])
