import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from ferstudio.errors import ImageError
from ferstudio.faces.pictures import BACKDROP, read_frames, read_picture
from ferstudio.picture_files import MAX_SIDE_PX, MORE_FRAMES
from tests.drawn_face import drawn_face
from tests.made_files import png_of_size

FACE = drawn_face(64)
RED, BLUE = (255, 0, 0), (0, 0, 255)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_pictures_come_out_as_they_went_in(kind: str) -> None:
    picture = read_picture(encoded(Image.fromarray(FACE), kind))
    np.testing.assert_array_equal(picture, FACE)
    assert picture.flags.writeable
    assert picture.flags.c_contiguous


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
def test_lossy_pictures_come_out_nearly_so(kind: str) -> None:
    picture = read_picture(encoded(Image.fromarray(FACE), kind))
    assert picture.shape == FACE.shape
    assert np.abs(picture.astype(int) - FACE.astype(int)).mean() < 4


def test_a_path_may_be_text_or_path(tmp_path: Path) -> None:
    file = tmp_path / "Gesicht – 面.png"
    Image.fromarray(FACE).save(file)
    np.testing.assert_array_equal(read_picture(file), FACE)
    np.testing.assert_array_equal(read_picture(str(file)), FACE)


def test_grey_and_bilevel_become_three_equal_channels() -> None:
    grey = FACE[:, :, 1]
    picture = read_picture(encoded(Image.fromarray(grey), "PNG"))
    np.testing.assert_array_equal(picture, np.repeat(grey[:, :, None], 3, axis=2))
    bilevel = read_picture(encoded(Image.fromarray(grey > 128), "PNG"))
    np.testing.assert_array_equal(bilevel[:, :, 0], (grey > 128) * 255)


def test_sixteen_bits_become_eight_over_the_same_range() -> None:
    deep = np.array([[0, 257, 32768, 65535]], np.uint16)
    picture = read_picture(encoded(Image.fromarray(deep), "PNG"))
    np.testing.assert_array_equal(picture[0, :, 0], [0, 1, 128, 255])


@pytest.mark.parametrize(
    ("bits", "brightest"), [(8, 200), (10, 1000), (12, 3000), (14, 9000), (16, 17000)]
)
def test_numbers_of_a_camera_are_read_over_the_range_that_they_use(
    bits: int, brightest: int
) -> None:
    deep = np.array([[0, brightest]], np.uint16)
    (picture,) = read_frames(encoded(Image.fromarray(deep), "PNG"))
    assert picture.image[0, 1, 0] == round(brightest * 255 / (2**bits - 1))
    said = [f"{bits} bits used"] if bits < 16 else []
    assert [note.chip for note in picture.notes] == said


def test_a_black_picture_of_any_depth_is_black() -> None:
    (picture,) = read_frames(encoded(Image.fromarray(np.zeros((4, 4), np.uint16)), "PNG"))
    assert picture.image.max() == 0
    assert picture.notes == ()


