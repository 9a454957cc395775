"""Painted layers and uploaded pictures with transparency."""

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import ImageError, UsageError
from ferstudio.occlusion.occluder import covered_share
from ferstudio.occlusion.painted import paint, painted_mask, read_layer
from ferstudio.picture_files import MAX_SIDE_PX
from ferstudio.types import FaceCrop
from tests.drawn_face import drawn_face
from tests.occlusion.crops import noise_crop

Layer = NDArray[np.uint8]


def encoded(pixels: Layer, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def random_layer(height: int, width: int) -> Layer:
    """Return noise in all of RGBA, with every fourth row wholly transparent."""
    layer = np.random.default_rng(2).integers(0, 256, (height, width, 4), dtype=np.uint8)
    layer[::4, :, 3] = 0
    return layer


def red_on_green(side: int) -> Layer:
    """Return an opaque red square amid transparent pixels that are green underneath."""
    layer = np.zeros((side, side, 4), np.uint8)
    layer[:] = (0, 255, 0, 0)
    layer[side // 4 : -side // 4, side // 4 : -side // 4] = (255, 0, 0, 255)
    return layer


def grey_crop(size_px: int, level: int = 100) -> FaceCrop:
    return FaceCrop(np.full((size_px, size_px, 3), level, np.uint8), None, np.eye(2, 3))


def test_paint_against_a_slow_loop() -> None:
    crop, layer = noise_crop("frontal", 12), random_layer(12, 12)
    result = paint(crop, layer)
    for row in range(12):
        for column in range(12):
            *colour, alpha = (int(value) for value in layer[row, column])
            assert result.mask[row, column] == (alpha > 0)
            for channel in range(3):
                under = int(crop.image[row, column, channel])
                mixed = (under * (255 - alpha) + colour[channel] * alpha) / 255
                assert abs(int(result.crop.image[row, column, channel]) - mixed) <= 0.501
    np.testing.assert_array_equal(result.crop.image[~result.mask], crop.image[~result.mask])
    assert result.share == covered_share(result.mask, crop)
    assert result.crop.landmarks_xy_px is crop.landmarks_xy_px


def test_reduction_weighs_colours_by_their_opacity() -> None:
    """Each pixel of the crop shows the mean of 3 x 3 mixed pixels."""
    crop, layer = grey_crop(8), random_layer(24, 24)
    result = paint(crop, layer)
    for row in range(8):
        for column in range(8):
            cell = layer[3 * row : 3 * row + 3, 3 * column : 3 * column + 3].reshape(9, 4)
            for channel in range(3):
                mixed = [
                    (100 * (255 - int(pixel[3])) + int(pixel[channel]) * int(pixel[3])) / 255
                    for pixel in cell
                ]
                shown = int(result.crop.image[row, column, channel])
                assert abs(shown - sum(mixed) / 9) <= 1.01


@pytest.mark.parametrize("side", [7, 20, 37, 64, 300])
def test_transparent_pixels_leave_no_fringes(side: int) -> None:
    """Red over grey holds no green and is nowhere darker than both."""
    result = paint(grey_crop(50), red_on_green(side))
    red, green, blue = (result.crop.image[:, :, i].astype(int) for i in range(3))
    assert red.min() >= 100 and red.max() == 255
    assert green.max() == 100
    np.testing.assert_array_equal(green, blue)
    line = 100 - (red - 100) * 100 / 155
    assert np.abs(green - line).max() <= 1.5


def test_a_layer_that_isnt_square_is_fitted_not_stretched() -> None:
    wide = np.zeros((10, 40, 4), np.uint8)
    wide[:] = (1, 2, 3, 255)
    mask = paint(grey_crop(40), wide).mask
    np.testing.assert_array_equal(np.flatnonzero(mask.any(axis=1)), np.arange(15, 25))
    assert mask.any(axis=0).all()
    np.testing.assert_array_equal(paint(grey_crop(40), wide.transpose(1, 0, 2)).mask, mask.T)


def test_an_empty_layer_changes_nothing() -> None:
    crop = noise_crop()
    result = paint(crop, np.zeros((9, 9, 4), np.uint8))
    np.testing.assert_array_equal(result.crop.image, crop.image)
    assert not result.mask.any()
    assert result.share == 0


def test_inputs_are_untouched() -> None:
    crop, layer = noise_crop(), random_layer(48, 48)
    before = crop.image.copy(), layer.copy()
    result = paint(crop, layer)
    np.testing.assert_array_equal(crop.image, before[0])
    np.testing.assert_array_equal(layer, before[1])
    assert not np.shares_memory(result.crop.image, crop.image)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 3), (0, 4, 4)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match=r"\(H, W, 4\)"):
        paint(noise_crop(), np.zeros(shape, np.uint8))


