"""Layers and covers by heat: in Compare, in a sweep, in the feature space's way of asking."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import UsageError
from ferstudio.explain.explainer import explainer
from ferstudio.explain.leakage import leakage_share
from ferstudio.models.loading import load_weights
from ferstudio.occlusion.by_heat import CHANCE, COLDEST, GREY, HEAT, HOTTEST, heat_occluder
from ferstudio.occlusion.painted import PAINTED, STICKER, Layer
from ferstudio.preprocess import as_seen, to_pixels
from ferstudio.sentences.robustness import extent
from ferstudio.sentences.sentence import percent
from ferstudio.studio.robustness import RobustnessPlan, even_amounts, gallery
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.studio.sweep import Flip
from ferstudio.types import FaceCrop

NAMES = ("acsinet.test", "resnet18.test")


@pytest.fixture(scope="module")
def studio(shelf: Path) -> Studio:
    return Studio(shelf)


def heat_of(shelf: Path, name: str, crop: FaceCrop, method: str = "grad-cam") -> np.ndarray:
    return explainer(method).explain(load_weights(shelf / name), crop).heatmaps[0].values


def moustache(name: str = PAINTED) -> Layer:
    pixels = np.zeros((60, 60, 4), np.uint8)
    pixels[36:46, 18:42] = (30, 20, 10, 255)
    return Layer(name, pixels)


def test_each_model_is_covered_by_its_own_heat(studio: Studio, shelf: Path, crop: FaceCrop) -> None:
    selection = Selection(crop, Cover(HOTTEST, 0.3), NAMES)
    found = studio.compare(selection)
    seen = []
    for name, row in zip(NAMES, found.rows, strict=True):
        thing = heat_occluder(HOTTEST, heat_of(shelf, name, crop))
        alone = thing.occlude(crop, 0.3, np.random.default_rng(selection.cover.seed))
        expected = to_pixels(as_seen(alone.crop, load_weights(shelf / name).card.input))
        np.testing.assert_array_equal(row.covered.seen, expected)
        assert row.covered.heatmap is not None
        assert row.leakage_share == leakage_share(row.covered.heatmap, alone.mask)
        seen.append(alone)
    assert not np.array_equal(seen[0].mask, seen[1].mask)
    np.testing.assert_array_equal(found.mask, seen[0].mask)
    np.testing.assert_array_equal(found.covered.image, seen[0].crop.image)
    assert found.share == seen[0].share


def test_the_chosen_method_guides_and_the_usual_one_stands_in(
    studio: Studio, shelf: Path, crop: FaceCrop
) -> None:
    def mask(method: str) -> bytes:
        selection = Selection(crop, Cover(COLDEST, 0.4), NAMES, method)
        return studio.cover(selection, NAMES[1]).mask.tobytes()

    for method in ("grad-cam", "eigen-cam"):
        thing = heat_occluder(COLDEST, heat_of(shelf, NAMES[1], crop, method))
        assert mask(method) == thing.occlude(crop, 0.4, np.random.default_rng(7)).mask.tobytes()
    assert mask(NONE) == mask("grad-cam") != mask("eigen-cam")


def test_heat_needs_a_model(studio: Studio, crop: FaceCrop) -> None:
    with pytest.raises(UsageError, match="Choose a model whose heatmap"):
        studio.cover(Selection(crop, Cover(HOTTEST)))


def test_a_layer_covers_the_face_and_is_missed_where_it_is_not_there(
    studio: Studio, crop: FaceCrop
) -> None:
    selection = Selection(crop, Cover(PAINTED, 1.0, layers=(moustache(),)), NAMES)
    found = studio.compare(selection)
    assert 0.05 < found.share < 0.3
    assert (found.covered.image[found.mask] == (30, 20, 10)).all(axis=1).mean() > 0.7
    with pytest.raises(UsageError, match="no sticker yet"):
        studio.cover(selection.covered_by(replace(selection.cover, name=STICKER)))
    with pytest.raises(UsageError, match="Nothing is painted yet"):
        studio.compare(selection.covered_by(Cover(PAINTED, 1.0, layers=(moustache(STICKER),))))


def test_a_sweep_covers_each_model_by_its_own_heat(
    studio: Studio, shelf: Path, crop: FaceCrop
) -> None:
    asked = (HOTTEST, "lower", CHANCE, PAINTED)
    amounts = even_amounts(3)
    plan = RobustnessPlan(
        Selection(crop, Cover(seed=5, layers=(moustache(),)), NAMES, "eigen-cam"), asked, amounts
    )
    assert plan.occluders == ("lower", PAINTED, HOTTEST, CHANCE)
    *_, last = studio.robustness(plan)
    assert last.done
    for name, row in zip(NAMES, last.sweeps, strict=True):
        for cover, sweep in zip(plan.occluders, row, strict=True):
            assert sweep is not None
            assert sweep.by_share == (cover not in HEAT) != sweep.of_picture
            for amount, share, found in zip(
                amounts, sweep.shares, sweep.probabilities, strict=True
            ):
                alone = Selection(
                    crop, Cover(cover, amount, 5, plan.selection.cover.layers), (name,), "eigen-cam"
                )
                covered = studio.cover(alone)
                assert share == covered.share
                expected = studio.look(name, covered.crop).prediction.probabilities
                np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    first = studio.cover(Selection(crop, Cover(HOTTEST, amounts[0], 5), NAMES[:1], "eigen-cam"))
    np.testing.assert_array_equal(studio.film(plan, HOTTEST)[0].crop.image, first.crop.image)
    hidden = studio.film(plan, HOTTEST)[2].crop.image
    assert (hidden == GREY).all()


def test_nothing_is_drawn_for_a_sweep_that_misses_a_layer(studio: Studio, crop: FaceCrop) -> None:
    with pytest.raises(UsageError, match="Nothing is painted yet"):
        studio.robustness(RobustnessPlan(Selection(crop, models=NAMES), ("lower", PAINTED)))


def test_a_gallery_without_the_clean_face_holds_its_covers_only(crop: FaceCrop) -> None:
    things = {HOTTEST: heat_occluder(HOTTEST, np.eye(7, dtype=np.float32))}
    plan = RobustnessPlan(Selection(crop, models=NAMES), (HOTTEST,))
    assert gallery(plan, things, clean=False).parts == 1
    assert gallery(plan, things).parts == 2
    assert gallery(plan, {}, clean=False).parts == 0


def test_what_heat_takes_is_told_as_a_share_of_the_picture() -> None:
    assert extent(Flip(0.38, None, "fear", of_picture=True)) == f"{percent(0.38)} of the picture"
    assert extent(Flip(0.38, None, "fear")) == f"an amount of {percent(0.38)}"
