"""What the readers of pictures share; `tests/faces/test_pictures.py` asks more of it."""

import io

import pytest
from PIL import Image

from ferstudio.errors import ImageError
from ferstudio.picture_files import (
    MAX_MEGAPIXELS,
    MAX_SIDE_PX,
    check_megapixels,
    opened_picture,
    reduced,
)


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


def test_size_is_bounded() -> None:
    check_megapixels("It", 1000 * MAX_MEGAPIXELS, 1000)
    with pytest.raises(ImageError, match="^It has 120001 x 1000 pixels"):
        check_megapixels("It", 1000 * MAX_MEGAPIXELS + 1, 1000)
    assert reduced(Image.new("L", (2 * MAX_SIDE_PX, 8))).size == (MAX_SIDE_PX, 4)
    assert reduced(Image.new("L", (7, 8))).size == (7, 8)
