"""A network's last layer: the part of it that answers one label set."""

from torch import Tensor

from ferstudio.errors import UsageError
from ferstudio.models import ModelEntry


def check_separable(entry: ModelEntry) -> None:
    """Refuse a network that can't be cut into one per label set.

    Raises:
        UsageError: if more than its classifier depends on the number of classes.
    """
    if not entry.head.separable:
        raise UsageError(
            f"{entry.name} can't learn two label sets at once: the number of classes changes more "
            "than its last layer, so no network of one set can be cut out of it; train it on one."
        )


def with_outputs(state: dict[str, Tensor], layer: str, columns: slice) -> dict[str, Tensor]:
    """Return a state whose network gives only some of the logits.

    Args:
        state: state dict of the whole network.
        layer: name of its classifier.
        columns: the logits to keep.
    """
    cut = {f"{layer}.{part}": state[f"{layer}.{part}"][columns] for part in ("weight", "bias")}
    return {**state, **cut}
