"""The training loop: data on the device, augmented there in batches, resumable after each epoch.

Under torchrun several processes train one network (`training.engine.distributed`). A recipe's batch
is the whole one: each process takes its part, in the order that the main process drew, and augments
it by chance of its own. Batch norm normalises each process's part by itself; the main process's
running statistics are the ones that are averaged, judged and kept.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from ferstudio.distributed import all_reduce_sum, barrier, is_main_process, rank, world_size
from ferstudio.errors import DataError, UsageError
from ferstudio.preprocess import sample_faces
from training.augment.batch import augmented_faces
from training.augment.guidance import guide
from training.augment.mixing import mix
from training.augment.occlusion import OverlayBank
from training.data.batches import (
    DeviceFaces,
    data_sentence,
    network_input,
    training_faces,
    validation_faces,
)
from training.data.table import FaceTable
from training.data.targets import answers, label_columns
from training.engine.averaging import restart_average
from training.engine.device import autocast
from training.engine.distributed import (
    all_equal,
    all_gather_rows,
    broadcast,
    broadcast_float,
    broadcast_module,
    check_batch_size,
    split_batch,
)
from training.engine.gates import spread_gates
from training.engine.losses import WithFeatures, forward_with_features
from training.engine.products import small_map_products
from training.engine.run import Run, save_run
from training.engine.speed import matrix_peak, speed_text, step_operations

GATE_FACES = 128
"""Faces by which attention gates are started apart."""

Outputs: TypeAlias = Tensor | tuple[Tensor, Tensor]
"""Logits, or logits and features."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one pass over the training faces was.

    Attributes:
        size_px: side of its last pictures.
        lr: learning rate of its last step.
        loss: mean loss.
        accuracy: share of right answers to the faces as they were learned from, changed and
            covered, each before the step that learned from it; not a number where none has a
            label of the set that judges.
        images_per_s: faces per second, augmentation and all, of all processes together.
        operations_per_s: what `step_operations` counts for them.
    """

    size_px: int
    lr: float
    loss: float
    accuracy: float
    images_per_s: float
    operations_per_s: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the shipped weights do on validation faces.

    Attributes:
        accuracy: share of right answers, in [0, 1].
        loss: mean of the loss that is trained.
    """

    accuracy: float
    loss: float


def train(
    run: Run, train_table: FaceTable, valid_table: FaceTable, *, compiled: bool = False
) -> None:
    """Train to the end of the schedule, saving after each epoch and showing progress.

    Where the run has a time limit, what is prepared here first is taken off it.

    Args:
        run: what is trained, as it is now; of all processes the same.
        train_table: faces that are learned from.
        valid_table: faces that it is judged by after each epoch.
        compiled: whether torch compiles the network that is stepped, anew for each picture size
            and for the last batch where that is smaller.

    Raises:
        UsageError: if the recipe's batch is too small for this many processes, its network can't
            look at pictures of one of its sizes, or its loss grows beyond all numbers; the last
            epoch before that stays saved.
        DataError: if the processes have different faces or go on from different checkpoints.
    """
    recipe, begun = run.recipe, time.perf_counter()
    check_batch_size(recipe.batch_size)
    for _, size_px in recipe.sizes:
        _check_size(run, size_px)
    faces = training_faces(train_table, recipe, run.device)
    judged = validation_faces(valid_table, recipe, run.device)
    if not all_equal(run.epoch, run.step, run.elapsed_s, len(faces), len(judged)):
        raise DataError(
            "The processes start from different checkpoints or faces: give all machines the same "
            "cache, and an --out that they share."
        )
    run.data = data_sentence(train_table, recipe)
    run.criterion.prepare(faces.targets)
    total_steps = recipe.epochs * steps_per_epoch(len(faces), recipe.batch_size)
    if run.step == 0 and recipe.attention_spread > 0:
        _spread_gates(run, faces)
    barrier()
    peak = float(all_reduce_sum(torch.tensor(matrix_peak(run.device), dtype=torch.float64)))
    occlusion = recipe.augmentation.occlusion
    bank = None
    if occlusion.share > 0:
        bank = OverlayBank(train_table, occlusion, seed=recipe.seed).to(run.device)
    zero = time.perf_counter() - run.elapsed_s
    if run.step == 0:  # a run that goes on has paid for its preparation once
        run.max_s = broadcast_float(max(1e-3, run.max_s - (time.perf_counter() - begun)))
    with _stepped_network(run, compiled) as stepped, _products(run.device, compiled):
        while not _is_over(run, total_steps):
            run.elapsed_s = broadcast_float(time.perf_counter() - zero)  # the last checkpoint, too
            epoch = _train_epoch(run, stepped, faces, bank, total_steps)
            if not math.isfinite(epoch.loss):
                raise UsageError(
                    f"The loss of epoch {run.epoch + 1} isn't finite: start anew with a smaller "
                    f"--learning-rate. {run.out} keeps the epochs before."
                )
            run.epoch += 1
            judgement = None
            if run.epoch % recipe.judged_every == 0 or _is_over(run, total_steps):
                judgement = judge(run, judged, epoch.size_px)
                run.elapsed_s = broadcast_float(time.perf_counter() - zero)
                run.rate.after_epoch({"train_loss": epoch.loss, "valid_loss": judgement.loss})
            peak_share = epoch.operations_per_s / peak
            _log(run, epoch, judgement, total_steps, peak_share)
            if is_main_process():
                save_run(run)
                accuracy = f"validation accuracy {judgement.accuracy:.4f}, " if judgement else ""
                tqdm.write(
                    f"epoch {run.epoch}: loss {epoch.loss:.4f}, {accuracy}"
                    f"n={len(judged)}, {epoch.size_px} px, "
                    f"{speed_text(epoch.images_per_s, peak_share, peak)}, "
                    f"{100 * run.progress(total_steps):.0f} % of the schedule"
                )


