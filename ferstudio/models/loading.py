"""Trained networks in memory, shared safely between threads."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path

import torch
from torch import Tensor, nn

from ferstudio.errors import UnknownNameError, UsageError, WeightsError
from ferstudio.models.attention import attention_taps
from ferstudio.models.black_box import is_black_box
from ferstudio.models.card import CARD_FILE, WeightsCard, read_card
from ferstudio.models.ensemble import Ensemble
from ferstudio.models.folding import fold_layers
from ferstudio.models.registry import ModelEntry, model_entry
from ferstudio.models.weights import read_state, stored_files


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A trained network with its card. Run `module` only inside `exclusive()`.

    Attributes:
        entry: the architecture's registry entry.
        card: the weights' card.
        module: the network, in eval mode, without gradients on its parameters.
    """

    entry: ModelEntry
    card: WeightsCard
    module: nn.Module
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def name(self) -> str:
        """Name of the weights, `model.tag`."""
        return self.card.name

    @property
    def title(self) -> str:
        """The name people read."""
        return weights_title(self.entry, self.card.tag)

    @property
    def summary(self) -> str:
        """What is special about it, in a few words."""
        return weights_summary(self.entry, self.card)

    @contextmanager
    def exclusive(self) -> Iterator[nn.Module]:
        """Hold the network alone: in eval mode inside, restored after.

        Training flags and `requires_grad` are as before on leaving, gradients are dropped, also
        after an exception.

        Raises:
            RuntimeError: if code inside left a hook on the network, or a listener at one of its
                attention taps; it is removed.
        """
        with self._lock:
            modules = list(self.module.modules())
            tables = [vars(module)["_parameters"].values() for module in modules]
            parameters = [each for table in tables for each in table if each is not None]
            modes = [module.training for module in modules]
            wanted = [parameter.requires_grad for parameter in parameters]
            hooks = _hooks(modules)
            if any(modes):
                self.module.eval()
            try:
                yield self.module
            finally:  # reading is quick, setting is not, and nearly always all is as before
                for module, mode in zip(modules, modes, strict=True):
                    if module.training != mode:
                        module.training = mode
                for parameter, want in zip(parameters, wanted, strict=True):
                    if parameter.requires_grad != want:
                        parameter.requires_grad_(want)
                    if parameter.grad is not None:
                        parameter.grad = None
                left = _hooks(modules) - hooks
                for module, table, key in sorted(left, key=lambda hook: hook[2], reverse=True):
                    del vars(module)[table][key]
            if left:
                raise RuntimeError(
                    f"{len(left)} hooks or listeners were left on {self.name} and removed"
                )


def weights_title(entry: ModelEntry, tag: str) -> str:
    """Return the name people read of weights of a network.

    That of the network, and for its variants what sets them apart: "VGG16-GCCA FER2013" of the tag
    "fer2013", which answers in other classes, and "ACSI-Net clean" of "ferplus_clean". A black box
    is called by its tag.
    """
    if is_black_box(entry):
        return f"{tag} ({entry.title})"
    variant = "FER2013" if tag == "fer2013" else tag.partition("_")[2]
    return f"{entry.title} {variant}".strip()


def weights_summary(entry: ModelEntry, card: WeightsCard) -> str:
    """Return what is special about weights: of an ensemble, which networks answer in it."""
    if not card.members:
        return entry.summary
    *others, last = map(_member_title, card.members)
    return f"the mean of {', '.join(others)} and {last}"


def _member_title(name: str) -> str:
    model, _, tag = name.partition(".")
    try:
        return weights_title(model_entry(model), tag)
    except UnknownNameError:  # it can't be loaded, which is said where it is asked for
        return name


