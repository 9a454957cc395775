"""Sharper, softer and noisier pictures, each face by a chance of its own."""

import pytest
import torch

from training.augment.detail import random_detail
from training.recipes.settings import Detail


def faces(count: int = 6) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return 0.3 + 0.4 * torch.rand(count, 1, 16, 16, generator=generator)


def changed(detail: Detail, seed: int = 0) -> torch.Tensor:
    return random_detail(faces(), detail, torch.Generator().manual_seed(seed))


def contrast(pictures: torch.Tensor) -> torch.Tensor:
    return (pictures[..., 1:] - pictures[..., :-1]).abs().mean(dim=(1, 2, 3))


def test_no_change_of_detail_leaves_faces_as_they_are() -> None:
    assert torch.equal(changed(Detail()), faces())


def test_all_detail_taken_away_is_a_mean_of_nine() -> None:
    middle = changed(Detail(sharpness=(-1.0, -1.0)))[..., 5, 7]
    assert torch.allclose(middle, faces()[..., 4:7, 6:9].mean(dim=(2, 3)), atol=1e-6)


@pytest.mark.parametrize(("share", "sharper"), [(-0.7, False), (0.8, True)])
def test_the_sign_says_softer_or_sharper(share: float, sharper: bool) -> None:
    after = contrast(changed(Detail(sharpness=(share, share))))
    assert ((after > contrast(faces())) == sharper).all()


def test_each_face_gets_its_own_share_of_the_range() -> None:
    after = contrast(changed(Detail(sharpness=(-0.9, 0.9))))
    ratios = after / contrast(faces())
    assert ratios.unique().numel() == len(ratios)
    assert ratios.min() < 1 < ratios.max()


def test_noise_is_as_large_as_asked_at_most_and_stays_in_range() -> None:
    difference = (changed(Detail(noise=0.05)) - faces()).std(dim=(1, 2, 3))
    assert (difference <= 0.06).all()
    assert difference.max() > 0.01
    strong = changed(Detail(noise=2.0))
    assert strong.min() >= 0
    assert strong.max() <= 1


def test_the_same_seed_gives_the_same_pictures() -> None:
    detail = Detail(sharpness=(-0.5, 0.5), noise=0.02)
    assert torch.equal(changed(detail, 3), changed(detail, 3))
    assert not torch.equal(changed(detail, 3), changed(detail, 4))
