"""New faces find their place among the bank's, which don't move."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest

from ferstudio.errors import UnknownNameError
from ferstudio.features import FeatureBank, neighbours, projection
from ferstudio.features.projection import memberships
from tests.features.banks import PER_CLASS, bank


@pytest.fixture(scope="module")
def made() -> FeatureBank:
    return bank()


def rank(made: FeatureBank, kind: str, row: int, place: np.ndarray) -> int:
    """Return how many faces of the map are nearer to `place` than face `row` is."""
    away = [math.dist(each, place) for each in made.maps[kind].tolist()]
    return sum(other < away[row] for other in away)


def test_faces_of_the_bank_find_themselves_in_the_tsne_map(made: FeatureBank) -> None:
    before = made.maps["tsne"].copy()
    tsne = projection(made, "tsne")
    started = time.perf_counter()
    tsne.place(made.vectors[:1])
    assert time.perf_counter() - started < 1
    places = tsne.place(made.vectors)
    found = [rank(made, "tsne", row, place) for row, place in enumerate(places)]
    assert np.mean(np.array(found) < 10) >= 0.95
    np.testing.assert_array_equal(made.maps["tsne"], before)


def test_a_face_lands_among_its_own_emotion(made: FeatureBank) -> None:
    rng = np.random.default_rng(8)
    for label in np.unique(made.classes):
        own = made.vectors[made.classes == label]
        new = (own.mean(axis=0) + 0.3 * rng.normal(size=own.shape[1])).astype(np.float32)
        for kind in ("tsne", "pca"):
            (place,) = projection(made, kind).place(new[None])
            away = np.linalg.norm(made.maps[kind] - place, axis=1)
            assert (made.classes[np.argsort(away)[:5]] == label).mean() >= 0.8


def test_each_face_is_placed_on_its_own(made: FeatureBank) -> None:
    for kind in ("tsne", "pca", "umap"):
        map_ = projection(made, kind)
        together = map_.place(made.vectors[:3] + np.float32(0.1))
        alone = np.concatenate(
            [map_.place(made.vectors[i : i + 1] + np.float32(0.1)) for i in range(3)]
        )
        np.testing.assert_allclose(together, alone, rtol=0, atol=1e-4)


def test_pca_is_the_first_two_components(made: FeatureBank) -> None:
    np.testing.assert_array_equal(projection(made, "pca").place(made.vectors), made.maps["pca"])


def test_umap_places_by_memberships(made: FeatureBank) -> None:
    (place,) = projection(made, "umap").place(made.vectors[7:8])
    near, away = neighbours(made, made.vectors[7], 15)
    assert near[0] == 7
    assert away[0] == 0
    weights = memberships(away)
    expected = sum(w * made.maps["umap"][row] for w, row in zip(weights, near, strict=True))
    np.testing.assert_allclose(place, expected / weights.sum(), rtol=0, atol=1e-5)


def test_memberships_add_up_and_fall() -> None:
    away = np.array([0.0, 1.0, 2.0, 4.0, 7.0, 8.0], np.float32)
    weights = memberships(away)
    assert weights.sum() == pytest.approx(math.log2(6), abs=1e-6)
    assert weights[0] == weights[1] == 1
    assert (np.diff(weights[1:]) < 0).all()
    np.testing.assert_array_equal(memberships(np.zeros(4, np.float32)), np.ones(4))


def test_neighbours_are_the_nearest_in_features(made: FeatureBank) -> None:
    vector = made.vectors[3] + np.float32(0.2)
    near, away = neighbours(made, vector, 4)
    slow = sorted((math.dist(each, vector), row) for row, each in enumerate(made.vectors.tolist()))
    assert near.tolist() == [row for _, row in slow[:4]]
    np.testing.assert_allclose(away, [gap for gap, _ in slow[:4]], rtol=1e-5)


def test_unknown_and_absent_maps_are_named(made: FeatureBank) -> None:
    with pytest.raises(UnknownNameError, match="tsne"):
        projection(made, "isomap")
    with pytest.raises(UnknownNameError):
        projection(replace(made, maps={"tsne": made.maps["tsne"]}), "umap")


def test_the_made_up_bank_is_what_it_says(made: FeatureBank) -> None:
    assert np.bincount(made.classes).tolist() == [PER_CLASS, PER_CLASS, 0, PER_CLASS]
