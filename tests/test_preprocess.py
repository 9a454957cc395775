import gc
import math
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ferstudio import preprocess
from ferstudio.faces import align_face
from ferstudio.preprocess import (
    FRAMING_XY,
    apply_affine,
    as_seen,
    framing_transform,
    invert_affine,
    normalise,
    sample_faces,
    similarity,
    to_tensor,
    warp,
)
from ferstudio.regions import anchor_points
from ferstudio.types import Face, FaceCrop, InputSpec
from tests.drawn_face import drawn_face, mean_landmarks

ZERO, ONE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def turned(
    angle_deg: float, scale: float, pivot: tuple[float, float], target: tuple[float, float]
) -> NDArray[np.float64]:
    """Return the map that turns and scales about `pivot` and takes it to `target`."""
    angle = math.radians(angle_deg)
    c, s = scale * math.cos(angle), scale * math.sin(angle)
    linear = np.array([[c, -s], [s, c]])
    return np.hstack([linear, (np.array(target) - linear @ pivot)[:, None]])


def luma(images: torch.Tensor) -> torch.Tensor:
    """Return (N, 3, H, W) pictures whose three channels all are the luma (BT.601) of the given."""
    red, green, blue = images.unbind(1)
    return (0.299 * red + 0.587 * green + 0.114 * blue).unsqueeze(1).expand(-1, 3, -1, -1)


def spot(shape: tuple[int, int], x: float, y: float, sigma: float) -> NDArray[np.uint8]:
    """Return an (H, W, 3) picture of one round spot at a point in continuous pixels."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    light = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
    return np.repeat(np.rint(light).astype(np.uint8)[:, :, None], 3, axis=2)


def centre_of_light(image: NDArray[np.uint8]) -> tuple[float, float]:
    light = image[:, :, 0].astype(np.float64)
    rows, columns = np.mgrid[: light.shape[0], : light.shape[1]] + 0.5
    return float((light * columns).sum() / light.sum()), float((light * rows).sum() / light.sum())


def landmarks_at(points_xy: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the mean face's landmarks brought by a similarity to three anchor points."""
    unit = mean_landmarks(1)
    return apply_affine(similarity(anchor_points(unit), points_xy), unit)


@pytest.mark.parametrize("angle_deg", [0.0, 17.0, -90.0, 180.0])
@pytest.mark.parametrize("scale", [0.02, 1.0, 40.0])
def test_similarity_recovers_a_known_transform(angle_deg: float, scale: float) -> None:
    known = turned(angle_deg, scale, (3.0, -2.0), (100.0, 50.0))
    points = np.array([[0.0, 0.0], [5.0, 1.0], [-3.0, 8.0], [2.0, 2.0]])
    found = similarity(points, apply_affine(known, points).astype(np.float64))
    np.testing.assert_allclose(found, known, rtol=1e-5, atol=1e-4)


def test_similarity_needs_only_two_points() -> None:
    found = similarity(np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[5.0, 5.0], [5.0, 7.0]]))
    np.testing.assert_allclose(found, [[0, -2, 5], [2, 0, 5]], atol=1e-12)


def test_similarity_never_mirrors() -> None:
    mirrored = FRAMING_XY * (-1.0, 1.0)
    assert np.linalg.det(similarity(FRAMING_XY, mirrored)[:, :2]) > 0


def test_similarity_is_the_best_of_its_neighbours() -> None:
    rng = np.random.default_rng(3)
    source, target = rng.normal(size=(6, 2)), rng.normal(size=(6, 2))
    best = similarity(source, target)

    def error(matrix: NDArray[np.float64]) -> float:
        return float(((apply_affine(matrix, source) - target) ** 2).sum())

    for change in (
        [[0.01, 0, 0], [0, 0.01, 0]],
        [[0, 0.01, 0], [-0.01, 0, 0]],
        [[0, 0, 0.01], [0, 0, 0]],
        [[0, 0, 0], [0, 0, 0.01]],
    ):
        for sign in (1, -1):
            assert error(best + sign * np.array(change)) > error(best)


@pytest.mark.parametrize("margin_ratio", [0.0, 0.1, 0.5])
def test_framing_puts_eyes_and_mouth_where_fer2013_has_them(margin_ratio: float) -> None:
    anchors = apply_affine(turned(25, 180.0, (0.5, 0.5), (300.0, 200.0)), FRAMING_XY)
    landmarks = landmarks_at(anchors)
    to_crop = framing_transform(landmarks, 64, margin_ratio)
    framed = apply_affine(to_crop, anchor_points(landmarks)) / 64
    inner = framed * (1 + 2 * margin_ratio) - margin_ratio
    np.testing.assert_allclose(inner, FRAMING_XY, atol=0.02)


def test_the_inverse_undoes_the_map() -> None:
    matrix = turned(33, 1.7, (4, 9), (-20, 3))
    points = np.array([[0.0, 0.0], [12.5, -7.0]])
    there = apply_affine(matrix, points)
    np.testing.assert_allclose(apply_affine(invert_affine(matrix), there), points, atol=1e-5)


