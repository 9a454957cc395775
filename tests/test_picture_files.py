"""What the readers of pictures share; `tests/faces/test_pictures.py` asks more of it."""

import io
import threading

import numpy as np
import pytest
from PIL import Image

from ferstudio.errors import ImageError
from ferstudio.picture_files import (
    FORMATS,
    MAX_FRAME_MEGAPIXELS,
    MAX_MEGAPIXELS,
    MAX_WHOLE_MEGAPIXELS,
    frame_numbers,
    opened_picture,
    strips,
    upright_pixels,
)
from tests.made_files import jpeg_of_size, png_of_size


def png(mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (5, 3)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "1"])
def test_a_picture_keeps_its_mode(mode: str) -> None:
    with opened_picture(png(mode)) as image:
        assert image.mode == mode
        assert image.size == (5, 3)


def test_trouble_with_the_picture_is_the_files_fault() -> None:
    with pytest.raises(ImageError, match="damaged"), opened_picture(png()):
        raise SyntaxError("broken chunk")
    with pytest.raises(ImageError, match="^too plain$"), opened_picture(png()):
        raise ImageError("too plain")


def test_every_format_has_a_bound() -> None:
    assert set(MAX_MEGAPIXELS) == {*FORMATS, "MPO"}
    assert all(most <= 25 for name, most in MAX_MEGAPIXELS.items() if name not in ("JPEG", "MPO"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (png_of_size(25_001, 1000), "has 25001 x 1000 pixels, more than the 25 megapixels"),
        (jpeg_of_size(12_001, 10_000), "has 12001 x 10000 pixels, more than 120 megapixels"),
        (jpeg_of_size(7201, 5000, scan=1), "more than the 36 megapixels of such a file"),
        (jpeg_of_size(8001, 5000, frame=0xC2), "or save it as a plain JPEG"),
    ],
)
def test_what_is_too_large_to_decode_is_refused_undecoded(content: bytes, said: str) -> None:
    with pytest.raises(ImageError, match=said), opened_picture(content):
        pass


def test_a_jpeg_may_be_larger_and_is_halved_until_it_is_small_enough() -> None:
    picture = Image.new("L", (7000, 5000), 90)
    stream = io.BytesIO()
    picture.save(stream, "JPEG")
    assert picture.width * picture.height > MAX_WHOLE_MEGAPIXELS * 1_000_000
    with opened_picture(stream.getvalue(), None) as image:
        assert image.size == (3500, 2500)


def test_strips_are_the_whole_picture_and_small() -> None:
    picture = Image.effect_noise((1500, 2001), 40)
    parts = list(strips(picture, step=3))
    assert all(part.width * part.height <= 1_000_000 for part in parts)
    assert all(part.height % 3 == 0 for part in parts[:-1])
    assert sum(part.height for part in parts) == 2001
    joined = np.concatenate([np.asarray(part) for part in parts])
    np.testing.assert_array_equal(joined, np.asarray(picture))


@pytest.mark.parametrize("step", [2, 3, 7])
def test_reduced_strips_are_the_reduced_picture(step: int) -> None:
    side = 301
    picture = Image.fromarray(
        np.random.default_rng(0).integers(0, 256, (1500, step * side, 3), dtype=np.uint8)
    )
    pixels = upright_pixels(picture, lambda strip: strip, max(1500, step * side) // step)
    whole = np.asarray(picture.reduce(step))
    assert max(pixels.shape) <= max(1500, step * side) // step
    assert np.abs(pixels.mean((0, 1)) - whole.mean((0, 1))).max() < 1


def test_frames_are_looked_at_as_far_as_decoding_them_is_quick() -> None:
    def film(side: int, count: int) -> Image.Image:
        stream = io.BytesIO()
        every = [Image.new("L", (side, side), shade) for shade in range(count)]
        every[0].save(stream, "GIF", save_all=True, append_images=every[1:])
        return Image.open(stream)

    assert frame_numbers(film(8, 4)) == ((1, 2, 3), 4)
    assert frame_numbers(Image.open(io.BytesIO(png()))) == ((), 1)
    numbers, count = frame_numbers(film(1768, 20))
    assert (max(numbers), count) == (14, 20)  # 15 frames of 3.1 megapixels are within 50
    large = film(int((MAX_FRAME_MEGAPIXELS * 1e6) ** 0.5) + 1, 3)
    assert frame_numbers(large) == ((), 3)


def test_large_pictures_are_decoded_one_at_a_time() -> None:
    stream = io.BytesIO()
    Image.new("L", (1200, 1000)).save(stream, "PNG")
    opened, finish, second = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with opened_picture(stream.getvalue()):
            opened.set()
            finish.wait(10)

    def follow() -> None:
        with opened_picture(stream.getvalue()):
            second.set()

    threads = [threading.Thread(target=work) for work in (hold, follow)]
    threads[0].start()
    assert opened.wait(10)
    threads[1].start()
    with opened_picture(png()):  # a small one passes
        assert not second.wait(0.1)
    finish.set()
    assert second.wait(10)
    for thread in threads:
        thread.join()
