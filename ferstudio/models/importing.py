"""A checkpoint of one's own as a weights folder: what fits is told before anything is written."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from ferstudio.errors import UsageError, WeightsError
from ferstudio.files import replaced_folder, writes_to
from ferstudio.labels import label_set
from ferstudio.models.black_box import BlackBox
from ferstudio.models.card import WeightsCard, write_card
from ferstudio.models.lfs_pointer import check_is_fetched
from ferstudio.models.loading import load_weights
from ferstudio.models.registry import model_entry
from ferstudio.models.weights import fill_folder
from ferstudio.types import InputSpec

WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network", "weights")
"""Under which keys training scripts put a state dict."""

PREFIX = "module."
"""What DataParallel puts before every name."""

TRIED = 4
"""Random pictures on which the written network is compared with the checkpoint."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a checkpoint fits a network.

    Attributes:
        model: registry name of the network.
        matching: how many tensors fit.
        missing: names that the network has and the checkpoint lacks.
        unknown: names that the checkpoint has and the network lacks.
        misshapen: names with the checkpoint's shape and the network's.
    """

    model: str
    matching: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    misshapen: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether every tensor fits."""
        return not (self.missing or self.unknown or self.misshapen)

    def text(self) -> str:
        """Return it in lines."""
        lines = [f"{self.matching} tensors fit {self.model}."]
        for what, names in (
            ("missing from the checkpoint", self.missing),
            ("unknown to the network", self.unknown),
            ("of another shape", self.misshapen),
        ):
            if names:
                more = f" and {len(names) - 5} more" if len(names) > 5 else ""
                lines.append(f"{len(names)} {what}: {', '.join(names[:5])}{more}.")
        return "\n".join(lines)


def read_checkpoint(file: Path) -> dict[str, Tensor]:
    """Return the state dict in a file of torch or safetensors; no code in it is ever run.

    Raises:
        WeightsError: if it is none, or wasn't fetched.
    """
    if not file.is_file():
        raise WeightsError(f"{file} doesn't exist; give a .pt, .pth or .safetensors file.")
    check_is_fetched(file)
    try:
        if file.suffix == ".safetensors":
            found: Any = load_file(file)
        else:
            found = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's reader raises nearly anything on damaged files
        raise WeightsError(
            f"{file} holds more than tensors, or is damaged; save model.state_dict() alone, by "
            "torch.save or safetensors."
        ) from error
    for key in WRAPPERS:
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
            break
    if not isinstance(found, Mapping) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in found.items()
    ):
        raise WeightsError(f"{file} holds no state dict; save model.state_dict().")
    if found and all(name.startswith(PREFIX) for name in found):
        found = {name.removeprefix(PREFIX): tensor for name, tensor in found.items()}
    return dict(found)


def fit(state: Mapping[str, Tensor], model: str, labels: str) -> Fit:
    """Return how a state dict fits a network that answers in a label set.

    Raises:
        UnknownNameError: if there is no such network or label set.
    """
    with torch.device("meta"):
        network = model_entry(model).build(num_classes=len(label_set(labels)))
    own = {name: tuple(each.shape) for name, each in network.state_dict().items()}
    given = {name: tuple(each.shape) for name, each in state.items()}
    both = own.keys() & given.keys()
    return Fit(
        model,
        sum(own[name] == given[name] for name in both),
        tuple(name for name in own if name not in given),
        tuple(name for name in given if name not in own),
        tuple(f"{n} {given[n]} for {own[n]}" for n in own if n in both and own[n] != given[n]),
    )


def import_checkpoint(
    state: Mapping[str, Tensor], model: str, labels: str, spec: InputSpec, out: Path
) -> tuple[Path, float]:
    """Write a state dict as a weights folder; return it, and by how much probabilities changed.

    Matrices and kernels are stored in 8 bits, so answers differ a little from the checkpoint's.

    Args:
        state: fits the network (see `fit`).
        model: registry name of the network.
        labels: name of the label set, in the order of the logits.
        spec: the preprocessing that the network was trained with.
        out: PARENT/TAG; the folder is PARENT/MODEL.TAG.

    Raises:
        WeightsError: if the state doesn't fit, or the tag is no plain name.
        UsageError: if the folder is there already, or can't be written.
    """
    found = fit(state, model, labels)
    if not found.fits:
        raise WeightsError(f"The checkpoint doesn't fit: {' '.join(found.text().split())}")
    network = model_entry(model).build(num_classes=len(label_set(labels)))
    network.load_state_dict(dict(state))
    params = sum(each.numel() for each in network.parameters())
    card = _card(model, labels, spec, out, params)
    folder = _new_folder(out, card)
    with writes_to(folder), replaced_folder(folder) as part:
        fill_folder(part, card, {name: each.float() for name, each in state.items()})
    pictures = torch.randn(TRIED, 3, spec.size, spec.size, generator=torch.manual_seed(0))
    with torch.inference_mode():
        before = network.eval()(pictures).softmax(dim=1)
        after = load_weights(folder).module(pictures).softmax(dim=1)
    return folder, float((before - after).abs().max())


