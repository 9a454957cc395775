"""Networks in files of ONNX and TorchScript: their answers, and what is offered of them."""

import hashlib
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ferstudio.errors import UsageError, WeightsError
from ferstudio.explain.explainer import explainer, list_explainers
from ferstudio.models import load_weights, model_entry
from ferstudio.models.black_box import (
    ANY_SHAPE,
    BlackBox,
    black_box_kind,
    is_black_box,
    open_onnx,
    open_torchscript,
)
from ferstudio.models.card import read_card
from ferstudio.models.importing import import_black_box, try_black_box
from ferstudio.studio.cache import module_bytes
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import InputSpec
from tests.studio_parts import FakeDetector

GREY = InputSpec(48, (0.5,) * 3, (0.25,) * 3)
CLASSES = 8  # of FER+


class Small(nn.Module):
    """A made-up network of any layout."""

    def __init__(self, channels: int = 3, *, softmax: bool = False, last: bool = False) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.conv = nn.Conv2d(channels, 6, 5, stride=3)
        self.classifier = nn.Linear(6, CLASSES)
        self.softmax, self.last = softmax, last

    def forward(self, x: Tensor) -> Tensor:
        if self.last:
            x = x.permute(0, 3, 1, 2)
        x = 40 * self.classifier(self.conv(x).relu().mean(dim=(2, 3)))
        return x.softmax(dim=1) if self.softmax else x


def onnx_file(file: Path, network: nn.Module, *shape: int, dynamic: bool = False) -> Path:
    """Write a network as ONNX that takes pictures of `shape`."""
    axes = {"x": {0: "n"}, "y": {0: "n"}} if dynamic else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (torch.zeros(shape),),
            str(file),
            dynamo=False,
            dynamic_axes=axes,
            input_names=["x"],
            output_names=["y"],
        )
    return file


def script_file(file: Path, network: nn.Module, *shape: int) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(network.eval(), torch.zeros(shape)), str(file))
    return file


def pictures(count: int = 3, side_px: int = 48) -> Tensor:
    """Return grey pictures, whose channels are alike as those of a grey network's crops."""
    made = torch.randn(count, 1, side_px, side_px, generator=torch.manual_seed(1))
    return made.expand(count, 3, side_px, side_px)


@pytest.mark.parametrize(
    ("network", "shape", "dynamic"),
    [
        (Small(), (1, 3, 48, 48), True),
        (Small(), (2, 3, 48, 48), False),  # three pictures are two batches
        (Small(1), (1, 1, 48, 48), False),  # as the FER+ network of the ONNX zoo
        (Small(last=True), (1, 48, 48, 3), True),
        (Small(1, last=True), (1, 48, 48, 1), False),
    ],
)
def test_an_onnx_file_answers_as_its_network(
    network: Small, shape: tuple[int, ...], dynamic: bool, tmp_path: Path
) -> None:
    file = onnx_file(tmp_path / "a.onnx", network, *shape, dynamic=dynamic)
    box = open_onnx(file.read_bytes())
    x = pictures()
    given = x[:, :1] if 1 in shape[1:] else x
    with torch.inference_mode():
        expected = network(given.permute(0, 2, 3, 1) if network.last else given)
    torch.testing.assert_close(box(x), expected, rtol=1e-4, atol=1e-4)
    assert box.side_px == 48
    assert box.grey == (1 in shape[1:]) and box.channels_last == network.last


def test_a_torchscript_file_answers_as_its_network(tmp_path: Path) -> None:
    network = Small()
    file = script_file(tmp_path / "a.pt", network, 1, 3, 48, 48)
    box = open_torchscript(file.read_bytes())
    with torch.inference_mode():
        expected = network(pictures())
    torch.testing.assert_close(box(pictures()), expected)
    assert box.side_px is None and not box.grey and not box.channels_last


def test_probabilities_become_logits() -> None:
    answers = torch.tensor([[0.7, 0.3, 0.0]])
    box = BlackBox(lambda x: answers.expand(len(x), 3), ANY_SHAPE, 10, probabilities=True)
    torch.testing.assert_close(box(pictures(2)).softmax(dim=1), answers.expand(2, 3))
    assert box(pictures(1)).isfinite().all()


def test_what_kind_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"anything")
    (tmp_path / "b.pth").write_bytes(b"anything")
    torch.save({"a": torch.zeros(2)}, tmp_path / "c.pt")
    script_file(tmp_path / "d.pt", Small(), 1, 3, 48, 48)
    names = ("a.onnx", "b.pth", "c.pt", "d.pt", "none.onnx")
    kinds = [black_box_kind(tmp_path / name) for name in names]
    assert kinds == ["onnx", None, None, "torchscript", None]