def test_frames_of_an_animation_come_evenly_and_a_photograph_has_one() -> None:
    levels = [Image.new("RGB", (8, 8), (10 * number,) * 3) for number in range(25)]
    content = encoded(levels[0], "GIF", save_all=True, append_images=levels[1:])
    seen = [int(picture.image[4, 4, 0]) // 10 for picture in read_frames(content)]
    assert len(seen) == 1 + MORE_FRAMES
    assert seen == sorted(seen)
    assert seen[:2] == [0, 1]
    assert len(list(read_frames(encoded(levels[3], "JPEG")))) == 1


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_pictures_of_telephones_are_read(kind: str) -> None:
    pillow_heif.register_heif_opener()
    picture = read_picture(encoded(Image.fromarray(FACE), kind, quality=90))
    assert picture.shape == FACE.shape
    assert np.abs(picture.astype(int) - FACE.astype(int)).mean() < 4


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_telephone_pictures_cut_short_are_refused(kind: str) -> None:
    pillow_heif.register_heif_opener()
    content = encoded(Image.fromarray(FACE), kind)
    with pytest.raises(ImageError, match="damaged or cut short|no picture that can be read"):
        read_picture(content[: len(content) // 2])


@pytest.mark.parametrize(("orientation", "quarters"), [(3, 2), (6, 1), (8, -1)])
@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_telephone_that_was_turned_gives_an_upright_picture(
    kind: str, orientation: int, quarters: int
) -> None:
    """Both formats hold the turn beside EXIF's word of it; it has to be made once."""
    pillow_heif.register_heif_opener()
    upright, exif = FACE[:40], Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(np.rot90(upright, quarters)))
    picture = read_picture(encoded(stored, kind, quality=90, exif=exif.tobytes()))
    assert picture.shape == upright.shape
    assert np.abs(picture.astype(int) - upright.astype(int)).mean() < 4


def test_floats_in_a_tiff_are_read() -> None:
    light = np.array([[0.0, 0.5, 1.0]], np.float32)
    picture = read_picture(encoded(Image.fromarray(light), "TIFF"))
    np.testing.assert_array_equal(picture[0, :, 0], [0, 128, 255])


def test_cmyk_becomes_rgb() -> None:
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    picture = read_picture(encoded(cmyk, "JPEG", quality=95))
    np.testing.assert_allclose(picture[4, 4], RED, atol=6)


def test_a_palette_becomes_its_colours() -> None:
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, *BLUE])
    np.testing.assert_array_equal(read_picture(encoded(palette, "PNG"))[0, 0], BLUE)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparent_pixels_show_the_backdrop(kind: str) -> None:
    image = Image.new("RGBA", (4, 4), (*RED, 0))
    image.paste((*RED, 255), (0, 0, 2, 4))
    picture = read_picture(encoded(image, kind, lossless=True))
    np.testing.assert_array_equal(picture[0, 3], BACKDROP)
    np.testing.assert_array_equal(picture[0, 0], RED)


def test_half_transparent_pixels_are_mixed_with_it() -> None:
    image = Image.new("LA", (2, 2), (255, 128))
    assert read_picture(encoded(image, "PNG"))[0, 0] == pytest.approx([192] * 3, abs=1)