def test_an_unknown_point_stays_unknown() -> None:
    moved = apply_affine(IDENTITY, np.array([[np.nan, np.nan], [1.0, 2.0]]))
    assert moved.dtype == np.float32
    assert np.isnan(moved[0]).all()
    np.testing.assert_array_equal(moved[1], [1, 2])


@pytest.mark.parametrize("scale", [0.06, 0.2, 0.5, 0.74, 0.76, 1.0, 2.3, 5.0])
@pytest.mark.parametrize("angle_deg", [0.0, 30.0, -100.0])
def test_warp_puts_a_point_where_the_matrix_says(scale: float, angle_deg: float) -> None:
    pivot = (253.3, 187.8)
    picture = spot((401, 503), *pivot, sigma=max(2.0, 2.0 / scale))
    to_crop = turned(angle_deg, scale, pivot, (31.7, 33.4))
    assert centre_of_light(warp(picture, to_crop, 64)) == pytest.approx((31.7, 33.4), abs=0.06)


def test_warp_by_nothing_changes_nothing() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    np.testing.assert_array_equal(warp(picture, IDENTITY, 20), picture)


def test_warp_leaves_its_input_alone() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    before = picture.copy()
    warp(picture, turned(10, 0.3, (20, 20), (8, 8)), 16)
    np.testing.assert_array_equal(picture, before)


def test_warp_continues_the_edge() -> None:
    picture = np.zeros((10, 10, 3), np.uint8)
    picture[:, 5:] = 200
    wide = warp(picture, turned(0, 1, (5, 5), (50, 50)), 100)
    assert (wide[:, :40] == 0).all()
    assert (wide[:, 60:] == 200).all()


def test_warp_takes_grey_pictures_too() -> None:
    picture = drawn_face(64)
    to_crop = turned(12, 0.8, (32, 32), (20, 20))
    grey = warp(np.ascontiguousarray(picture[:, :, 1]), to_crop, 40)
    np.testing.assert_array_equal(grey, warp(picture, to_crop, 40)[:, :, 1])


def test_warp_does_not_alias_when_it_shrinks() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (256, 256), dtype=np.uint8)
    small = warp(noise, turned(20, 1 / 8, (128, 128), (10, 10)), 20)
    averaged = noise.std() / 8  # each pixel is the mean of 64
    assert 0.5 * averaged < small.std() < 1.2 * averaged
    assert small.mean() == pytest.approx(noise.mean(), abs=2)


@pytest.mark.parametrize("angle_deg", [0.0, 14.0])
@pytest.mark.parametrize("scale", [0.8, 1.0, 2.5])
def test_warp_and_sample_faces_agree(angle_deg: float, scale: float) -> None:
    """The studio's map in pixels and training's map in unit squares make the same crop."""
    source_px, size_px = 48, 60
    picture = drawn_face(source_px)
    to_crop = turned(angle_deg, scale, (24.0, 24.0), (31.0, 28.5))
    studio = torch.from_numpy(warp(picture, to_crop, size_px)).permute(2, 0, 1) / 255

    faces = torch.from_numpy(picture).permute(2, 0, 1).unsqueeze(0) / 255
    to_source = unit_map(invert_affine(to_crop), size_px, source_px)
    training = sample_faces(faces, to_source, size_px)[0]
    assert (studio - training).abs().max() < 0.012


