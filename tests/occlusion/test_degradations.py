"""Worse pictures of the whole face: how far they depart, and that they do so at every size."""

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.occlusion import Group, Need, list_occluders, occluder
from ferstudio.occlusion.degradations import BLUR_SHARE, CELLS, GAMMA, line_kernel
from ferstudio.types import FaceCrop
from tests.drawn_face import drawn_face
from tests.occlusion.crops import noise_crop

Image = NDArray[np.uint8]

NAMES = ("blur", "motion-blur", "noise", "darkness", "low-resolution", "jpeg")
TOLERANCE = {"jpeg": 0.3}
"""Levels by which the change may fall as the amount grows; elsewhere it is rounding alone."""

every_degradation = pytest.mark.parametrize("name", NAMES)


def smooth_picture(size_px: int) -> Image:
    y, x = np.mgrid[:size_px, :size_px] / size_px
    waves = np.sin(5 * x + 2 * y), np.cos(6 * y - x), np.sin(4 * (x - y))
    return np.rint(127 + 80 * np.stack(waves, axis=2)).astype(np.uint8)


def degraded(name: str, image: Image, amount: float, seed: int = 7) -> Image:
    crop = FaceCrop(image, None, np.eye(2, 3))
    return occluder(name).occlude(crop, amount, np.random.default_rng(seed)).crop.image


def change(first: Image, second: Image) -> float:
    return float(np.abs(first.astype(int) - second).mean())


def test_these_are_all_that_read_the_picture() -> None:
    assert [name for name in list_occluders() if occluder(name).needs is Need.PICTURE] == list(
        NAMES
    )
    assert {occluder(name).group for name in NAMES} == {Group.QUALITY}


@every_degradation
@pytest.mark.parametrize("amount", [0.01, 0.5, 1.0])
def test_the_whole_picture_counts_as_covered(name: str, amount: float) -> None:
    crop = noise_crop()
    result = occluder(name).occlude(crop, amount, np.random.default_rng(0))
    assert result.mask.all()
    assert result.share == 1
    overlay = occluder(name).draw(crop, amount, np.random.default_rng(0))
    np.testing.assert_array_equal(result.crop.image, overlay.colour)


@every_degradation
@pytest.mark.parametrize("size_px", [48, 96])
@pytest.mark.parametrize("kind", ["smooth", "noise"])
def test_change_never_falls_as_the_amount_grows(name: str, size_px: int, kind: str) -> None:
    image = smooth_picture(size_px) if kind == "smooth" else noise_crop("unknown", size_px).image
    for seed in range(2):
        changes = [
            change(degraded(name, image, float(amount), seed), image)
            for amount in np.linspace(0, 1, 26)
        ]
        assert np.diff(changes).min() >= -TOLERANCE.get(name, 0.02)
        assert changes[-1] > 5


@every_degradation
def test_three_tenths_are_mild_and_all_is_unreadable(name: str) -> None:
    """Measured by the correlation of the features: of what is left without the plain shading."""

    def features(image: Image) -> NDArray[np.float64]:
        grey = image.mean(axis=2)
        return grey - cv2.GaussianBlur(grey, (0, 0), 9)

    face = drawn_face(96)
    mild, half, full = (
        np.corrcoef(features(degraded(name, face, amount)).ravel(), features(face).ravel())[0, 1]
        for amount in (0.3, 0.6, 1.0)
    )
    assert mild > 0.85
    assert mild > half > full
    assert full < 0.7


@every_degradation
def test_a_face_looks_the_same_at_every_size(name: str) -> None:
    def small(image: Image) -> Image:
        return np.asarray(cv2.resize(image, (24, 24), interpolation=cv2.INTER_AREA), np.uint8)

    large_face = drawn_face(192)
    reduced = cv2.resize(large_face, (48, 48), interpolation=cv2.INTER_AREA)
    small_face = np.asarray(reduced, np.uint8)
    for amount in (0.3, 0.7, 1.0):
        large = degraded(name, large_face, amount)
        little = degraded(name, small_face, amount)
        apart = change(small(large), small(little))
        assert apart < max(2, 0.1 * change(large, large_face)), amount
        assert change(large, large_face) == pytest.approx(change(little, small_face), rel=0.15)


@every_degradation
def test_a_grey_picture_stays_grey(name: str) -> None:
    result = degraded(name, noise_crop(grey=True).image, 0.8)
    np.testing.assert_array_equal(result[:, :, 0], result[:, :, 1])
    np.testing.assert_array_equal(result[:, :, 0], result[:, :, 2])


