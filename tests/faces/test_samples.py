"""The sample faces are all there, in order, and each averages enough people."""

import numpy as np
import pytest

from ferstudio.errors import ImageError, UnknownNameError
from ferstudio.faces.samples import SAMPLE_PX, SampleFace, list_samples, read_sample
from ferstudio.labels import DISPLAY_ORDER


def test_one_sample_per_emotion_in_display_order() -> None:
    assert tuple(sample.emotion for sample in list_samples()) == DISPLAY_ORDER


def test_every_sample_hides_its_people_in_a_crowd() -> None:
    assert all(60 <= sample.faces <= 150 for sample in list_samples())


@pytest.mark.parametrize("sample", list_samples(), ids=lambda sample: sample.emotion)
def test_pictures_are_grey_rgb_with_full_contrast(sample: SampleFace) -> None:
    image = sample.read()
    assert image.shape == (SAMPLE_PX, SAMPLE_PX, 3)
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


def test_unknown_emotion_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="neutral, happiness"):
        read_sample("boredom")


@pytest.mark.parametrize("file", ["absent.png", "samples.json"])
def test_missing_or_damaged_picture_is_said(file: str) -> None:
    with pytest.raises(ImageError, match=file):
        SampleFace("anger", file, 100, 9).read()
