"""What entries say of their networks' ends: true as registered and in every form."""

import pytest
import torch
from torch import Tensor, nn

from ferstudio.models import build_model, list_models, model_entry
from ferstudio.models.registry import ModelEntry
from ferstudio.types import OptionValue
from tests.networks import pictures

Form = tuple[str, dict[str, OptionValue]]


def forms(name: str) -> list[Form]:
    """Return a network as it is registered, and with each option that changes its head."""
    declared = model_entry(name).head.forms
    return [(name, {}), *((name, {key: value}) for key in declared for value in declared[key])]


ALL = [form for name in list_models() for form in forms(name)]
LARGE = {"fc"}
"""Values of options with which a network is too large to be run here."""


def title(form: Form) -> str:
    """Return e.g. "vgg16-last_pool=False"."""
    return "-".join([form[0], *(f"{key}={value}" for key, value in form[1].items())])


def is_large(form: Form) -> bool:
    return not LARGE.isdisjoint(form[1].values())


def run(entry: ModelEntry, device: str) -> tuple[Tensor, Tensor, Tensor, dict[str, Tensor]]:
    """Return the logits, what the classifier got and gave, and each CAM layer's output."""
    torch.manual_seed(0)
    with torch.device(device):
        network = entry.build(num_classes=5).eval()
    got: list[Tensor] = []
    maps: dict[str, Tensor] = {}
    network.get_submodule(entry.head.classifier).register_forward_hook(
        lambda _module, inputs, output: got.extend([inputs[0], output])
    )
    for layer in entry.cam_layers:
        network.get_submodule(layer).register_forward_hook(
            lambda _module, _inputs, output, layer=layer: maps.update({layer: output.clone()})
        )
    with torch.no_grad():
        logits = network(pictures(2, 64).to(device))
    return logits, got[0], got[1], maps


@pytest.mark.slow
@pytest.mark.parametrize("form", ALL, ids=title)
def test_the_classifier_is_a_linear_layer_that_gives_the_logits(form: Form) -> None:
    entry = model_entry(*form)
    with torch.device("meta"):
        classifier = entry.build(num_classes=5).get_submodule(entry.head.classifier)
    assert isinstance(classifier, nn.Linear)
    assert (classifier.out_features, classifier.bias is None) == (5, False)
    logits, _, given, _ = run(entry, "meta" if is_large(form) else "cpu")
    assert given is logits


@pytest.mark.slow
@pytest.mark.parametrize("form", [form for form in ALL if not is_large(form)], ids=title)
def test_the_classifier_gets_the_average_of_the_declared_layer_and_of_no_other(form: Form) -> None:
    entry = model_entry(*form)
    _, features, _, maps = run(entry, "cpu")
    averages = {layer: output.mean(dim=(2, 3)) for layer, output in maps.items()}
    pooled = [
        layer
        for layer, average in averages.items()
        if average.shape == features.shape and torch.allclose(average, features, rtol=1e-4)
    ]
    assert pooled == ([] if entry.head.pools is None else [entry.head.pools])


@pytest.mark.parametrize("form", ALL, ids=title)
def test_what_depends_on_the_number_of_classes_is_the_classifier_if_separable(form: Form) -> None:
    entry = model_entry(*form)
    with torch.device("meta"):
        few, more = (entry.build(num_classes=count).state_dict() for count in (2, 3))
    sized = {name for name, tensor in few.items() if tensor.shape != more[name].shape}
    classifier = {f"{entry.head.classifier}.{part}" for part in ("weight", "bias")}
    assert classifier <= sized
    assert (sized == classifier) == entry.head.separable


@pytest.mark.parametrize("name", list_models())
def test_every_option_builds(name: str) -> None:
    entry = model_entry(name)
    for option, value in entry.options.items():
        if isinstance(value, bool):
            with torch.device("meta"):
                plain, other = build_model(name, 8), build_model(name, 8, {option: not value})
            assert repr(plain) != repr(other), f"{option} changes nothing"
