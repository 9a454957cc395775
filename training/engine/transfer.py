"""Networks that begin with another's trained tensors: transfer learning.

The papers fine-tune networks whose plain layers were trained before (VGG-16 in papers 4 and 5, on
ImageNet; ACSI-Net on MS-Celeb-1M). Here the plain network of the same family, trained on the same
faces, takes that place.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from ferstudio.errors import UsageError
from ferstudio.models import model_entry
from ferstudio.models.card import CARD_FILE, WeightsCard, read_card
from ferstudio.models.weights import read_state
from training.engine.shipped_layer import as_trained

_BRANCH = re.compile(r"(?P<whole>.+)\.branches\.(?P<number>\d+)\.(?P<part>weight|bias)")


@dataclass(frozen=True, slots=True)
class Head:
    """The last layer of a network that begins.

    Attributes:
        layer: its name.
        columns: which of the logits belong to each label set.
    """

    layer: str
    columns: Mapping[str, slice]


def begin_with(network: nn.Module, folder: Path, head: Head) -> frozenset[str]:
    """Copy each tensor of shipped weights that `network` has by the same name and shape.

    A convolution that is parted into branches takes its rows of the plain one in whose place it
    stands (paper 2's contextual convolutions). The last layer is taken as it was trained, without
    temperature and balance, and only for the label sets that it was trained for: those of the
    weights and, where both were cut out of one run, those of the weights beside them. All others
    keep their initial values.

    Args:
        network: changed in place.
        folder: of the weights.
        head: the network's last layer.

    Returns:
        Names of the network's tensors that began so, in whole or in part.

    Raises:
        WeightsError: if the weights can't be read.
        UsageError: if no kernel or matrix fits.
    """
    card = read_card(folder)
    if card.members:
        raise UsageError(f"{folder.name} is an ensemble; begin with one of its members.")
    given = as_trained(card, read_state(folder, card))
    their_layer = model_entry(card.model, card.options).head.classifier
    body = {name: tensor for name, tensor in given.items() if not _is_of(their_layer, name)}
    own = network.state_dict()
    fitting = {
        name: _branch(name, body, own) if name not in body else body[name]
        for name in own
        if not _is_of(head.layer, name)
    }
    taken = {
        name: tensor
        for name, tensor in fitting.items()
        if tensor is not None and tensor.shape == own[name].shape
    }
    taken |= _head(own, head, dict(_answers(folder, card, given)))
    if not any(tensor.dim() > 1 for tensor in taken.values()):
        raise UsageError(
            f"No kernel of {folder.name} has the name and shape of one of this network's; begin "
            "with weights of the same family."
        )
    network.load_state_dict(taken, strict=False)
    return frozenset(taken)


def _is_of(layer: str, name: str) -> bool:
    return name in {f"{layer}.weight", f"{layer}.bias"}


def _branch(name: str, given: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> Tensor | None:
    """Return the rows of a plain convolution that stand for one branch; None where none does."""
    found = _BRANCH.fullmatch(name)
    whole = None if found is None else given.get(f"{found['whole']}.{found['part']}")
    if found is None or whole is None:
        return None
    sizes = [
        len(own[f"{found['whole']}.branches.{number}.{found['part']}"])
        for number in range(int(found["number"]) + 1)
    ]
    return whole[sum(sizes[:-1]) : sum(sizes)]


def _answers(
    folder: Path, card: WeightsCard, given: Mapping[str, Tensor]
) -> Iterator[tuple[str, Mapping[str, Tensor]]]:
    """Yield weight and bias of the last layer by label set: of the weights, and of those beside.

    Those beside count where one run trained both: they share all the layers before.
    """
    layer = model_entry(card.model, card.options).head.classifier
    yield card.labels, {part: given[f"{layer}.{part}"] for part in ("weight", "bias")}
    for beside in sorted(folder.parent.glob(f"{card.model}.*")):
        if beside == folder or not (beside / CARD_FILE).exists():
            continue
        other = read_card(beside)
        same_run = card.recipe.get("command") and all(
            card.recipe.get(key) == other.recipe.get(key) for key in ("name", "command", "steps")
        )
        if same_run and not other.members and other.labels != card.labels:
            state = as_trained(other, read_state(beside, other))
            yield other.labels, {part: state[f"{layer}.{part}"] for part in ("weight", "bias")}


def _head(
    own: Mapping[str, Tensor], head: Head, answers: Mapping[str, Mapping[str, Tensor]]
) -> dict[str, Tensor]:
    """Return the last layer with the rows of the label sets that were trained; {} of none."""
    changed = dict[str, Tensor]()
    for labels, columns in head.columns.items():
        for part, tensor in answers.get(labels, {}).items():
            name = f"{head.layer}.{part}"
            whole = changed.get(name, own[name].clone())
            if whole[columns].shape == tensor.shape:
                whole[columns] = tensor
                changed[name] = whole
    return changed