@pytest.mark.parametrize("name", ["motion-blur", "noise", "darkness"])
def test_seeds_differ_where_there_is_chance(name: str) -> None:
    image = noise_crop().image
    assert len({degraded(name, image, 0.5, seed).tobytes() for seed in range(4)}) == 4


@pytest.mark.parametrize("name", ["blur", "low-resolution", "jpeg"])
def test_seeds_agree_where_there_is_none(name: str) -> None:
    image = noise_crop().image
    assert len({degraded(name, image, 0.5, seed).tobytes() for seed in range(4)}) == 1


def test_blur_has_the_stated_width() -> None:
    """The variance of a blurred edge's slope is the kernel's."""
    image = np.zeros((96, 96, 3), np.uint8)
    image[:, 48:] = 255
    slope = np.diff(degraded("blur", image, 0.5)[48, :, 0].astype(float))
    x = np.arange(95)
    centre = (slope * x).sum() / slope.sum()
    sigma = math.sqrt((slope * (x - centre) ** 2).sum() / slope.sum())
    assert sigma == pytest.approx(BLUR_SHARE * 96 * 0.5**1.5, rel=0.03)


@pytest.mark.parametrize("length_px", [0.0, 0.3, 1.0, 7.3, 15.0])
@pytest.mark.parametrize("angle", [0.0, 0.4, math.pi / 2, 2.5])
def test_line_kernel_against_a_loop(length_px: float, angle: float) -> None:
    kernel = line_kernel(length_px, angle)
    side = kernel.shape[0]
    assert side % 2 == 1
    expected = np.zeros((side, side))
    count = max(1, math.ceil(4 * length_px))
    for step in range(count):
        along = ((step + 0.5) / count - 0.5) * length_px
        x, y = side // 2 + along * math.cos(angle), side // 2 + along * math.sin(angle)
        for row in range(side):
            for column in range(side):
                weight = max(0.0, 1 - abs(x - column)) * max(0.0, 1 - abs(y - row))
                expected[row, column] += weight / count
    np.testing.assert_allclose(kernel, expected, atol=1e-9)
    assert kernel.sum() == pytest.approx(1)


def test_motion_leaves_what_lies_along_it() -> None:
    rows, columns = np.nonzero(line_kernel(20, 0.0))
    assert set(rows) == {11}
    assert (columns.min(), columns.max()) == (1, 21)


def test_noise_has_the_stated_spread_at_every_size() -> None:
    for size_px in (32, 48, 96, 192):
        grey = np.full((size_px, size_px, 3), 128, np.uint8)
        noise = degraded("noise", grey, 0.3)[:, :, 0].astype(float) - 128
        assert noise.std() == pytest.approx(255 * 0.01 * 50**0.3, rel=0.02)
        assert abs(noise.mean()) < 1


def test_darkness_halves_the_light_per_stop() -> None:
    """At 1 / 12 of the twelve stops there is one: half of the light."""
    white = np.full((48, 48, 3), 250, np.uint8)
    dark = degraded("darkness", white, (1 / 12) ** (1 / 1.5))
    light = (dark.mean() / 250) ** GAMMA
    assert light == pytest.approx(0.5, abs=0.005)


def test_dark_pictures_hold_little_but_noise() -> None:
    dark = degraded("darkness", drawn_face(96), 1.0)
    assert dark.max() < 24
    assert dark.std() > 1


@pytest.mark.parametrize(("amount", "cells"), [(0.25, 34), (0.5, 18), (1.0, CELLS[1])])
def test_low_resolution_has_as_many_colours_as_cells(amount: float, cells: int) -> None:
    size_px = 170
    rows = degraded("low-resolution", noise_crop("unknown", size_px).image, amount)
    changes = (np.diff(rows.astype(int), axis=0) != 0).any(axis=(1, 2)).sum()
    assert changes == cells - 1


def test_low_resolution_averages_each_cell() -> None:
    image = noise_crop("unknown", 40).image
    result = degraded("low-resolution", image, 1.0)
    for row in range(0, 40, 8):
        for column in range(0, 40, 8):
            cell = image[row : row + 8, column : column + 8].astype(float)
            mean = cell.mean(axis=(0, 1))
            shown = result[row : row + 8, column : column + 8]
            assert np.abs(shown - mean).max() <= 0.5


def test_jpeg_is_made_of_blocks_at_amount_one() -> None:
    """Four blocks along the side, of which most hold next to nothing but their mean."""
    face = drawn_face(128)
    shown = degraded("jpeg", face, 1.0).mean(axis=2)
    steps = np.abs(np.diff(shown, axis=1)).mean(axis=0)
    at_seams = [steps[seam - 1 - 2 : seam + 2].max() for seam in (32, 64, 96)]
    assert np.mean(at_seams) > 2 * np.median(steps)
