"""A bank on disk: everything comes back, and nothing that isn't of these weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import WeightsError
from ferstudio.features import BANK_FILE, FeatureBank, read_bank, write_bank
from ferstudio.features.projection import PROJECTIONS
from ferstudio.models.card import read_card
from tests.features.banks import FEATURES, bank
from tests.made_files import lfs_pointer
from tests.networks import card

ROOT = Path(__file__).parents[2]

CARD = replace(card("resnet18"), sha256=("ab", "cd"), files=("a.safetensors", "b.safetensors"))


@pytest.fixture(scope="module")
def made() -> FeatureBank:
    return bank()


def test_everything_comes_back(tmp_path: Path, made: FeatureBank) -> None:
    write_bank(tmp_path, CARD, made)
    found = read_bank(tmp_path, CARD)
    assert found is not None
    assert (found.weights, found.split, found.labels) == (CARD.name, made.split, made.labels)
    assert set(found.maps) == {"pca", "tsne", "umap"}
    for name in ("classes", "answers", "mean", "components", "vectors"):
        np.testing.assert_array_equal(getattr(found, name), getattr(made, name))
        assert getattr(found, name).dtype == getattr(made, name).dtype
    for name, places in made.maps.items():
        np.testing.assert_array_equal(found.maps[name], places)


def test_no_file_is_no_bank(tmp_path: Path) -> None:
    assert read_bank(tmp_path, CARD) is None


def test_a_bank_of_other_weights_is_refused(tmp_path: Path, made: FeatureBank) -> None:
    write_bank(tmp_path, CARD, made)
    with pytest.raises(WeightsError, match="of other weights"):
        read_bank(tmp_path, replace(CARD, sha256=("ab", "ce")))


@pytest.mark.parametrize("content", [b"", b"not a bank", None])
def test_a_damaged_file_is_one_sentence(
    tmp_path: Path, made: FeatureBank, content: bytes | None
) -> None:
    write_bank(tmp_path, CARD, made)
    file = tmp_path / BANK_FILE
    file.write_bytes(file.read_bytes()[:-40] if content is None else content)
    with pytest.raises(WeightsError, match="is damaged"):
        read_bank(tmp_path, CARD)


def test_a_pointer_in_place_of_a_bank_says_how_to_get_it(tmp_path: Path, made: FeatureBank) -> None:
    write_bank(tmp_path, CARD, made)
    (tmp_path / BANK_FILE).write_bytes(lfs_pointer())
    with pytest.raises(WeightsError, match="is a Git LFS pointer .* run `git lfs pull`"):
        read_bank(tmp_path, CARD)


def test_tensors_that_dont_fit_are_refused(tmp_path: Path, made: FeatureBank) -> None:
    write_bank(tmp_path, CARD, replace(made, answers=made.answers[1:]))
    with pytest.raises(WeightsError, match="don't fit"):
        read_bank(tmp_path, CARD)


def test_features_are_reduced_along_the_components(made: FeatureBank) -> None:
    features = np.random.default_rng(1).normal(size=(3, FEATURES)).astype(np.float32)
    expected = [
        [
            sum(
                (float(row[d]) - float(made.mean[d])) * float(made.components[d, p])
                for d in range(FEATURES)
            )
            for p in range(made.components.shape[1])
        ]
        for row in features
    ]
    np.testing.assert_allclose(made.reduced(features), expected, rtol=0, atol=1e-5)


def test_every_shipped_network_has_all_maps() -> None:
    folders = [file.parent for file in sorted((ROOT / "weights").glob("*/card.json"))]
    for folder in folders:
        shipped = read_card(folder)
        if not shipped.members:
            found = read_bank(folder, shipped)
            assert found is not None, folder.name
            assert found.maps.keys() == PROJECTIONS.keys(), folder.name