def load_weights(
    folder: str | Path, find: Callable[[str], Path] | None = None, *, folded: bool = False
) -> LoadedModel:
    """Return the trained network of a weights folder, on the CPU, in float32.

    Args:
        folder: the weights folder.
        find: returns the folder of an ensemble's member by its name; None looks beside `folder`.
        folded: whether linear layers are folded into convolutions (see `fold_layers`).

    Raises:
        WeightsError: if the folder is missing, damaged or doesn't fit its network.
        UsageError: if it holds a black box and what opens it isn't installed.
    """
    folder = Path(folder)
    card = read_card(folder)
    try:
        entry = model_entry(card.model, card.options)
    except (UnknownNameError, UsageError) as error:
        raise WeightsError(f"{folder}: {error}") from error
    if card.members:
        folders = map(find or folder.parent.joinpath, card.members)
        members = [_member(card, member, folded=folded) for member in folders]
        return LoadedModel(entry=entry, card=card, module=_joined(card, members))
    if entry.opened is not None:
        (content,) = stored_files(folder, card)
        return LoadedModel(entry=entry, card=card, module=entry.opened(content).eval())
    state = read_state(folder, card)
    try:
        module = _filled(entry, len(card.label_names), state)
    except (UsageError, ValueError) as error:
        raise WeightsError(f"{folder} doesn't fit {card.model}: {error}") from error
    module.eval().requires_grad_(False)
    if folded:
        fold_layers(module)
    module.to(memory_format=torch.channels_last)
    return LoadedModel(entry=entry, card=card, module=module)


def _member(card: WeightsCard, folder: Path, *, folded: bool) -> LoadedModel:
    """Return a member of an ensemble, which is no ensemble, so that none is part of itself."""
    if read_card(folder).members:
        raise WeightsError(f"{card.name} can't join {folder.name}, which is an ensemble, too.")
    return load_weights(folder, folded=folded)


def _filled(entry: ModelEntry, num_classes: int, state: dict[str, Tensor]) -> nn.Module:
    """Return the network that has `state` for its own tensors: nothing is drawn or copied.

    Raises:
        UsageError: if the network can't be built.
        ValueError: if `state` isn't one of its.
    """
    with torch.device("meta"):  # shapes alone; random weights would take longer than to read these
        module = entry.build(num_classes=num_classes)
    expected, given = _shapes(module.state_dict()), _shapes(state)
    wrong = sorted(n for n in expected | given if expected.get(n) != given.get(n))
    if wrong:
        raise ValueError(
            f"{len(wrong)} tensors are missing, unknown or of another shape, the first is "
            f"{wrong[0]}."
        )
    if any(name not in expected for name, _ in module.named_buffers()):
        module = entry.build(num_classes=num_classes)  # it has tensors that no state holds
    module.load_state_dict(state, strict=True, assign=True)
    return module


def _joined(card: WeightsCard, members: list[LoadedModel]) -> nn.Module:
    for member in members:
        own = replace(member.card.input, size=card.input.size)
        if member.card.labels != card.labels or own != card.input:
            raise WeightsError(
                f"{member.name} can't be part of {card.name}: its labels or its preprocessing "
                "differ."
            )
    sizes_px = [member.card.input.size for member in members]
    return Ensemble([member.module for member in members], sizes_px).eval()


def find_weights(root: str | Path) -> dict[str, Path]:
    """Return the weights folders below `root` by name, sorted; hidden folders don't count.

    A folder of one network's own weights holds that one.

    Raises:
        WeightsError: if `root` is no folder.
    """
    root = Path(root)
    if not root.is_dir():
        raise WeightsError(f"There is no weights folder {root}.")
    cards = sorted(root.glob(f"*/{CARD_FILE}"))
    found = {file.parent.name: file.parent for file in cards if file.parent.name[0] != "."}
    own = {root.resolve().name: root} if (root / CARD_FILE).is_file() else {}
    return found or own


def _shapes(state: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


_HOOK_TABLES = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
)
_tables_of = attrgetter(*_HOOK_TABLES)


def _hooks(modules: list[nn.Module]) -> set[tuple[nn.Module, str, int]]:
    """Return every hook and listener: where, in which table or list, and its key or place there.

    Args:
        modules: a network and all its parts.
    """
    hooks = {
        (module, table, key)
        for module in modules
        if any(_tables_of(module))
        for table in _HOOK_TABLES
        for key in vars(module)[table]
    }
    taps = attention_taps(modules[0]).values()
    heard = {(tap, "listeners", place) for tap in taps for place in range(len(tap.listeners))}
    return hooks | heard
