"""Networks of others stand beside ours in every tab, or a sentence says why not."""

import base64
import json
from collections.abc import Iterator
from html import unescape
from importlib.util import find_spec

import pytest
import torch

from ferstudio.models import model_entry
from ferstudio.models.importing import import_black_box, import_checkpoint, try_black_box
from ferstudio.types import InputSpec
from ferstudio.ui import words
from tests.e2e.server import ROOT, serving
from tests.models.test_black_box import GREY, Small, onnx_file
from tests.page_client import TABS, Page, Visit
from tests.studio_parts import write_network

pytestmark = pytest.mark.slow

SPEC = InputSpec(64, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
BACKBONES = ("torchvision_mobilenet_v3_small", "timm_resnet10t")
BOX = "onnx.mine"


def wanted(names: tuple[str, ...]) -> list[str]:
    """Return the weights of those whose library is here."""
    return [f"{name}.mine" for name in names if find_spec(name.partition("_")[0]) is not None]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Serve a page with random networks of others, and one of ours."""
    folder = tmp_path_factory.mktemp("weights")
    write_network(folder, "resnet18")
    for name in wanted(BACKBONES):
        network = name.removesuffix(".mine")
        torch.manual_seed(0)
        state = model_entry(network).build(num_classes=7).state_dict()
        import_checkpoint(state, network, "fer2013", SPEC, folder / "mine")
    if find_spec("onnxruntime") is not None:
        file = onnx_file(folder / "a.onnx", Small(), 1, 3, 48, 48)
        import_black_box(
            file, try_black_box(file, "onnx", "ferplus", GREY), "ferplus", GREY, folder / "mine"
        )
    with serving(folder) as (address, _):
        yield Page(address)


@pytest.fixture
def visit(page: Page) -> Iterator[Visit]:
    visit = Visit(page, 0, [])
    with visit.connected():
        yield visit


def said(visit: Visit, title: str, name: str) -> str:
    """Return what a tab says of a network beside one of ours."""
    visit.choose(models=[name, "resnet18.test"])
    answers = visit.see(title)
    if title == "Live":
        face = (ROOT / "ferstudio" / "samples" / "happiness.png").read_bytes()
        address = f"data:image/png;base64,{base64.b64encode(face).decode()}"
        answers = visit.tell("frame", frame=address, number=1)
    text = unescape(json.dumps(answers, ensure_ascii=False))
    assert words.UNEXPECTED not in text
    return text


@pytest.mark.parametrize("name", wanted(BACKBONES))
@pytest.mark.parametrize("title", TABS)
def test_a_backbone_of_a_library_stands_in_every_tab(visit: Visit, title: str, name: str) -> None:
    text = said(visit, title, name)
    assert f"({name.partition('_')[0]})" in text
    missing = f"{name} has no bank of features; make it with python -m training.features"
    assert (missing in text) == (title == "Feature space")
    assert ("can't be looked at" in text) == (title == "Attention")


@pytest.mark.skipif(find_spec("onnxruntime") is None, reason="needs onnxruntime")
@pytest.mark.parametrize("title", TABS)
def test_a_black_box_stands_in_every_tab(visit: Visit, title: str) -> None:
    text = said(visit, title, BOX)
    assert "mine (ONNX)" in text
    reasons = {
        "Compare": "Grad-CAM can't show mine (ONNX)",
        "Attention": "can't be looked at",
        "Explain": "Grad-CAM can't show",
        "Feature space": "no features of its own; choose another network",
        "Live": "Grad-CAM can't show",
    }
    assert reasons.get(title, "mine (ONNX)") in text
    assert ('class=\\"matrix\\"' in text) == (title == "Robustness")