@dataclass(frozen=True, slots=True)
class Answering:
    """How a black box answers.

    Attributes:
        model: "onnx" or "torchscript".
        network: the black box, which tells what it takes.
        classes: how many numbers it gives a picture.
    """

    model: str
    network: BlackBox
    classes: int

    def text(self) -> str:
        """Return it in a sentence."""
        channels = "one channel" if self.network.grey else "three channels"
        side_px = self.network.side_px
        size = "any size" if side_px is None else f"{side_px} x {side_px} pixels"
        what = "probabilities" if self.network.probabilities else "logits"
        return (
            f"A black box of {model_entry(self.model).title} that takes pictures of {size} and "
            f"{channels} and gives {self.classes} {what}."
        )


def try_black_box(file: Path, model: str, labels: str, spec: InputSpec) -> Answering:
    """Return how the network in a file answers random pictures.

    Args:
        file: of ONNX or TorchScript.
        model: which of both, as `black_box_kind` tells.
        labels: name of the label set, in the order of its answers.
        spec: the preprocessing that the network was trained with.

    Raises:
        WeightsError: if it can't be opened, takes pictures of another size or answers in another
            number of classes.
        UsageError: if what opens it isn't installed.
    """
    opened = model_entry(model).opened
    assert opened is not None, "a black box is opened"
    content = file.read_bytes()
    check_is_fetched(file, content)
    network = opened(content)
    assert isinstance(network, BlackBox)
    side_px = network.side_px
    if side_px not in (None, spec.size):
        raise WeightsError(
            f"The network takes pictures of {side_px} pixels; say --input {side_px}."
        )
    pictures = torch.randn(TRIED, 3, spec.size, spec.size, generator=torch.manual_seed(0))
    answers = network(pictures)
    wanted = len(label_set(labels))
    if answers.shape != (TRIED, wanted):
        raise WeightsError(
            f"The network answers {TRIED} pictures by numbers of the shape "
            f"{tuple(answers.shape)}, but {labels} has {wanted} emotions."
        )
    ones = torch.ones(TRIED)
    sums_to_one = torch.allclose(answers.sum(dim=1), ones, atol=1e-3)
    network.probabilities = bool(answers.min() >= 0) and sums_to_one
    return Answering(model, network, wanted)


def import_black_box(file: Path, found: Answering, labels: str, spec: InputSpec, out: Path) -> Path:
    """Write a file of ONNX or TorchScript, as it is, into a weights folder; return that.

    Args:
        file: the file.
        found: how it answers (see `try_black_box`).
        labels: name of the label set, in the order of its answers.
        spec: the preprocessing that the network was trained with.
        out: PARENT/TAG; the folder is PARENT/onnx.TAG or PARENT/torchscript.TAG.

    Raises:
        WeightsError: if the tag is no plain name.
        UsageError: if the folder is there already, or can't be written.
    """
    content, name = file.read_bytes(), f"model{file.suffix.lower()}"
    card = replace(
        _card(found.model, labels, spec, out, params=0),
        files=(name,),
        sha256=(hashlib.sha256(content).hexdigest(),),
        options={"probabilities": found.network.probabilities},
    )
    folder = _new_folder(out, card)
    with writes_to(folder), replaced_folder(folder) as part:
        (part / name).write_bytes(content)
        write_card(part, card)
    return folder


def _new_folder(out: Path, card: WeightsCard) -> Path:
    """Return the folder of imported weights; others are never replaced."""
    folder = out.parent / card.name
    if folder.exists():
        raise UsageError(f"{folder} is there already; choose another tag, or remove it.")
    return folder


def _card(model: str, labels: str, spec: InputSpec, out: Path, params: int) -> WeightsCard:
    """Return the card of an imported network, as yet without files."""
    return WeightsCard(
        model=model,
        tag=out.name,
        files=(),
        sha256=(),
        labels=labels,
        input=spec,
        metrics=(),
        recipe={"name": "imported"},
        data="unknown; imported from a checkpoint",
        commit="unknown",
        licence="that of the checkpoint",
        params=params,
    )