def judge(run: Run, judged: DeviceFaces, size_px: int) -> Judgement:
    """Return how the weights that would be shipped do on `judged` faces at `size_px`.

    Several processes share the batches; all of them return the whole's judgement.
    """
    broadcast_module(run.shipped)
    network: Callable[[Tensor], Outputs] = run.shipped.eval()
    if run.criterion.needs_features:
        network = partial(forward_with_features, run.shipped, run.feature_layer)
    run.criterion.eval()
    totals = torch.zeros(2, dtype=torch.float64, device=run.device)  # right answers, loss
    every = torch.arange(len(judged), device=run.device).split(2 * run.recipe.batch_size)
    with torch.inference_mode():
        for rows in every[rank() :: world_size()]:
            batch = judged.select(rows)
            with autocast(run.device):
                crops = sample_faces(batch.faces.float() / 255, batch.to_source, size_px)
                images = network_input(crops, run.recipe.input)
            logits, features = _outputs(run, network, images)
            loss = run.criterion(logits, features, batch.targets)
            hits = answers(logits, run.recipe) == answers(batch.targets, run.recipe)
            totals += torch.stack([hits.sum(), loss.double() * len(rows)])
    right, loss_sum = all_reduce_sum(totals).tolist()
    count = max(1, len(judged))
    return Judgement(accuracy=right / count, loss=loss_sum / count)


def _is_over(run: Run, total_steps: int) -> bool:
    return run.epoch >= run.recipe.epochs or run.progress(total_steps) >= 1


def _spread_gates(run: Run, faces: DeviceFaces) -> None:
    """Start attention gates apart, by the first faces as they are aligned."""
    batch = faces.select(torch.arange(min(len(faces), GATE_FACES), device=run.device))
    size_px = run.recipe.size_at(0.0)
    crops = sample_faces(batch.faces.float() / 255, batch.to_source, size_px)
    images = network_input(crops, run.recipe.input)
    spread_gates(run.model, images, run.recipe.attention_spread, trained=run.trained)
    if run.averaged is not None:
        run.averaged.module.load_state_dict(run.model.state_dict())


def steps_per_epoch(faces: int, batch_size: int) -> int:
    """Return the number of batches; a last one of a single face, which norms can't use, is none."""
    return max(1, math.ceil((faces - 1) / batch_size))


@contextmanager
def _stepped_network(run: Run, compiled: bool) -> Iterator[nn.Module]:
    """Give the run's network as it is stepped; the run's own keeps its names and parameters."""
    inner: nn.Module = run.model
    if run.criterion.needs_features:
        inner = WithFeatures(run.model, run.feature_layer)
    network = inner
    if world_size() > 1:
        on_gpu = run.device.type == "cuda"
        network = DistributedDataParallel(
            inner, device_ids=[run.device] if on_gpu else None, gradient_as_bucket_view=True
        )
    if compiled:
        network = cast(nn.Module, torch.compile(network, dynamic=False))
    try:
        yield network
    finally:
        if isinstance(inner, WithFeatures):
            inner.close()


def _products(device: torch.device, compiled: bool) -> AbstractContextManager[object]:
    """Return what speeds up convolutions there; a compiler would only stumble over it."""
    return nullcontext() if compiled else small_map_products(device)


