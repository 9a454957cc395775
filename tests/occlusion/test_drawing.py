"""Shapes, the picture's light and the head's axes."""

import numpy as np
import pytest

from ferstudio.occlusion.drawing import (
    head_frame,
    polygon_coverage,
    rounded,
    scene_light,
    smoothstep,
    strip,
)
from ferstudio.regions import anchor_points, landmarks_or_mean
from ferstudio.types import FaceCrop
from tests.occlusion.crops import noise_crop


def test_coverage_of_a_square_on_pixel_edges_is_exact_inside_and_outside() -> None:
    square = np.array([(4.0, 4), (12, 4), (12, 12), (4, 12)])
    coverage = polygon_coverage([square], 16)
    np.testing.assert_array_equal(coverage[5:11, 5:11], 1)
    assert not coverage[:3].any()
    assert not coverage[13:].any()
    assert coverage.sum() == pytest.approx(64, rel=0.08)


def test_coverage_is_of_the_union_and_clips_at_the_edge() -> None:
    left = np.array([(-5.0, -5), (8, -5), (8, 30), (-5, 30)])
    both = polygon_coverage([left, left + np.array([4, 0])], 16)
    assert both.max() == 1
    np.testing.assert_array_equal(both[:, :11], 1)
    assert not both[:, 13:].any()


def test_strip_has_the_width_asked_for() -> None:
    outline = strip(np.array([(0.0, 0), (10, 0), (20, 0)]), np.array([2.0, 4, 6]))
    np.testing.assert_allclose(outline[:3, 1], [1, 2, 3])
    np.testing.assert_allclose(outline[3:, 1], [-3, -2, -1])


def test_rounded_keeps_the_ends_and_cuts_the_corner() -> None:
    line = rounded(np.array([(0.0, 0), (1, 0), (1, 1)]))
    np.testing.assert_array_equal(line[0], (0, 0))
    np.testing.assert_array_equal(line[-1], (1, 1))
    assert np.linalg.norm(line - (1, 0), axis=1).min() > 0.1


def test_smoothstep_rises_from_zero_to_one() -> None:
    values = smoothstep(np.array([-1, 0, 1, 2, 9], dtype=np.float32), 0, 2)
    np.testing.assert_allclose(values, [0, 0, 0.5, 1, 1])


@pytest.mark.parametrize("pose", ["frontal", "rolled", "turned"])
def test_head_frame_maps_there_and_back_and_levels_the_eyes(pose: str) -> None:
    landmarks = landmarks_or_mean(noise_crop(pose).landmarks_xy_px, 48)
    frame = head_frame(landmarks, np.array([20.0, 22.0]))
    eyes = anchor_points(landmarks)[:2]
    local = frame.local(eyes)
    assert local[0, 1] == pytest.approx(local[1, 1])
    assert local[1, 0] > local[0, 0]
    np.testing.assert_allclose(frame.picture(local), eyes)
    across, down = frame.grid(48)
    x, y = frame.local(np.array([[7.5, 9.5]]))[0]
    assert across[9, 7] == pytest.approx(x, abs=1e-4)
    assert down[9, 7] == pytest.approx(y, abs=1e-4)


def test_light_follows_the_brighter_side() -> None:
    crop = noise_crop()
    ramp = np.linspace(40, 220, crop.size).astype(np.uint8)
    image = np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], crop.image.shape))
    light = scene_light(FaceCrop(image, crop.landmarks_xy_px, crop.to_source))
    assert light.monochrome
    assert light.gain[24, 40] > 1.1 * light.gain[24, 8]


def test_light_of_a_black_picture_and_of_a_face_outside_it_is_finite() -> None:
    crop = noise_crop()
    black = FaceCrop(np.zeros_like(crop.image), crop.landmarks_xy_px, crop.to_source)
    outside = FaceCrop(
        crop.image, landmarks_or_mean(None, crop.size) + np.float32(500), crop.to_source
    )
    for picture in (black, outside):
        gain = scene_light(picture).gain
        assert np.isfinite(gain).all()
        assert 0.4 < gain.min() <= gain.max() < 1.4


def test_colour_survives_in_a_coloured_picture_only() -> None:
    albedo = np.full((3, 48, 48), 100, dtype=np.float32)
    albedo[2] = 200
    coloured = scene_light(noise_crop()).lit(albedo)
    grey = scene_light(noise_crop(grey=True)).lit(albedo)
    assert (coloured[:, :, 2] > coloured[:, :, 0]).all()
    assert not np.ptp(grey, axis=2).any()