def test_a_transparent_palette_colour_shows_the_backdrop() -> None:
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, *BLUE])
    content = encoded(palette, "PNG", transparency=1)
    np.testing.assert_array_equal(read_picture(content)[0, 0], BACKDROP)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_it_is_the_first_frame(kind: str) -> None:
    first, second = Image.new("RGB", (8, 8), RED), Image.new("RGB", (8, 8), BLUE)
    content = encoded(first, kind, save_all=True, append_images=[second])
    np.testing.assert_allclose(read_picture(content)[4, 4], RED, atol=6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_rotated_photograph_comes_out_upright(orientation: int) -> None:
    marked = FACE[:40].copy()
    stored = {
        1: marked,
        2: marked[:, ::-1],
        3: marked[::-1, ::-1],
        4: marked[::-1],
        5: marked.transpose(1, 0, 2),
        6: np.rot90(marked, 1),
        7: marked[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(marked, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(np.ascontiguousarray(stored[orientation]))
    np.testing.assert_array_equal(read_picture(encoded(image, "PNG", exif=exif)), marked)


def test_a_garbled_exif_block_costs_only_the_rotation() -> None:
    content = encoded(Image.fromarray(FACE), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_picture(content).shape == FACE.shape


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_large_picture_is_reduced(kind: str) -> None:
    image = Image.fromarray(FACE).resize((3000, 1500))
    picture = read_picture(encoded(image, kind))
    assert picture.shape == (MAX_SIDE_PX // 2, MAX_SIDE_PX, 3)
    small = np.asarray(Image.fromarray(picture).resize((64, 64), Image.Resampling.BOX))
    assert np.abs(small.astype(int) - FACE.astype(int)).mean() < 3


def test_a_very_long_picture_keeps_a_pixel_of_height() -> None:
    content = encoded(Image.new("RGB", (9000, 1), RED), "PNG")
    assert read_picture(content).shape == (1, MAX_SIDE_PX, 3)


def test_a_single_pixel_is_a_picture() -> None:
    content = encoded(Image.new("RGB", (1, 1), BLUE), "PNG")
    np.testing.assert_array_equal(read_picture(content), [[BLUE]])


@pytest.mark.parametrize("side_px", [12_000, 60_000])
def test_a_decompression_bomb_is_refused_unread(side_px: int) -> None:
    with (
        warnings.catch_warnings(),
        pytest.raises(ImageError, match="more than (the 25|120) megapixels.*reduce it first"),
    ):
        warnings.simplefilter("error")
        read_picture(png_of_size(side_px, side_px))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_file_cut_short_is_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), kind)
    with pytest.raises(ImageError, match="damaged or cut short|no picture that can be read"):
        read_picture(content[: int(share * len(content))])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_flipped_bytes_give_a_picture_or_one_sentence(kind: str) -> None:
    content = encoded(Image.fromarray(FACE), kind)
    rng = np.random.default_rng(1)
    for _ in range(60):
        broken = bytearray(content)
        for place in rng.integers(0, len(broken), 4):
            broken[place] ^= int(rng.integers(1, 256))
        assert_read_or_refused(bytes(broken))


def assert_read_or_refused(content: bytes) -> None:
    refusal = ""
    try:
        picture = read_picture(content)
    except ImageError as error:
        refusal = str(error)
    if refusal:
        assert refusal.startswith("The picture ")
        assert refusal.endswith(".")
    else:
        assert picture.shape[2] == 3
        assert max(picture.shape) <= MAX_SIDE_PX


def test_text_with_a_pictures_name_is_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "portrait.jpg"
    file.write_text("Dear Sir or Madam,\n" * 40)
    with pytest.raises(ImageError, match=r"^portrait\.jpg is no picture that can be read; convert"):
        read_picture(file)


@pytest.mark.parametrize("kind", ["EPS", "PDF"])
def test_formats_that_are_programs_are_refused(kind: str) -> None:
    with pytest.raises(ImageError, match="no picture that can be read"):
        read_picture(encoded(Image.fromarray(FACE), kind))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with pytest.raises(ImageError, match=r"^empty\.png is empty; choose"):
        read_picture(tmp_path / "empty.png")
    with pytest.raises(ImageError, match="^The picture is empty"):
        read_picture(b"")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"absent\.png doesn't exist"):
        read_picture(tmp_path / "absent.png")
    with pytest.raises(ImageError, match="is a folder, not a file"):
        read_picture(tmp_path)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([[np.nan, 0.5]], "NaN"),
        ([[np.inf, 0.5]], "NaN or infinite"),
        ([[-0.5, 0.5]], "from 0 to 1, but they run from -0.5 to 0.5"),
        ([[0.0, 300.0]], "from 0 to 255"),
    ],
)
def test_a_picture_of_numbers_that_are_no_brightness_is_refused(
    values: list[list[float]], words: str
) -> None:
    file = encoded(Image.fromarray(np.array(values, np.float32)), "TIFF")
    with pytest.raises(ImageError, match=words):
        read_picture(file)


@pytest.mark.parametrize(("white", "expected"), [(1.0, [0, 51]), (255.0, [0, 51])])
def test_a_picture_of_fractions_or_of_levels_becomes_bytes(
    white: float, expected: list[int]
) -> None:
    levels = np.array([[0.0, 0.2 * white]], np.float32)
    picture = read_picture(encoded(Image.fromarray(levels), "TIFF"))
    np.testing.assert_array_equal(picture[0, :, 0], expected)
