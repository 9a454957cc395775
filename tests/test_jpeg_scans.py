"""Which JPEGs their decoder has to hold as a whole."""

import io

import pytest
from PIL import Image

from ferstudio.jpeg_scans import stays_whole_in_memory
from tests.made_files import jpeg_of_size


@pytest.mark.parametrize(("mode", "colours"), [("L", 1), ("RGB", 3), ("CMYK", 4)])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_progressive_one_is(mode: str, colours: int, *, progressive: bool) -> None:
    stream, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    picture = Image.new(mode, (40, 30))
    assert len(picture.getbands()) == colours
    picture.save(stream, "JPEG", progressive=progressive, exif=exif)
    stream.seek(5)
    assert stays_whole_in_memory(stream) == progressive
    assert stream.tell() == 5


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        (jpeg_of_size(8, 8), False),
        (jpeg_of_size(8, 8, scan=1), True),
        (jpeg_of_size(8, 8, frame=0xC1), False),
        (jpeg_of_size(8, 8, frame=0xC2), True),
        (jpeg_of_size(8, 8)[:12], True),
        (b"\xff\xd8", True),
        (b"\xff\xd8\x00\x00", True),
    ],
)
def test_so_is_one_whose_colours_lie_apart_and_what_is_not_understood(
    content: bytes, *, whole: bool
) -> None:
    assert stays_whole_in_memory(io.BytesIO(content)) == whole
