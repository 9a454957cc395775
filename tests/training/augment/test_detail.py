"""Sharper, softer and noisier pictures, each face by a chance of its own."""

import cv2
import numpy as np
import torch

from training.augment.detail import gaussian_blur, random_detail
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


def test_the_amounts_of_each_face_lie_between_none_and_the_largest() -> None:
    softer = contrast(changed(Detail(blur=0.05))) / contrast(faces())
    sharper = contrast(changed(Detail(sharpness=0.8))) / contrast(faces())
    assert sharper.unique().numel() == len(sharper)
    assert softer.unique().numel() > len(softer) / 2
    assert softer.max() <= 1 + 1e-5
    assert softer.min() < 0.9
    assert sharper.min() >= 1 - 1e-5
    assert sharper.max() > 1.2


def test_a_gaussian_blurs_as_opencv_does() -> None:
    pictures, sigmas = faces(3), torch.tensor([0.0, 0.7, 1.5])
    blurred = gaussian_blur(pictures, sigmas, 1.5)
    assert torch.allclose(blurred[0], pictures[0], atol=1e-6)
    for row in (1, 2):
        sigma = float(sigmas[row])
        wanted = cv2.GaussianBlur(
            pictures[row, 0].numpy(), (7, 7), sigma, borderType=cv2.BORDER_REPLICATE
        )
        np.testing.assert_allclose(blurred[row, 0].numpy(), wanted, atol=1e-5)


def test_a_flat_picture_stays_flat() -> None:
    flat = torch.full((2, 1, 12, 12), 0.4)
    assert torch.allclose(gaussian_blur(flat, torch.tensor([0.5, 2.0]), 2.0), flat, atol=1e-6)


def test_noise_is_as_large_as_asked_at_most_and_stays_in_range() -> None:
    difference = (changed(Detail(noise=0.05)) - faces()).std(dim=(1, 2, 3))
    assert (difference <= 0.06).all()
    assert difference.max() > 0.01
    strong = changed(Detail(noise=2.0))
    assert strong.min() >= 0
    assert strong.max() <= 1


def test_the_same_seed_gives_the_same_pictures() -> None:
    detail = Detail(blur=0.03, sharpness=0.5, noise=0.02)
    assert torch.equal(changed(detail, 3), changed(detail, 3))
    assert not torch.equal(changed(detail, 3), changed(detail, 4))
