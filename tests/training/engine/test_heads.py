"""Networks cut out of a wider one."""

import pytest
import torch

from ferstudio.errors import UsageError
from ferstudio.models import build_model, model_entry
from training.engine.heads import check_separable, with_outputs

PICTURES = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("model", ["resnet18", "csinet_arm", "vgg16", "vgg16_gcca"])
def test_each_part_answers_as_the_wide_network_does(model: str) -> None:
    wide = build_model(model, num_classes=15).double().eval()
    layer = model_entry(model).head.classifier
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


def test_a_network_that_knows_the_classes_elsewhere_is_refused() -> None:
    check_separable(model_entry("resnet18"))
    with pytest.raises(UsageError, match=r"agfer can't learn two label sets.*more than its last"):
        check_separable(model_entry("agfer"))
