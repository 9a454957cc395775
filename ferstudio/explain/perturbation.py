"""Pictures with some pixels replaced, and what a network answers to many of them."""

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Literal, get_args

import cv2
import torch
from torch import Tensor

from ferstudio.errors import UsageError
from ferstudio.models import LoadedModel
from ferstudio.models.precision import rough
from ferstudio.pauses import in_turns, pause
from ferstudio.preprocess import normalise
from ferstudio.types import InputSpec

CHUNK = 32
"""Pictures that are made at a time: more need more memory."""

PASS = 12
"""Pictures in one forward pass of work that others wait for: the slowest network takes 0.3 seconds
of one core for them. One of `CHUNK`, as where nobody waits, is up to 14 % faster."""

BLUR_SHARE = 0.1
"""Standard deviation of the blur that hides, as a share of the picture's side.

So wide that no expression is left: a trained ACSI-Net gives its own answer to a validation face
0.80 on average, to the blurred face 0.25, and to plain grey 0.20. RISE's blur (11 pixels of 224)
would leave 0.77.
"""

Fill = Literal["mean", "grey", "blur"]
"""What stands in for a hidden pixel: "mean" is the picture's own mean, "grey" the mean of the
training pictures (the network's zero) and "blur" the picture itself, blurred by `BLUR_SHARE`."""


def filled(seen: Tensor, fill: Fill, spec: InputSpec) -> Tensor:
    """Return what stands behind hidden pixels: (1, 3, S, S) float in [0, 1].

    Args:
        seen: (1, 3, S, S) float picture in [0, 1].
        fill: what it is to be.
        spec: the network's input.

    Raises:
        UsageError: for an unknown `fill`.
    """
    if fill == "mean":
        return seen.mean(dim=(2, 3), keepdim=True).expand_as(seen)
    if fill == "grey":
        return seen.new_tensor(spec.mean).view(1, 3, 1, 1).expand_as(seen)
    if fill == "blur":
        picture = seen[0].permute(1, 2, 0).numpy()  # (S, S, 3)
        blurred = cv2.GaussianBlur(picture, (0, 0), BLUR_SHARE * spec.size)
        return torch.from_numpy(blurred).permute(2, 0, 1).unsqueeze(0)
    raise UsageError(f"What is hidden can be filled with {get_args(Fill)}, not {fill!r}.")


def answered(
    model: LoadedModel, batches: Iterable[Tensor], count: int = 0, *, roughly: bool = False
) -> Tensor:
    """Return (N, K) float32 logits, on the CPU, of batches of pictures (n, 3, S, S) in [0, 1].

    Others may run between two passes, in which the network isn't held; passes are short where work
    takes turns.

    Args:
        model: the network.
        batches: the pictures; how they are shared out changes nothing.
        count: of all pictures, for who wants to know how much is done; 0 where it isn't known.
        roughly: whether three digits will do (see `models.precision.rough`).
    """
    logits: list[Tensor] = []
    size = PASS if in_turns() else CHUNK
    for pictures in (few for batch in batches for few in batch.split(size)):
        pause(sum(map(len, logits)) / count if count else None)
        batch = normalise(pictures, model.card.input)
        with model.exclusive() as module, torch.inference_mode():
            device = next(module.parameters(), batch).device
            batch = batch.to(device).contiguous(memory_format=torch.channels_last)
            with rough(device) if roughly else nullcontext():
                answers = module(batch)
            logits.append(answers.float().cpu())
    return torch.cat(logits)