def two_inputs() -> bytes:
    from onnx import TensorProto, helper

    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 3, 8, 8]) for n in "ab"]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, 8, 8])
    graph = helper.make_graph([helper.make_node("Add", ["a", "b"], ["y"])], "g", inputs, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("opened", "content", "said"),
    [
        (open_onnx, b"no network", "no network that onnxruntime can open"),
        (open_onnx, two_inputs(), r"takes a \[1, 3, 8, 8\] tensor\(float\), b"),
        (open_torchscript, b"no network", "no TorchScript that torch can open"),
    ],
)
def test_what_is_none_is_refused(
    opened: Callable[[bytes], BlackBox], content: bytes, said: str
) -> None:
    with pytest.raises(WeightsError, match=said):
        opened(content)


def test_without_onnxruntime_it_says_what_to_install() -> None:
    with (
        patch.dict("sys.modules", {"onnxruntime": None}),
        pytest.raises(UsageError, match="python -m pip install onnxruntime"),
    ):
        open_onnx(b"")


def test_a_picture_that_it_cant_take_is_one_sentence(tmp_path: Path) -> None:
    file = onnx_file(tmp_path / "a.onnx", Small(), 1, 3, 48, 48)
    with pytest.raises(WeightsError, match=r"can't answer pictures of the shape \(1, 3, 32, 32\)"):
        open_onnx(file.read_bytes())(pictures(1, 32))


def test_what_doesnt_fit_is_told_before_anything_is_written(tmp_path: Path) -> None:
    file = onnx_file(tmp_path / "a.onnx", Small(1, softmax=True), 1, 1, 48, 48)
    found = try_black_box(file, "onnx", "ferplus", GREY)
    assert found.text() == (
        "A black box of ONNX that takes pictures of 48 x 48 pixels and one channel and gives 8 "
        "probabilities."
    )
    with pytest.raises(WeightsError, match="takes pictures of 48 pixels; say --input 48"):
        try_black_box(file, "onnx", "ferplus", InputSpec(64, (0.5,) * 3, (0.25,) * 3))
    with pytest.raises(WeightsError, match=r"\(4, 8\), but fer2013 has 7 emotions"):
        try_black_box(file, "onnx", "fer2013", GREY)
    assert [each.name for each in tmp_path.iterdir()] == ["a.onnx"]


@pytest.mark.parametrize("kind", ["onnx", "torchscript"])
@pytest.mark.parametrize("softmax", [False, True])
def test_an_imported_black_box_is_asked_in_every_way(
    kind: str, softmax: bool, tmp_path: Path
) -> None:
    network = Small(softmax=softmax)
    if kind == "onnx":
        file = onnx_file(tmp_path / "a.onnx", network, 1, 3, 48, 48)
    else:
        file = script_file(tmp_path / "a.pt", network, 1, 3, 48, 48)
    found = try_black_box(file, kind, "ferplus", GREY)
    folder = import_black_box(file, found, "ferplus", GREY, tmp_path / "weights" / "mine")
    card = read_card(folder)
    assert card.sha256 == (hashlib.sha256(file.read_bytes()).hexdigest(),)
    assert card.options == {"probabilities": softmax}
    model = load_weights(folder, folded=True)
    assert is_black_box(model.entry) and not is_black_box(model_entry("resnet18"))
    assert model.title == f"mine ({model_entry(kind).title})"
    assert module_bytes(model.module) == file.stat().st_size
    with torch.inference_mode():
        expected = network(pictures())
        expected = expected if softmax else expected.softmax(dim=1)
    torch.testing.assert_close(model.module(pictures()).softmax(dim=1), expected, atol=1e-4, rtol=0)
    # greyed is what needs layers; the rest is offered
    supported = {name for name in list_explainers() if explainer(name).supports(model)}
    assert supported == {"occlusion-sensitivity", "occlusion-sensitivity-fine", "face-parts"}
    studio = Studio(tmp_path / "weights", detector=FakeDetector())
    cover = Cover("upper", 0.7)
    asked = Selection(studio.sample("fear"), cover, (model.name,))
    (row,) = studio.compare(asked).rows
    assert row.clean.heatmap is None and row.no_map is not None
    assert np.isclose(row.covered.prediction.probabilities.sum(), 1)
    *_, examined = studio.examine(model.name, asked)
    assert examined.done
    looked_into = studio.attention(model.name, asked.crop)
    assert looked_into.views == () and looked_into.imported
    with pytest.raises(WeightsError, match="no features of its own; choose another network"):
        studio.feature_space(model.name, asked)


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    file = script_file(tmp_path / "a.pt", Small(), 1, 3, 48, 48)
    found = try_black_box(file, "torchscript", "ferplus", GREY)
    folder = import_black_box(file, found, "ferplus", GREY, tmp_path / "mine")
    with zipfile.ZipFile(folder / "model.pt", "a") as archive:
        archive.writestr("more", "content")
    with pytest.raises(WeightsError, match="is damaged"):
        load_weights(folder)
