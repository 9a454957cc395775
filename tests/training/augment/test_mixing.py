"""Mixed batches against loops over pixels, and the distributions that are drawn from."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch import Tensor

from ferstudio.errors import UsageError
from training.augment.guidance import guide
from training.augment.mixing import mix, mixup_weight, pasted_area
from training.data.batches import training_faces
from training.data.table import FaceTable
from training.recipes import get_recipe
from training.recipes.settings import Guidance, Mixing

FACES, SIDE = 6, 12
MIXUP = Mixing(share=1.0, alpha=0.4)
CUTMIX = Mixing(share=1.0, cutmix_share=1.0)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch() -> tuple[Tensor, Tensor]:
    """Return random crops and a class of its own for each, so that targets name the partners."""
    crops = torch.rand(FACES, 2, SIDE, SIDE, generator=seeded(9), dtype=torch.float64)
    return crops, torch.eye(FACES, dtype=torch.float64)


def partner(target: Tensor, row: int) -> int:
    others = [k for k in range(FACES) if k != row and target[k] > 0]
    assert len(others) <= 1
    return others[0] if others else row


@pytest.mark.parametrize("seed", range(5))
def test_mixup_blends_faces_and_targets_alike(seed: int) -> None:
    crops, targets = batch()
    mixed, answers = mix(crops, targets, MIXUP, seeded(seed))
    shares = set()
    for row in range(FACES):
        mate = partner(answers[row], row)
        kept = answers[row, row].item()
        if mate != row:
            shares.add(round(kept, 7))
            assert answers[row, mate].item() == pytest.approx(1 - kept, abs=1e-9)
            expected = kept * crops[row] + (1 - kept) * crops[mate]
            torch.testing.assert_close(mixed[row], expected, rtol=0, atol=1e-6)
        else:
            torch.testing.assert_close(mixed[row], crops[row])
    assert len(shares) == 1 and 0 <= shares.pop() <= 1


@pytest.mark.parametrize("seed", range(8))
def test_cutmix_pastes_a_rectangle_and_counts_its_pixels(seed: int) -> None:
    crops, targets = batch()
    mixed, answers = mix(crops, targets, CUTMIX, seeded(seed))
    for row in range(FACES):
        mate = partner(answers[row], row)
        if mate == row:
            assert torch.equal(mixed[row], crops[row])
            continue
        foreign = [
            (y, x)
            for y in range(SIDE)
            for x in range(SIDE)
            if torch.equal(mixed[row, :, y, x], crops[mate, :, y, x])
        ]
        own = [
            (y, x)
            for y in range(SIDE)
            for x in range(SIDE)
            if torch.equal(mixed[row, :, y, x], crops[row, :, y, x])
        ]
        assert len(own) + len(foreign) == SIDE**2
        heights, widths = {y for y, _ in foreign}, {x for _, x in foreign}
        for places in (heights, widths):
            assert max(places) - min(places) + 1 == len(places)
        assert len(foreign) == len(heights) * len(widths)
        assert answers[row, mate].item() == pytest.approx(len(foreign) / SIDE**2, abs=1e-6)
        assert answers[row, row].item() == pytest.approx(len(own) / SIDE**2, abs=1e-6)


def test_the_pasted_rectangle_is_the_papers() -> None:
    for seed in range(30):
        area = pasted_area(20, seeded(seed))
        share, x, y = torch.rand(3, generator=seeded(seed)).tolist()
        side = math.sqrt(share) * 20
        for row in range(20):
            for column in range(20):
                inside = (
                    abs(column + 0.5 - x * 20) < side / 2 and abs(row + 0.5 - y * 20) < side / 2
                )
                assert area[row, column].item() == float(inside)


def test_the_pasted_area_is_drawn_evenly_before_it_is_cut_off() -> None:
    generator = seeded(0)
    areas = np.array([pasted_area(24, generator).mean().item() for _ in range(2000)])
    # A side a of the unit picture about an even point keeps a - a²/4 of its length on average.
    sides = np.sqrt((np.arange(1000) + 0.5) / 1000)
    assert areas.mean() == pytest.approx(np.mean((sides - sides**2 / 4) ** 2), abs=0.012)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_mixups_weight_follows_the_beta_distribution(alpha: float) -> None:
    generator = seeded(1)
    drawn = torch.stack([mixup_weight(alpha, generator) for _ in range(3000)])
    assert drawn.min() >= 0 and drawn.max() <= 1
    assert drawn.mean().item() == pytest.approx(0.5, abs=0.03)
    assert drawn.var().item() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.1)


def test_batches_are_mixed_as_often_as_asked() -> None:
    crops = torch.rand(4, 1, 8, 8, generator=seeded(0))
    targets, generator = torch.eye(4), seeded(2)
    mixing = Mixing(share=0.6, alpha=1.0, cutmix_share=0.25)
    blended = pasted = 0
    for _ in range(1500):
        mixed, answers = mix(crops, targets, mixing, generator)
        row = int((answers.diagonal() < 1).int().argmax())
        if torch.equal(answers, targets):
            continue
        if (mixed[row] == crops[row]).any() or (mixed[row] == crops[partner4(answers, row)]).any():
            pasted += 1
        else:
            blended += 1
    # One batch in 24 has each face as its own partner; some rectangles are empty.
    assert blended / 1500 == pytest.approx(0.6 * 0.75 * 23 / 24, abs=0.04)
    assert pasted / 1500 == pytest.approx(0.6 * 0.25 * 23 / 24, abs=0.04)


def partner4(answers: Tensor, row: int) -> int:
    others = answers[row].clone()
    others[row] = 0
    return int(others.argmax())


@pytest.mark.parametrize("mixing", [MIXUP, CUTMIX])
def test_targets_keep_their_sums_and_the_same_seed_mixes_the_same(mixing: Mixing) -> None:
    crops, targets = batch()
    targets = torch.rand(FACES, 5, generator=seeded(3)).softmax(dim=1)
    mixed, answers = mix(crops, targets, mixing, seeded(4))
    torch.testing.assert_close(answers.sum(dim=1), torch.ones(FACES))
    again = mix(crops, targets, mixing, seeded(4))
    assert torch.equal(mixed, again[0]) and torch.equal(answers, again[1])
    assert not torch.equal(mixed, mix(crops, targets, mixing, seeded(5))[0])


def test_a_face_without_a_label_takes_only_its_partners_share() -> None:
    crops, targets = torch.rand(2, 1, 4, 4), torch.tensor([[0.0, 0.0], [0.5, 0.5]])
    for seed in range(20):
        _, answers = mix(crops, targets, MIXUP, seeded(seed))
        assert answers.sum().item() == pytest.approx(1, abs=1e-6)


def test_nothing_is_drawn_or_changed_where_nothing_is_mixed() -> None:
    crops, targets = batch()
    generator = seeded(6)
    before = generator.get_state()
    mixed, answers = mix(crops, targets, Mixing(), generator)
    assert mixed is crops and answers is targets
    assert torch.equal(generator.get_state(), before)


def test_guided_faces_are_mixed_like_others(table: FaceTable) -> None:
    recipe = get_recipe("agfer.ferplus")
    faces = training_faces(table, recipe, torch.device("cpu"))
    assert faces.masks is not None
    still = torch.eye(2, 3).expand(len(faces), 2, 3)
    plain = faces.faces.float() / int(faces.faces.max())
    guided = guide(plain, faces.masks, still, Guidance(share=1.0), seeded(0))
    assert guided.max() > 1
    mixed, answers = mix(guided, faces.targets, CUTMIX, seeded(1))
    assert mixed.shape == guided.shape
    assert mixed.min() >= guided.min() and mixed.max() <= guided.max()
    assert not torch.equal(mixed, guided)
    torch.testing.assert_close(answers.sum(dim=1), torch.ones(len(faces)))


@pytest.mark.parametrize("wrong", [{"share": 1.1}, {"cutmix_share": -0.1}, {"alpha": 0.0}])
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(wrong))} is a number"):
        dataclasses.replace(MIXUP, **wrong)
