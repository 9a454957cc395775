"""What attention is worth, on networks whose worth can be said beforehand."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ferstudio.errors import UsageError
from ferstudio.models import LoadedModel, load_weights, model_entry
from ferstudio.models.attention import AttentionRole, AttentionTap
from ferstudio.models.card import read_card
from tests.networks import card, hook_count, loaded
from training.attention_worth import main
from training.data.cache import load_split
from training.data.protocols import evaluation_labels
from training.data.table import FaceTable
from training.evaluation.attention_worth import attention_worth


class Gated(nn.Module):
    """Answers by its gate alone, which tells the emotion of the blobs from their brightness."""

    def __init__(self, *, looks: bool) -> None:
        super().__init__()
        self.looks = looks
        self.gate = AttentionTap(AttentionRole.GATE)

    def forward(self, x: Tensor) -> Tensor:
        light = x.mean(dim=(1, 2, 3)) * 0.25 + 0.5  # in [0, 1], as the picture was
        classes = ((light * 255 - 20) / 25)[:, None] - torch.arange(8)
        logits = -classes.abs()  # (N, 8)
        gate = self.gate(torch.softmax(logits * 5, dim=1)[:, :, None, None])  # (N, 8, 1, 1)
        return gate.flatten(1) if self.looks else logits + 0 * gate.flatten(1)


def gated(*, looks: bool) -> LoadedModel:
    return LoadedModel(model_entry("resnet18"), card("resnet18"), Gated(looks=looks).eval())


def labels(table: FaceTable) -> np.ndarray:
    truth = evaluation_labels(table, "ferplus")
    return truth[truth >= 0]


def test_attention_that_does_all_is_worth_all_but_the_commonest_answer(table: FaceTable) -> None:
    found = attention_worth(gated(looks=True), table, split="valid")
    counts = np.bincount(labels(table), minlength=8)
    assert found.accuracy > 0.9
    assert found.accuracy_of_means <= counts.max() / counts.sum() + 1e-9
    assert found.worth == pytest.approx(found.accuracy - found.accuracy_of_means)
    assert found.ci95[0] > 0
    assert found.n == len(labels(table))


def test_attention_that_nothing_hangs_on_is_worth_nothing(table: FaceTable) -> None:
    found = attention_worth(gated(looks=False), table, split="valid")
    assert found.worth == 0
    assert found.ci95 == (0, 0)


@pytest.mark.slow
def test_a_real_network_is_judged_and_left_as_it_was(table: FaceTable) -> None:
    model = loaded("acsinet")
    images = torch.zeros(2, 3, 64, 64)
    before = model.module(images)
    found = attention_worth(model, table, split="valid")
    assert torch.equal(model.module(images), before)
    assert hook_count(model.module) == 0
    assert found.contrast is not None
    assert 0 < found.contrast < 1


def test_a_network_without_attention_is_refused(table: FaceTable) -> None:
    with pytest.raises(UsageError, match="no attention of its own"):
        attention_worth(loaded("resnet18"), table, split="valid")


@pytest.mark.slow
def test_the_command_writes_on_cards(
    shelf: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = Path(shutil.copytree(shelf, tmp_path / "weights"))
    arguments = ["--weights", "all", "--weights-dir", str(weights), "--data", str(cache)]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "resnet18.test: no attention of its own" in said
    facts = read_card(weights / "acsinet.test").attention
    valid = load_split(cache, "valid")
    again = attention_worth(load_weights(weights / "acsinet.test"), valid, split="valid")
    assert facts["worth"] == pytest.approx(again.worth)
    assert facts["n"] == again.n
    assert read_card(weights / "resnet18.test").attention == {}
