"""Many covers before several networks: every answer, few passes, no picture drawn twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.labels import FERPLUS
from ferstudio.models import LoadedModel, load_weights, model_entry
from ferstudio.occlusion.occluder import Occluded, Occluder, list_occluders
from ferstudio.preprocess import as_seen, to_detail, to_size, to_tensor
from ferstudio.studio import gallery
from ferstudio.studio.robustness import (
    Robustness,
    RobustnessPlan,
    even_amounts,
    robustness,
)
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop, InputSpec
from tests.networks import card, predict

NAMES = ("resnet18.test", "acsinet.test")
COVERS = ("sunglasses", "random", "lower")
WHITE = FaceCrop(np.full((96, 96, 3), 255, np.uint8), None, np.eye(2, 3))
AS_IT_IS = InputSpec(size=96, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


class Lightness(nn.Module):
    """Says neutral with probability 2 m - 1 and happiness with the rest, m being the lightness."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def forward(self, images: Tensor) -> Tensor:
        self.batches.append(len(images))
        neutral = (2 * images.mean(dim=(1, 2, 3)) - 1).clamp(1e-9, 1)
        rest = torch.full((len(images), len(FERPLUS) - 2), 1e-9)
        happiness = (1 - neutral).clamp(min=1e-9)
        return torch.cat([neutral[:, None], happiness[:, None], rest], dim=1).log()


def fake(tag: str = "fake", spec: InputSpec = AS_IT_IS) -> LoadedModel:
    known = replace(card("resnet18", tag=tag), input=spec)
    return LoadedModel(model_entry("resnet18"), known, Lightness().eval())


def batches(model: LoadedModel) -> list[int]:
    assert isinstance(model.module, Lightness)
    return model.module.batches


def shelf_of(*models: LoadedModel) -> Callable[[str], LoadedModel]:
    return {model.name: model for model in models}.__getitem__


def is_free(model: LoadedModel) -> bool:
    """Return whether another thread can have the network."""

    def take() -> bool:
        taken = model._lock.acquire(blocking=False)
        if taken:
            model._lock.release()
        return taken

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(take).result()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """Return the list of what is drawn from now on."""
    names: list[tuple[str, float]] = []
    occlude = Occluder.occlude

    def spy(self: Occluder, crop: FaceCrop, amount: float, rng: np.random.Generator) -> Occluded:
        names.append((self.name, amount))
        return occlude(self, crop, amount, rng)

    monkeypatch.setattr(Occluder, "occlude", spy)
    return names


@pytest.fixture(scope="module")
def studio(shelf: Path) -> Studio:
    return Studio(shelf)


@pytest.fixture(scope="module")
def found(studio: Studio, crop: FaceCrop) -> Robustness:
    *_, last = studio.robustness(
        RobustnessPlan(Selection(crop, Cover(seed=3), NAMES), COVERS, even_amounts(3))
    )
    return last


def test_all_answers_are_those_of_single_pictures(
    found: Robustness, studio: Studio, shelf: Path, crop: FaceCrop
) -> None:
    assert found.done
    for name, row, clean in zip(NAMES, found.sweeps, found.clean, strict=True):
        model = load_weights(shelf / name)
        (alone,) = predict(model, to_tensor(crop, model.card.input))
        assert clean is not None
        np.testing.assert_allclose(clean.probabilities, alone.probabilities, rtol=0, atol=1e-5)
        for cover, sweep in zip(COVERS, row, strict=True):
            assert sweep is not None
            pictures = studio.film(found.plan, cover)
            assert (sweep.model, sweep.occluder, sweep.clean) == (name, cover, clean)
            for picture, row_found in zip(pictures, sweep.probabilities, strict=True):
                (answer,) = predict(model, to_tensor(picture.crop, model.card.input))
                np.testing.assert_allclose(row_found, answer.probabilities, rtol=0, atol=1e-5)


def test_the_pictures_are_those_of_compare(
    found: Robustness, studio: Studio, crop: FaceCrop
) -> None:
    for cover, sweep in zip(COVERS, found.sweeps[0], strict=True):
        assert sweep is not None
        pictures = studio.film(found.plan, cover)
        for amount, picture, share in zip((1 / 3, 2 / 3, 1), pictures, sweep.shares, strict=True):
            same = studio.cover(Selection(crop, Cover(cover, amount, 3)))
            np.testing.assert_array_equal(picture.crop.image, same.crop.image)
            assert picture.share == share == same.share


def test_known_answers_give_known_curves() -> None:
    # `lower` blacks out 16 and 32 of 96 rows, so neutral falls from 1 to 2/3 and 1/3
    plan = RobustnessPlan(Selection(WHITE, models=("resnet18.fake",)), ("lower",), (0.5, 1.0))
    *_, last = robustness(plan, shelf_of(fake()))
    ((sweep,),) = last.sweeps
    assert sweep is not None
    assert (sweep.target, sweep.answers) == ("neutral", ("neutral", "happiness"))
    np.testing.assert_allclose(sweep.curve, [1, 2 / 3, 1 / 3], atol=1e-6)
    assert sweep.flip is not None
    assert sweep.flip.amount == pytest.approx(0.75, abs=1e-6)
    assert sweep.flip.share == pytest.approx(sweep.shares.mean(), abs=1e-6)
    assert sweep.area == pytest.approx(5 / 12 + 1 / 4, abs=1e-6)
    ((half,),) = last.matrix(dict.fromkeys(plan.occluders, 0.4))
    assert half is not None
    assert (half.amount, half.answer, half.flipped) == (0.5, "neutral", False)


