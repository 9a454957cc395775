"""Networks that begin with another's trained tensors: transfer learning.

The papers fine-tune networks whose plain layers were trained before (VGG-16 in papers 4 and 5, on
ImageNet; ACSI-Net on MS-Celeb-1M). Here the plain network of the same family, trained on the same
faces, takes that place.
"""

from pathlib import Path

from torch import nn

from ferstudio.errors import UsageError
from ferstudio.models.card import read_card
from ferstudio.models.weights import read_state


def begin_with(network: nn.Module, folder: Path) -> int:
    """Copy each tensor of shipped weights that `network` has by the same name and shape.

    All others keep their initial values, the last layer's too where the classes differ in number.

    Args:
        network: changed in place.
        folder: of the weights.

    Returns:
        How many of the network's tensors began so.

    Raises:
        WeightsError: if the weights can't be read.
        UsageError: if no kernel or matrix fits.
    """
    card = read_card(folder)
    if card.members:
        raise UsageError(f"{folder.name} is an ensemble; begin with one of its members.")
    own = network.state_dict()
    taken = {
        name: tensor
        for name, tensor in read_state(folder, card).items()
        if name in own and own[name].shape == tensor.shape
    }
    if not any(tensor.dim() > 1 for tensor in taken.values()):
        raise UsageError(
            f"No kernel of {folder.name} has the name and shape of one of this network's; begin "
            "with weights of the same family."
        )
    network.load_state_dict(taken, strict=False)
    return len(taken)
