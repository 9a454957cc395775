"""The sample faces are all there, in order, and each averages enough people."""

from collections.abc import Callable

import numpy as np
import pytest

from ferstudio.errors import ImageError, UnknownNameError
from ferstudio.faces.mediapipe_detector import MediapipeDetector
from ferstudio.faces.samples import (
    SampleFace,
    list_samples,
    read_sample,
    sample_landmarks,
)
from ferstudio.labels import DISPLAY_ORDER
from ferstudio.preprocess import FRAMING_XY
from ferstudio.regions import anchor_points


def test_one_sample_per_emotion_in_display_order() -> None:
    assert tuple(sample.emotion for sample in list_samples()) == DISPLAY_ORDER


def test_every_sample_hides_its_people_in_a_crowd() -> None:
    assert all(60 <= sample.faces <= 150 for sample in list_samples())


@pytest.mark.parametrize("sample", list_samples(), ids=lambda sample: sample.emotion)
def test_pictures_are_grey_rgb_with_full_contrast(sample: SampleFace) -> None:
    image = sample.read()
    assert image.shape == (256, 256, 3)
    assert image.dtype == np.uint8
    assert (image == image[:, :, :1]).all()
    assert image.std() > 25
    assert (image == read_sample(sample.emotion)).all()


def test_pictures_differ() -> None:
    pictures = {sample.read().tobytes() for sample in list_samples()}
    assert len(pictures) == len(DISPLAY_ORDER)


def test_a_picture_belongs_to_the_caller() -> None:
    read_sample("anger")[:] = 0
    assert read_sample("anger").any()


@pytest.mark.parametrize("read", [read_sample, sample_landmarks])
def test_unknown_emotion_lists_the_known_ones(read: Callable[[str], object]) -> None:
    with pytest.raises(UnknownNameError, match="neutral, happiness"):
        read("boredom")


@pytest.mark.parametrize("emotion", DISPLAY_ORDER)
def test_landmarks_lie_where_the_framing_puts_the_face(emotion: str) -> None:
    points = sample_landmarks(emotion)
    assert (points.shape, points.dtype.name) == ((478, 2), "float32")
    np.testing.assert_allclose(anchor_points(points) / 256, FRAMING_XY, atol=0.05)


def test_landmarks_are_what_the_detector_finds() -> None:
    pytest.importorskip("mediapipe")
    found = MediapipeDetector().detect(read_sample("anger"))[0].landmarks_xy_px
    assert found is not None
    np.testing.assert_allclose(sample_landmarks("anger"), found, atol=1)


@pytest.mark.parametrize("file", ["absent.png", "samples.json"])
def test_missing_or_damaged_picture_is_said(file: str) -> None:
    with pytest.raises(ImageError, match=file):
        SampleFace("anger", file, 100, 9).read()