def test_other_types_are_refused() -> None:
    floats: Any = np.zeros((4, 4, 4), np.float32)
    with pytest.raises(UsageError, match="uint8"):
        paint(noise_crop(), floats)


def test_painted_mask_is_flat_and_where_the_mask_is() -> None:
    crop = noise_crop()
    mask = np.random.default_rng(1).random((48, 48)) < 0.3
    result = painted_mask(crop, mask, (10, 20, 30))
    np.testing.assert_array_equal(result.mask, mask)
    assert (result.crop.image[mask] == (10, 20, 30)).all()
    np.testing.assert_array_equal(result.crop.image[~mask], crop.image[~mask])


def test_painted_mask_of_another_size_covers_the_same_share() -> None:
    mask = np.zeros((200, 200), bool)
    mask[50:150, 50:150] = True
    assert painted_mask(grey_crop(48), mask, (0, 0, 0)).mask.mean() == pytest.approx(0.25, abs=0.01)


def test_bad_masks_and_colours_are_refused() -> None:
    numbers: Any = np.zeros((4, 4))
    for mask in (numbers, np.zeros(4, bool)):
        with pytest.raises(UsageError, match="bool"):
            painted_mask(noise_crop(), mask, (0, 0, 0))
    with pytest.raises(UsageError, match="levels"):
        painted_mask(noise_crop(), np.zeros((4, 4), bool), (0, 0, 256))


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_a_layer_is_read_as_it_was_written(kind: str, options: dict[str, Any]) -> None:
    layer = red_on_green(16)
    found = read_layer(encoded(layer, kind, **options))
    assert found.dtype == np.uint8
    assert found.flags.writeable
    np.testing.assert_array_equal(found[:, :, 3], layer[:, :, 3])
    np.testing.assert_array_equal(found[found[:, :, 3] > 0], layer[layer[:, :, 3] > 0])


def test_a_palette_with_a_transparent_colour_is_read() -> None:
    image = Image.new("P", (6, 4), 0)
    image.putpalette([9, 9, 9, 200, 100, 50])
    image.putpixel((2, 1), 1)
    stream = io.BytesIO()
    image.save(stream, "PNG", transparency=0)
    found = read_layer(stream.getvalue())
    assert found.shape == (4, 6, 4)
    np.testing.assert_array_equal(found[1, 2], (200, 100, 50, 255))
    assert found[:, :, 3].sum() == 255


def test_a_layer_is_upright() -> None:
    layer = red_on_green(8)
    layer[:2, :, 3] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    found = read_layer(encoded(layer, exif=exif))
    np.testing.assert_array_equal(found[:, :, 3], np.rot90(layer[:, :, 3], -1))


def test_a_large_layer_is_reduced() -> None:
    layer = np.zeros((4, 2 * MAX_SIDE_PX, 4), np.uint8)
    layer[:, :MAX_SIDE_PX] = 255
    assert read_layer(encoded(layer)).shape == (2, MAX_SIDE_PX, 4)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "is empty"),
        (b"not a picture", "no picture that can be read"),
        (encoded(red_on_green(64))[:80], "damaged or cut short"),
        (encoded(drawn_face(32), "JPEG"), "no transparent part"),
        (encoded(drawn_face(32)), "no transparent part"),
        (encoded(np.full((4, 4, 4), 255, np.uint8)), "no transparent part"),
        (encoded(np.zeros((4, 4, 4), np.uint8)), "transparent everywhere"),
    ],
)
def test_what_is_no_layer_is_refused_in_one_sentence(data: bytes, complaint: str) -> None:
    with pytest.raises(ImageError, match=complaint) as caught:
        read_layer(data)
    message = str(caught.value)
    assert message.endswith(".")
    assert message.count(". ") == 0