def test_few_large_batches_and_every_picture_drawn_once(
    drawn: list[tuple[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "CHUNK", 5)
    one, other = fake("one"), fake("other", replace(AS_IT_IS, size=32, detail_px=48))
    names, covers = (one.name, other.name), (*COVERS, "upper")
    plan = RobustnessPlan(Selection(WHITE, models=names), covers, even_amounts(3))
    *_, last = robustness(plan, shelf_of(one, other))
    assert sorted(drawn) == sorted(product(covers, even_amounts(3)))
    assert batches(one) == batches(other) == [1, 5, 5, 2]
    assert all(sweep is not None for row in last.sweeps for sweep in row)


def test_it_starts_at_once_and_grows(
    drawn: list[tuple[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "CHUNK", 4)
    models = {model.name: model for model in (fake("one"), fake("other"))}
    loads: list[str] = []

    def load(name: str) -> LoadedModel:
        loads.append(name)
        return models[name]

    plan = RobustnessPlan(Selection(WHITE, models=tuple(models)), COVERS, even_amounts(3))
    steps = robustness(plan, load)
    first = next(steps)
    assert (loads, drawn, first.share_done) == ([], [], 0)
    assert first.matrix(dict.fromkeys(COVERS, 1.0)) == ((None,) * 3,) * 2
    assert first.clean == (None, None)
    rest = list(steps)
    shares = [step.share_done for step in (first, *rest)]
    assert shares == sorted(shares)
    assert [step.done for step in rest] == [False] * (len(rest) - 1) + [True]
    assert loads == list(models)
    assert [first.doing, *(step.doing for step in rest)] == [
        "Loading resnet18.one", *["Asking ResNet-18"] * 5,
        "Loading resnet18.other", *["Asking ResNet-18"] * 4, "Done",
    ]  # fmt: skip
    known = [sum(s is not None for row in step.sweeps for s in row) for step in rest]
    assert known == [0, 0, 1, 2, 3, 3, 3, 3, 4, 5, 6]
    clean_only, four = rest[1], rest[2]
    assert clean_only.clean[0] is not None
    assert [sweep is not None for sweep in four.sweeps[0]] == [True, False, False]
    assert [cell is not None for cell in four.matrix(dict.fromkeys(COVERS, 1.0))[0]] == [
        True,
        False,
        False,
    ]
    assert [sweep.occluder for sweep in four.under("sunglasses")] == ["sunglasses"]
    assert four.under("lower") == ()


def test_whoever_stops_leaves_nothing_behind(
    drawn: list[tuple[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "CHUNK", 2)
    model = fake()
    plan = RobustnessPlan(Selection(WHITE, models=(model.name,)), COVERS, even_amounts(4))
    steps = robustness(plan, shelf_of(model))
    for _ in range(4):
        seen = next(steps)
        assert is_free(model)
    steps.close()
    assert batches(model) == [1, 2]
    assert len(drawn) == 2
    assert is_free(model)
    assert not seen.done


def test_all_specs_see_what_one_by_one_shows(crop: FaceCrop) -> None:
    pictures = np.stack([crop.image, crop.image[::-1], 255 - crop.image])
    for size, grayscale, detail_px in product((64, 112), (True, False), (0, 48, 200)):
        spec = replace(AS_IT_IS, size=size, grayscale=grayscale, detail_px=detail_px)
        together = to_size(to_detail(pictures, spec), spec)
        assert together.shape == (3, 3, size, size)
        for picture, seen in zip(pictures, together, strict=True):
            alone = as_seen(FaceCrop(picture, None, np.eye(2, 3)), spec)[0]
            torch.testing.assert_close(seen, alone, rtol=0, atol=1e-6)


def test_names_are_completed_and_asked_once(studio: Studio, crop: FaceCrop) -> None:
    plan = RobustnessPlan(
        Selection(crop, models=("resnet18", "resnet18.test")), ("lower", "lower"), (1.0,)
    )
    *_, last = studio.robustness(plan)
    assert last.plan.models == ("resnet18.test",)
    assert last.plan.occluders == ("lower",)
    assert [len(row) for row in last.sweeps] == [1]


def test_even_amounts() -> None:
    assert even_amounts(1) == (1.0,)
    assert even_amounts(8) == (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)
    assert RobustnessPlan(Selection(WHITE), ()).amounts == even_amounts(8)
    with pytest.raises(UsageError, match="at least one step, not 0"):
        even_amounts(0)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"selection": Selection(WHITE)}, UsageError, "at least one model"),
        ({"occluders": ()}, UsageError, "at least one occluder"),
        (
            {"selection": Selection(WHITE, models=("vgg",))},
            UnknownNameError,
            "'vgg'; choose from: acsinet.test",
        ),
        ({"occluders": ("hat",)}, UnknownNameError, f"'hat'; choose from: {list_occluders()[0]}"),
        ({"amounts": ()}, UsageError, "must rise from above 0 to 1"),
        ({"amounts": (0.0, 1.0)}, UsageError, "must rise"),
        ({"amounts": (0.5, 0.5, 1.0)}, UsageError, "must rise"),
        ({"amounts": (0.5, 0.9)}, UsageError, "must rise"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(
    studio: Studio, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        studio.robustness(
            replace(RobustnessPlan(Selection(WHITE, models=("resnet18",)), ("lower",)), **change)
        )
