"""Painted layers and uploaded pictures with transparency."""

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import ImageError, UnknownNameError, UsageError
from ferstudio.occlusion.occluder import Occluded, covered_share
from ferstudio.occlusion.painted import (
    PAINTED,
    STICKER,
    Layer,
    layer_occluder,
    read_layer,
    read_painting,
)
from ferstudio.picture_files import MAX_SIDE_PX
from ferstudio.types import FaceCrop
from tests.drawn_face import drawn_face
from tests.occlusion.crops import noise_crop

Pixels = NDArray[np.uint8]


def paint(crop: FaceCrop, pixels: Pixels, amount: float = 1.0) -> Occluded:
    thing = layer_occluder(Layer(PAINTED, pixels))
    return thing.occlude(crop, amount, np.random.default_rng(0))


def encoded(pixels: Pixels, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def random_layer(height: int, width: int) -> Pixels:
    """Return noise in all of RGBA, with every fourth row wholly transparent."""
    layer = np.random.default_rng(2).integers(0, 256, (height, width, 4), dtype=np.uint8)
    layer[::4, :, 3] = 0
    return layer


def red_on_green(side: int) -> Pixels:
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


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="'poster'; choose from: painted, sticker"):
        Layer("poster", red_on_green(8))


def test_a_layer_equals_itself_only() -> None:
    pixels = red_on_green(8)
    layer = Layer(STICKER, pixels)
    assert [layer].index(layer) == 0
    assert layer != Layer(STICKER, pixels)


def test_a_smaller_amount_leaves_the_core() -> None:
    """The order is that of the distance to the nearest pixel that isn't covered, in a slow loop."""
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[2:13, 4:18] = (9, 9, 9, 255)
    pixels[9:20, 0:7] = (9, 9, 9, 120)
    whole = paint(grey_crop(20), pixels).mask
    bare = [(y, x) for y in range(-1, 21) for x in range(-1, 21)
            if not (0 <= y < 20 and 0 <= x < 20 and whole[y, x])]  # fmt: skip
    depth = {
        (y, x): min((y - v) ** 2 + (x - u) ** 2 for v, u in bare)
        for y in range(20)
        for x in range(20)
        if whole[y, x]
    }
    for amount in (0.01, 0.3, 0.62, 1.0):
        count = int(np.ceil(amount * len(depth)))
        first = sorted(depth, key=lambda place: (-depth[place], place))[:count]
        mask = paint(grey_crop(20), pixels, amount).mask
        assert {(int(y), int(x)) for y, x in np.argwhere(mask)} == set(first)


def test_a_painting_is_read_and_an_empty_one_is_none() -> None:
    pixels = np.full((4, 4, 4), 255, np.uint8)
    found = read_painting(encoded(pixels))
    assert found is not None
    np.testing.assert_array_equal(found, pixels)
    assert read_painting(encoded(np.zeros((4, 4, 4), np.uint8))) is None
    with pytest.raises(ImageError, match="no picture"):
        read_painting(b"scribble")


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
