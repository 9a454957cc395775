"""The command that makes banks: which faces, which components, and what it writes."""

import math
from pathlib import Path

import numpy as np
import pytest

from ferstudio.features import BANK_FILE, read_bank
from ferstudio.models import load_weights, predict
from ferstudio.models.weights import read_card
from tests.studio_parts import write_network
from training.data.cache import load_split
from training.data.targets import evaluation_labels
from training.evaluation.feature_bank import choose_rows, principal_components
from training.evaluation.protocols import Protocol, split_batches
from training.features import main


def test_rare_emotions_are_taken_whole_and_the_others_alike() -> None:
    classes = np.array([0] * 50 + [-1] * 20 + [1] * 3 + [2] * 30)
    rows = choose_rows(classes, 10, seed=4)
    assert np.bincount(classes[rows]).tolist() == [10, 3, 10]
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(rows, choose_rows(classes, 10, seed=4))
    assert not np.array_equal(rows, choose_rows(classes, 10, seed=5))


def test_components_are_orthonormal_directions_of_falling_variance() -> None:
    rng = np.random.default_rng(2)
    features = (rng.normal(size=(60, 7)) * [9, 5, 3, 2, 1, 0.5, 0.1]).astype(np.float32) + 4
    mean, components = principal_components(features, 3)
    np.testing.assert_allclose(mean, features.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(components.T @ components, np.eye(3), rtol=0, atol=1e-5)
    spread = ((features - mean) @ components).std(axis=0)
    assert (np.diff(spread) < 0).all()
    values = np.sort(np.linalg.eigvalsh(np.cov(features.T, bias=True)))[::-1]
    for own, value in zip(spread, values, strict=False):
        assert own == pytest.approx(math.sqrt(value), rel=1e-3)
    assert all(column[np.abs(column).argmax()] > 0 for column in components.T)


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
