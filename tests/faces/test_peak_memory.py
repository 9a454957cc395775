"""Whatever is uploaded, reading it and looking for faces takes bounded memory."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from ferstudio.picture_files import MAX_MEGAPIXELS

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")]

ROOT = Path(__file__).parents[2]
MOST_MB = 300
MOST_KEPT_MB = 100  # by all files together: what the detectors' libraries keep of each new size


def plane(megapixels: float, mode: str = "RGB") -> Image.Image:
    """Return a plain picture of just so many megapixels, four to three."""
    height = int((megapixels * 1e6 * 3 / 4) ** 0.5)
    return Image.new(mode, (int(megapixels * 1e6) // height, height), 90 if mode != "F" else 0.5)


def turned() -> dict[str, Any]:
    exif = Image.Exif()
    exif[0x0112] = 6
    return {"exif": exif}


def numbers(dtype: type) -> Image.Image:
    return Image.fromarray(np.full((4300, 5800), 60_000, dtype))


def film(mode: str) -> tuple[Image.Image, dict[str, Any]]:
    first, second = plane(4, mode), plane(4, mode)
    second.paste(0, (9, 9, 2000, 2000))
    return first, {"save_all": True, "append_images": [second, first] * 2}


FILES: dict[str, Callable[[], tuple[Image.Image, dict[str, Any]]]] = {
    "jpeg.jpg": lambda: (plane(30), {}),
    "largest.jpg": lambda: (plane(120), {}),
    "turned.jpg": lambda: (plane(30), turned()),
    "progressive.jpg": lambda: (plane(36), {"progressive": True, "subsampling": 0}),
    "grey.jpg": lambda: (plane(120, "L"), {}),
    "cmyk.jpg": lambda: (plane(30, "CMYK"), {}),
    "rgb.png": lambda: (plane(25), {}),
    "rgba.png": lambda: (plane(25, "RGBA"), {}),
    "palette.png": lambda: (plane(25, "P"), {"transparency": 90}),
    "bilevel.png": lambda: (plane(25, "1"), {}),
    "16bit.png": lambda: (numbers(np.uint16), {}),
    "film.png": lambda: film("RGBA"),
    "grey.gif": lambda: (plane(25, "L"), {}),
    "film.gif": lambda: film("L"),
    "rgb.bmp": lambda: (plane(25), {}),
    "rgb.ppm": lambda: (plane(25), {}),
    "lzw.tif": lambda: (plane(25), {"compression": "tiff_lzw"}),
    "turned.tif": lambda: (plane(25, "RGBA"), turned()),
    "32bit.tif": lambda: (numbers(np.int32), {}),
    "float.tif": lambda: (plane(25, "F"), {}),
    "lossy.webp": lambda: (plane(14), {"quality": 5, "method": 0}),
    "lossless.webp": lambda: (plane(14, "RGBA"), {"lossless": True, "quality": 0, "method": 0}),
    "film.webp": lambda: film("RGB"),
    "bomb.webp": lambda: (plane(119, "L"), {"lossless": True, "quality": 0, "method": 0}),
    "bomb.png": lambda: (plane(119, "L"), {}),
    "picture.avif": lambda: (plane(16), {"speed": 10}),
    "picture.heic": lambda: (plane(25), {"quality": 5}),
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    pillow_heif.register_heif_opener()
    folder = tmp_path_factory.mktemp("files")
    for name, make in FILES.items():
        image, options = make()
        image.save(folder / name, **options)
    command = [sys.executable, "-m", "tests.memory.reading", *(str(folder / n) for n in FILES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    read = map(json.loads, done.stdout.splitlines())
    return {row["file"]: row for row in read}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", FILES)
def test_the_peak_is_bounded(rows: dict[str, dict[str, Any]], name: str) -> None:
    assert rows[name]["peak_mb"] < MOST_MB, rows[name]


def test_little_is_kept(rows: dict[str, dict[str, Any]]) -> None:
    assert max(row["kept_mb"] for row in rows.values()) < MOST_KEPT_MB


def test_what_is_within_bounds_is_read_and_the_rest_refused(
    rows: dict[str, dict[str, Any]],
) -> None:
    refused = {name for name, row in rows.items() if "faces" not in row["said"]}
    assert refused == {name for name in FILES if name.startswith("bomb")}
    assert all("more than the" in rows[name]["said"] for name in refused)
    assert set(MAX_MEGAPIXELS) - {"MPO"} == {
        {"jpg": "JPEG", "tif": "TIFF", "heic": "HEIF"}.get(kind, kind.upper())
        for kind in (name.rpartition(".")[2] for name in FILES)
    }
