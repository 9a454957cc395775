"""Networks in files of ONNX or TorchScript: asked for answers, with nothing inside to be reached.

Such a network answers under covers and can be explained by its answers alone; what needs its
layers or gradients isn't offered. ONNX needs `onnxruntime`, an extra. A TorchScript file is a
program, run by torch's own interpreter: import one only from people you trust.
"""

import io
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ferstudio.errors import UsageError, WeightsError
from ferstudio.models.registry import Head, ModelEntry, register_entry

Ask = Callable[[Tensor], Tensor]
"""Pictures (N, C, H, W) or (N, H, W, C) to answers (N, K), float32."""

Layout = tuple[int | None, int | None, int | None, int | None]
"""The shape of the pictures that a file takes; None where it takes any."""

ANY_SHAPE: Layout = (None, None, None, None)

LEAST_P = 1e-12
"""Probabilities below count as this, so that their logarithm is finite."""


class BlackBox(nn.Module):
    """A network that gives answers alone: it has no parameters and no parts that torch knows of."""

    def __init__(
        self, ask: Ask, layout: Layout, stored_bytes: int, *, probabilities: bool = False
    ) -> None:
        """Wrap what answers.

        Args:
            ask: answers pictures in the shape that `layout` says.
            layout: what it takes.
            stored_bytes: size of its file, which is about what it takes in memory.
            probabilities: whether its answers are probabilities instead of logits.
        """
        super().__init__()
        self._ask, self.layout, self.stored_bytes = ask, layout, stored_bytes
        self.probabilities = probabilities

    @property
    def channels_last(self) -> bool:
        """Whether it takes (N, H, W, C), as networks of TensorFlow do."""
        return self.layout[1] not in (1, 3) and self.layout[3] in (1, 3)

    @property
    def side_px(self) -> int | None:
        """Side of the square pictures that it takes; None for any."""
        return self.layout[1] if self.channels_last else self.layout[2]

    @property
    def grey(self) -> bool:
        """Whether it takes one channel."""
        return self.layout[3 if self.channels_last else 1] == 1

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, K), float32, of pictures (N, 3, H, W), on the CPU.

        Raises:
            WeightsError: if it can't answer such pictures.
        """
        x = x.detach().float().cpu()
        if self.grey:
            x = x[:, :1]
        if self.channels_last:
            x = x.permute(0, 2, 3, 1)
        size = self.layout[0] or len(x)
        try:
            parts = [self._ask(part.contiguous()) for part in _batches(x, size)]
        except Exception as error:  # either library raises what it likes
            raise WeightsError(
                f"The imported network can't answer pictures of the shape {tuple(x.shape)}."
            ) from error
        answers = torch.cat(parts)[: len(x)].flatten(1)
        return answers.clamp_min(LEAST_P).log() if self.probabilities else answers


def black_box_kind(file: Path) -> str | None:
    """Return "onnx" or "torchscript" where a file is such a network, else None."""
    if file.suffix.lower() == ".onnx" and file.is_file():
        return ONNX.name
    if not zipfile.is_zipfile(file):
        return None
    with zipfile.ZipFile(file) as archive:
        has_code = any("/code/" in name for name in archive.namelist())
    return TORCHSCRIPT.name if has_code else None


def is_black_box(entry: ModelEntry) -> bool:
    """Return whether an entry means a network of which only the answers can be had."""
    return entry.opened is not None


def open_onnx(content: bytes, *, probabilities: bool = False) -> BlackBox:
    """Return the network in an ONNX file's content.

    Raises:
        UsageError: if onnxruntime isn't installed.
        WeightsError: if it is no ONNX file, or takes or gives something else than pictures and one
            answer.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise UsageError("It needs onnxruntime: python -m pip install onnxruntime.") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 4  # what goes wrong is raised as well
    try:
        session = onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a class of its own for every status
        raise WeightsError("The file is no network that onnxruntime can open.") from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type != "tensor(float)":
        raise WeightsError(
            "The network must take one float tensor of pictures, (N, C, H, W) or (N, H, W, C), but "
            f"takes {_shapes(inputs)}."
        )
    if len(outputs) != 1:
        raise WeightsError(f"The network must give one answer, but gives {_shapes(outputs)}.")
    known = [side if isinstance(side, int) and side > 0 else None for side in inputs[0].shape]

    def ask(pictures: Tensor) -> Tensor:
        (answers,) = session.run(None, {inputs[0].name: pictures.numpy()})
        return torch.from_numpy(answers)

    layout = (known[0], known[1], known[2], known[3])
    return BlackBox(ask, layout, len(content), probabilities=probabilities)


def open_torchscript(content: bytes, *, probabilities: bool = False) -> BlackBox:
    """Return the network in a TorchScript file's content.

    Raises:
        WeightsError: if it is no such file.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch would have everybody export anew
        try:
            module = torch.jit.load(io.BytesIO(content), map_location="cpu").eval()
        except Exception as error:
            raise WeightsError("The file is no TorchScript that torch can open.") from error

    def ask(pictures: Tensor) -> Tensor:
        with torch.inference_mode():
            answers: Tensor = module(pictures)
        return answers.float()

    return BlackBox(ask, ANY_SHAPE, len(content), probabilities=probabilities)


def _batches(pictures: Tensor, size: int) -> list[Tensor]:
    """Return pictures in batches of just `size`, the last one filled up with its last picture."""
    missing = -len(pictures) % size
    filled = torch.cat([pictures, pictures[-1:].expand(missing, *pictures.shape[1:])])
    return list(filled.split(size))


def _shapes(tensors: Any) -> str:
    return ", ".join(f"{each.name} {each.shape} {each.type}" for each in tensors)


def _unbuilt(num_classes: int, *, probabilities: bool = False) -> nn.Module:
    raise UsageError(
        f"A network of {num_classes} classes{' of probabilities' * probabilities} that is a file "
        "can't be built; import the file."
    )


def _entry(name: str, title: str, opened: Callable[..., nn.Module]) -> ModelEntry:
    return register_entry(
        ModelEntry(
            name=name,
            build=_unbuilt,
            title=title,
            summary="a black box: answers alone, no layers, no gradients",
            paper=f"a file of {title}",
            cam_layers={},
            feature_layer="",
            head=Head(""),
            opened=opened,
        ),
        listed=False,
    )


ONNX = _entry("onnx", "ONNX", open_onnx)
TORCHSCRIPT = _entry("torchscript", "TorchScript", open_torchscript)
