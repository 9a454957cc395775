"""The last layer of every network, and networks cut out of a wider one."""

import pytest
import torch
from torch import Tensor

from ferstudio.errors import UsageError
from ferstudio.models import build_model, list_models
from training.engine.heads import check_separable, class_tensors, output_layer, with_outputs
from training.recipes.both import UNDIVIDED

PICTURES = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("model", list_models())
def test_networks_can_be_cut_apart_unless_they_know_the_classes_elsewhere(model: str) -> None:
    if model in UNDIVIDED:
        with pytest.raises(UsageError, match=rf"{model} can't learn two label sets"):
            check_separable(model)
    else:
        check_separable(model)


@pytest.mark.parametrize("model", list_models())
def test_the_output_layer_gives_the_logits(model: str) -> None:
    network = build_model(model, num_classes=5).eval()
    outputs: list[Tensor] = []
    layer = network.get_submodule(output_layer(model))
    layer.register_forward_hook(lambda _module, _inputs, output: outputs.append(output))
    with torch.inference_mode():
        logits = network(PICTURES[:1])
    assert logits.shape == (1, 5)
    assert torch.equal(outputs[-1], logits)


@pytest.mark.parametrize("model", ["resnet18", "csinet_arm", "vgg16", "vgg16_gcca"])
def test_each_part_answers_as_the_wide_network_does(model: str) -> None:
    wide = build_model(model, num_classes=15).double().eval()
    layer = output_layer(model)
    with torch.inference_mode():
        logits = wide(PICTURES.double())
        for columns in (slice(0, 8), slice(8, 15)):
            classes = columns.stop - columns.start
            part = build_model(model, num_classes=classes).double().eval()
            part.load_state_dict(with_outputs(wide.state_dict(), layer, columns), strict=True)
            answers = part(PICTURES.double())
            torch.testing.assert_close(answers, logits[:, columns], rtol=0, atol=1e-12)
    assert logits.std(dim=1).min() > 0


def test_cutting_leaves_the_wide_state_as_it_was() -> None:
    state = {"fc.weight": torch.arange(6.0).view(3, 2), "fc.bias": torch.arange(3.0)}
    cut = with_outputs(state, "fc", slice(1, 3))
    assert cut["fc.weight"].tolist() == [[2, 3], [4, 5]] and cut["fc.bias"].tolist() == [1, 2]
    assert len(state["fc.bias"]) == 3


def test_a_refusal_names_what_else_depends_on_the_classes() -> None:
    assert class_tensors("resnet18") == ("fc.weight", "fc.bias")
    with pytest.raises(UsageError, match=r"spatial\.spread\.weight"):
        check_separable("agfer")
