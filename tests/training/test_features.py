"""The command that writes banks of features."""

from pathlib import Path

import numpy as np
import pytest

from ferstudio.features import BANK_FILE, read_bank
from ferstudio.models import load_weights
from ferstudio.models.card import read_card
from tests.networks import predict
from tests.studio_parts import write_network
from training.data.cache import load_split
from training.data.protocols import evaluation_labels
from training.evaluation.shown_faces import Protocol, split_batches
from training.features import main


@pytest.fixture(scope="module")
def weights_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    write_network(folder, "resnet18")
    return folder


def test_the_command_writes_what_the_network_makes_of_validation_faces(
    weights_dir: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--weights", "all", "--weights-dir", str(weights_dir), "--data", str(cache)]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    folder = weights_dir / "resnet18.test"
    assert out.startswith("resnet18.test: 40 faces")
    assert (folder / BANK_FILE).stat().st_size < 2e6
    bank = read_bank(folder, read_card(folder))
    assert bank is not None
    model, table = load_weights(folder), load_split(cache, "valid")
    classes = evaluation_labels(table, "ferplus")
    np.testing.assert_array_equal(bank.classes, classes[classes >= 0])
    answers = [
        each.labels.index(each.top)
        for batch in split_batches(table.select(classes >= 0), model, Protocol("ferplus"))
        for each in predict(model, batch)
    ]
    assert bank.answers.tolist() == answers
    np.testing.assert_array_equal(bank.maps["pca"], bank.vectors[:, :2])
    assert {"pca", "tsne"} <= set(bank.maps)


def test_unknown_weights_end_in_a_sentence(
    weights_dir: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ["--weights", "vgg99.x", "--weights-dir", str(weights_dir), "--data", str(cache)]
    assert main(wrong) == 2
    assert "vgg99.x" in capsys.readouterr().err