def _train_epoch(
    run: Run,
    stepped: nn.Module,
    faces: DeviceFaces,
    bank: OverlayBank | None,
    total_steps: int,
) -> Epoch:
    recipe, seed = run.recipe, _epoch_seed(run)
    torch.manual_seed(seed)  # of dropout and random pooling
    generator = torch.Generator(device=run.device).manual_seed(seed)
    order = broadcast(torch.randperm(len(faces), generator=generator, device=run.device))
    batches = order.split(recipe.batch_size)[: steps_per_epoch(len(faces), recipe.batch_size)]
    run.model.train()
    run.criterion.train()
    size = int(run.log[-1]["size_px"]) if run.log else recipe.size_at(0.0)
    totals, seen, rate = torch.zeros(3, device=run.device), 0, 0.0
    operations = 0
    start = before = time.perf_counter()
    bar = tqdm(batches, desc=f"epoch {run.epoch + 1}", unit="batch", disable=not is_main_process())
    for rows in bar:
        progress = run.progress(total_steps)
        if progress >= 1 and seen:
            break
        run.rate.before_step(progress)
        before_px, size, rate = size, recipe.size_at(progress), run.rate.current
        if size != before_px and run.averaged is not None:
            restart_average(run.averaged)
        parts = split_batch(rows)
        batch = faces.select(parts[rank()])
        covers = bank if progress >= recipe.augmentation.occlusion.begins else None
        crops = training_crops(run, batch, size, covers, generator)
        crops, targets = mix(crops, batch.targets, recipe.mixing, generator)
        images = network_input(crops, recipe.input)
        counts = [len(part) for part in parts]  # a small last batch is seen by each process
        totals += _step(run, stepped, images, targets, counts) * (len(rows) / sum(counts))
        seen += len(rows)
        operations += len(rows) * _picture_operations(run, size)
        run.step += 1
        now = time.perf_counter()
        run.elapsed_s = broadcast_float(run.elapsed_s + (now - before))
        before = now
        if run.step % 20 == 0:
            left = max(0.0, (1 - progress) / max(progress, 1e-9) * run.elapsed_s)
            bar.set_postfix_str(
                f"loss {float(totals[0]) / seen:.3f}, {seen / (now - start):.0f} images/s, "
                f"{size} px, {left / 60:.0f} min left"
            )
    loss_sum, right, answered = totals.tolist()  # waits for the device: the time below is whole
    taken_s = max(1e-9, time.perf_counter() - start)
    accuracy = right / answered if answered else math.nan
    mean = loss_sum / max(1, seen)
    return Epoch(size, rate, mean, accuracy, seen / taken_s, operations / taken_s)


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


def _outputs(
    run: Run, network: Callable[[Tensor], Outputs], images: Tensor
) -> tuple[Tensor, Tensor | None]:
    """Return float32 logits (N, K), and features (N, D) where the criterion needs them."""
    with autocast(run.device):
        outputs = network(images)
    if isinstance(outputs, Tensor):
        return outputs.float(), None
    logits, features = outputs
    return logits.float(), features.float()


def _step(
    run: Run, stepped: nn.Module, images: Tensor, targets: Tensor, counts: list[int]
) -> Tensor:
    """Step the network by this process's part of a batch.

    Returns:
        (3,) sums over what all processes saw: of losses, of right answers, and of faces that were
        to be answered. Mixed faces are answered right by the emotion that they have most of.
    """
    logits, features = _outputs(run, stepped, images)
    own = [logits, targets] if features is None else [logits, targets, features]
    logits, targets, *rest = all_gather_rows(own, counts)
    loss = run.criterion(logits, rest[0] if rest else None, targets)
    run.optimizer.zero_grad(set_to_none=True)
    loss.backward(torch.full_like(loss, world_size()))  # the others' parts are missing in it
    run.optimizer.step()
    updates = (run.step + 1) % run.recipe.averaged_every == 0
    if run.averaged is not None and is_main_process() and updates:
        run.averaged.update_parameters(run.model)
    columns = label_columns(run.recipe)[run.recipe.label_sets[0]]
    taught = targets[:, columns].sum(dim=1) > 0
    hits = (answers(logits, run.recipe) == answers(targets, run.recipe)) & taught
    return torch.stack([loss.detach() * len(targets), hits.sum(), taught.sum()])


def _check_size(run: Run, size_px: int) -> None:
    try:
        _picture_operations(run, size_px)
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(
            f"{run.recipe.entry.title} can't look at pictures of {size_px} px ({reason}); give "
            "larger --sizes."
        ) from None


def _picture_operations(run: Run, size_px: int) -> int:
    recipe = run.recipe
    return step_operations(
        recipe.model,
        num_classes=sum(recipe.label_counts),
        size_px=size_px,
        options=recipe.options,
    )


def _log(
    run: Run, epoch: Epoch, judgement: Judgement | None, total_steps: int, peak_share: float
) -> None:
    run.log.append(
        {
            "epoch": run.epoch,
            "progress": round(run.progress(total_steps), 4),
            "size_px": epoch.size_px,
            "lr": float(f"{epoch.lr:.4g}"),
            "loss": round(epoch.loss, 5),
            "valid_loss": math.nan if judgement is None else round(judgement.loss, 5),
            "valid_accuracy": math.nan if judgement is None else judgement.accuracy,
            "images_per_s": round(epoch.images_per_s, 1),
            "peak_share": float(f"{peak_share:.3g}"),
            "elapsed_s": round(run.elapsed_s, 1),
            "train_accuracy": epoch.accuracy,
        }
    )


def _epoch_seed(run: Run) -> int:
    """Return the seed of an epoch's chances in this process; of the main one, as if alone."""
    entropy = [run.recipe.seed, run.epoch] + [rank()] * (not is_main_process())
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])
