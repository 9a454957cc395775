"""A face in a map: where it stands, what the network says of it, and whom it is like."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import UnknownNameError, WeightsError
from ferstudio.features import (
    BANK_FILE,
    FeatureBank,
    Projection,
    neighbours,
    projection,
    purity,
    usual_distance,
    write_bank,
)
from ferstudio.models import load_weights
from ferstudio.models.inference import answers_and_features
from ferstudio.preprocess import to_tensor
from ferstudio.sentences.features import far_sentence, feature_verdict
from ferstudio.studio import feature_space as module
from ferstudio.studio.feature_space import STEPS, FeatureMaps, FeatureSpace
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from ferstudio.ui.tabs.features.cards import notes
from tests.features.banks import WIDTH, bank
from tests.studio_parts import write_network


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    for model in ("resnet18", "acsinet"):
        write_network(folder, model)
    card = write_network(folder, "resnet18")
    rng = np.random.default_rng(0)
    made = bank()
    components = np.linalg.qr(rng.normal(size=(512, WIDTH)))[0].astype(np.float16)
    wide = replace(made, mean=np.zeros(512, np.float32), components=components.astype(np.float32))
    write_bank(folder / "resnet18.test", card, wide)
    return folder


@pytest.fixture(scope="module")
def studio(shelf: Path) -> Studio:
    return Studio(shelf)


def selection(crop: FaceCrop, cover: str = "lower") -> Selection:
    return Selection(crop, Cover(cover, 0.2, 3))


def test_the_way_leads_from_clean_to_wholly_covered(studio: Studio, crop: FaceCrop) -> None:
    space = studio.feature_space("resnet18.test", selection(crop), "pca")
    assert [step.amount for step in space.steps] == np.linspace(0, 1, STEPS).tolist()
    shares = [step.share for step in space.steps]
    assert shares[0] == 0
    assert sorted(shares) == shares
    np.testing.assert_array_equal(space.places, space.bank.maps["pca"])
    assert space.purity == purity(space.bank)


@pytest.mark.parametrize("cover", ["lower", "hottest"])
def test_each_step_is_what_the_network_makes_of_its_picture(
    studio: Studio, shelf: Path, crop: FaceCrop, cover: str
) -> None:
    asked, name = selection(crop, cover), "resnet18.test"
    space = studio.feature_space(name, asked, "pca")
    model = load_weights(shelf / name)
    for step in (space.steps[0], space.steps[3]):
        covered = studio.cover(
            asked.covered_by(replace(asked.cover, amount=step.amount)), name
        ).crop
        logits, features = answers_and_features(model, to_tensor(covered, model.card.input))
        vector = space.bank.reduced(features.numpy())
        np.testing.assert_allclose(step.prediction.logits, logits[0], rtol=0, atol=1e-4)
        (place,) = projection(space.bank, "pca").place(vector)
        np.testing.assert_allclose(step.place, place, rtol=0, atol=1e-3)
        np.testing.assert_array_equal(step.near, neighbours(space.bank, vector[0])[0])


def test_without_a_cover_there_is_the_face_alone(studio: Studio, crop: FaceCrop) -> None:
    (step,) = studio.feature_space("resnet18.test", selection(crop, NONE)).steps
    assert (step.amount, step.share) == (0, 0)


def test_what_isnt_there_is_named(studio: Studio, crop: FaceCrop) -> None:
    with pytest.raises(WeightsError, match=r"training\.features --weights acsinet\.test"):
        studio.feature_space("acsinet.test", selection(crop))
    with pytest.raises(UnknownNameError, match="isomap"):
        studio.feature_space("resnet18.test", selection(crop), "isomap")


def test_a_map_is_read_once(shelf: Path, crop: FaceCrop, tmp_path: Path) -> None:
    model = load_weights(shelf / "resnet18.test")
    (tmp_path / BANK_FILE).write_bytes((shelf / "resnet18.test" / BANK_FILE).read_bytes())
    maps, pictures = FeatureMaps(), [(0.0, 0.0, crop)]
    first = maps.space(model, tmp_path, pictures, "pca")
    (tmp_path / BANK_FILE).unlink()
    second = maps.space(model, tmp_path, pictures, "pca")
    assert second.bank is first.bank


def test_the_sentence_counts_the_neighbours(studio: Studio, crop: FaceCrop) -> None:
    space = studio.feature_space("resnet18.test", selection(crop), "pca")
    clean, *middle, last = space.steps
    own: FeatureBank = space.bank

    def rows(label: int, count: int) -> list[int]:
        return np.flatnonzero(own.classes == label)[:count].tolist()

    steps = (
        replace(clean, near=np.array(rows(1, 9) + rows(0, 1))),
        *middle,
        replace(last, near=np.array(rows(3, 6) + rows(1, 4))),
    )
    walked = replace(space, steps=steps)
    alone: FeatureSpace = replace(space, steps=steps[:1])
    assert str(feature_verdict([walked, alone])) == (
        "Of its 10 nearest faces: with ResNet-18 9 show happiness, covered 6 show sadness; "
        "with ResNet-18 9 show happiness."
    )
    kept = replace(space, steps=(clean, replace(clean, near=clean.near[:1])))
    emotion, count = space.shown_by(clean.near)
    assert str(feature_verdict([kept])).endswith(f"{count} show {emotion}, covered 1.")


def test_a_bank_is_read_and_judged_once_for_all_its_maps(
    shelf: Path, crop: FaceCrop, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[FeatureBank] = []

    def spy(bank: FeatureBank) -> float:
        judged.append(bank)
        return purity(bank)

    monkeypatch.setattr(module, "purity", spy)
    fresh = Studio(shelf)
    spaces = [
        fresh.feature_space("resnet18.test", selection(crop), kind) for kind in ("pca", "tsne")
    ]
    assert spaces[0].bank is spaces[1].bank is judged[0]
    assert len(judged) == 1


def test_two_maps_are_made_ready_at_the_same_time(
    shelf: Path, crop: FaceCrop, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2, timeout=5)

    def slow(bank: FeatureBank, kind: str) -> Projection:
        both.wait()  # breaks unless the other one is under way
        return projection(bank, kind)

    monkeypatch.setattr(module, "projection", slow)
    model, maps = load_weights(shelf / "resnet18.test"), FeatureMaps()
    with ThreadPoolExecutor(2) as threads:
        asked = [
            threads.submit(maps.space, model, shelf / "resnet18.test", [(0.0, 0.0, crop)], kind)
            for kind in ("pca", "tsne")
        ]
        assert [each.result().kind for each in asked] == ["pca", "tsne"]


def test_a_face_far_from_the_whole_map_is_said_to_be(studio: Studio, crop: FaceCrop) -> None:
    space = studio.feature_space("resnet18.test", selection(crop), "pca")
    clean, *middle, last = space.steps
    for step in space.steps:
        assert step.away > 0
    at_home, far = replace(clean, away=0.9), replace(clean, away=2.25)
    assert far_sentence(replace(space, steps=(at_home, *middle, replace(last, away=1.0)))) == ""
    said = far_sentence(replace(space, steps=(far, *middle, last)))
    assert said.startswith("The face is far from all faces of this map, 2.2 times as far")
    covered = far_sentence(replace(space, steps=(at_home, *middle, replace(last, away=1.5))))
    assert covered.startswith("The covered face is far")
    assert covered in notes(replace(space, steps=(at_home, *middle, replace(last, away=1.5))))


def test_distances_count_in_those_of_the_bank(shelf: Path, studio: Studio, crop: FaceCrop) -> None:
    space = studio.feature_space("resnet18.test", selection(crop), "pca")
    model = load_weights(shelf / "resnet18.test")
    _, features = answers_and_features(model, to_tensor(crop, model.card.input))
    _, distances = neighbours(space.bank, space.bank.reduced(features.numpy())[0])
    expected = distances.mean() / usual_distance(space.bank)
    assert space.steps[0].away == pytest.approx(expected, rel=1e-3)