def test_sample_faces_gives_each_picture_its_own_map() -> None:
    faces = torch.from_numpy(np.stack([drawn_face(48)] * 2)).permute(0, 3, 1, 2) / 255
    flipped = torch.tensor([[-1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    maps = torch.stack([torch.from_numpy(IDENTITY).float(), flipped])
    crops = sample_faces(faces, maps, 48)
    torch.testing.assert_close(crops[0], faces[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(crops[1], faces[1].flip(-1), atol=1e-5, rtol=0)


@pytest.mark.parametrize("size_px", [48, 112])
@pytest.mark.parametrize("margin_ratio", [0.0, 0.1])
def test_the_studio_shows_a_network_what_training_showed_it(
    size_px: int, margin_ratio: float
) -> None:
    """One 48-px face on both paths, to the last tensor.

    The studio goes by way of a 256-px crop of bytes, which costs one interpolation more.
    """
    spec = InputSpec(size_px, (0.5,) * 3, (0.25,) * 3, margin_ratio=margin_ratio)
    picture = drawn_face(48)
    # a face that is off FER2013's framing: turned, smaller and aside
    landmarks = apply_affine(turned(9, 0.85, (24, 24), (26, 23)), mean_landmarks(48))
    face = Face((5.0, 2.0, 45.0, 47.0), landmarks, 1.0)
    studio = to_tensor(align_face(picture, face, margin_ratio=margin_ratio), spec)

    forward = framing_transform(landmarks / 48, 1, margin_ratio)
    to_source = torch.from_numpy(invert_affine(forward)).float().unsqueeze(0)
    faces = torch.from_numpy(picture).permute(2, 0, 1).unsqueeze(0) / 255
    training = normalise(luma(sample_faces(faces, to_source, size_px)), spec)

    assert studio.shape == training.shape == (1, 3, size_px, size_px)
    apart = (studio - training).abs() * 0.25  # back in [0, 1] units
    assert apart.mean() < 0.003
    assert apart.max() < 0.05


def test_normalise_takes_out_mean_and_std_per_channel() -> None:
    spec = InputSpec(16, (0.1, 0.2, 0.3), (0.5, 0.25, 0.1))
    images = torch.tensor([0.6, 0.7, 0.5]).view(1, 3, 1, 1).expand(2, 3, 4, 4)
    expected = torch.tensor([1.0, 2.0, 2.0]).view(1, 3, 1, 1).expand(2, 3, 4, 4)
    torch.testing.assert_close(normalise(images, spec), expected)


def test_a_colour_network_sees_colour_and_a_grey_one_luma() -> None:
    crop = FaceCrop(drawn_face(64), None, IDENTITY)
    colour = as_seen(crop, InputSpec(64, ZERO, ONE, grayscale=False))
    grey = as_seen(crop, InputSpec(64, ZERO, ONE, grayscale=True))
    torch.testing.assert_close(
        colour, torch.from_numpy(crop.image).permute(2, 0, 1).unsqueeze(0) / 255
    )
    torch.testing.assert_close(grey, luma(colour))


def test_detail_is_reduced_to_what_training_had() -> None:
    """Stripes finer than the reduced picture vanish; what is coarse stays."""
    columns = np.arange(256)
    fine = np.where(columns % 4 < 2, 80, -80)
    coarse = np.where(columns < 128, 60, 160)
    stripes = np.clip(coarse + fine, 0, 255).astype(np.uint8)
    crop = FaceCrop(np.tile(stripes[None, :, None], (256, 1, 3)), None, IDENTITY)
    full = as_seen(crop, InputSpec(224, ZERO, ONE))
    reduced = as_seen(crop, InputSpec(224, ZERO, ONE, detail_px=48))
    assert full[..., 20:90].std() > 0.15
    assert reduced[..., 20:90].std() < 0.01
    assert reduced[..., 20:90].mean() == pytest.approx(float(full[..., 20:90].mean()), abs=0.01)
    assert reduced[..., 140:200].mean() > reduced[..., 20:90].mean() + 0.2


def test_detail_beyond_the_crops_own_is_left_as_it_is() -> None:
    crop = FaceCrop(drawn_face(64), None, IDENTITY)
    plain = as_seen(crop, InputSpec(112, ZERO, ONE))
    torch.testing.assert_close(as_seen(crop, InputSpec(112, ZERO, ONE, detail_px=64)), plain)


def test_the_tensor_is_what_is_seen_normalised() -> None:
    crop = FaceCrop(drawn_face(64), None, IDENTITY)
    spec = InputSpec(48, (0.4, 0.5, 0.6), (0.2, 0.3, 0.4), detail_px=32)
    tensor = to_tensor(crop, spec)
    assert tensor.shape == (1, 3, 48, 48)
    assert tensor.dtype == torch.float32
    torch.testing.assert_close(tensor, normalise(as_seen(crop, spec), spec))


def unit_map(matrix: NDArray[np.float64], from_px: int, to_px: int) -> torch.Tensor:
    """Return a (1, 2, 3) map between unit squares from one between pixels."""
    unit = matrix.copy()
    unit[:, :2] *= from_px / to_px
    unit[:, 2] /= to_px
    return torch.from_numpy(unit).float().unsqueeze(0)


def test_a_face_is_brought_to_a_spec_once_for_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    bring = preprocess._brought_to

    def count(images: torch.Tensor, *sizes_px: int) -> torch.Tensor:
        made.append(sizes_px[-1])
        return bring(images, *sizes_px)

    monkeypatch.setattr(preprocess, "_brought_to", count)
    crop = FaceCrop(spot((64, 64), 20, 30, 8), None, IDENTITY)
    small = InputSpec(size=32, mean=(0.5,) * 3, std=(0.2,) * 3)
    with torch.inference_mode():  # what is kept can be used with gradients, too
        first = to_tensor(crop, small)
    as_seen(crop, replace(small)).zero_()  # what is handed out is the asker's own
    again = to_tensor(crop, replace(small))
    assert made == [32]
    assert torch.equal(first, again)
    assert not again.is_inference()
    as_seen(crop, replace(small, size=48))
    as_seen(replace(crop), small)
    assert made == [32, 48, 32]


def test_what_was_made_of_a_face_goes_with_it() -> None:
    crop = FaceCrop(spot((64, 64), 20, 30, 8), None, IDENTITY)
    as_seen(crop, InputSpec(size=32, mean=ZERO, std=ONE))
    known = weakref.ref(crop)
    assert crop in preprocess._SEEN
    count = len(preprocess._SEEN)
    del crop
    gc.collect()
    assert known() is None
    assert len(preprocess._SEEN) < count
