"""Paint and stickers: what the browser sends becomes a layer, and what is wrong a sentence."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferstudio.errors import ImageError
from ferstudio.occlusion.painted import PAINTED, STICKER, Layer
from ferstudio.ui import words
from ferstudio.ui.parts.paint import KEPT_PX, paint_tools, painted, stuck, with_layer
from tests.ui.events import event


def dots(alpha: int = 255) -> np.ndarray:
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[6:10, 6:10] = (200, 10, 10, alpha)
    return pixels


def png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def address(pixels: np.ndarray) -> str:
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


def test_a_stroke_becomes_a_layer() -> None:
    sticker = Layer(STICKER, dots())
    layers = painted((sticker,), event(layer=address(dots())))
    assert [layer.name for layer in layers] == [STICKER, PAINTED]
    assert layers[0] is sticker
    np.testing.assert_array_equal(layers[1].pixels, dots())
    again = painted(layers, event(layer=address(dots(90))))
    assert [layer.name for layer in again] == [STICKER, PAINTED]
    assert again[1].pixels[8, 8, 3] == 90


def test_a_wiped_canvas_is_no_layer() -> None:
    layers = painted((Layer(PAINTED, dots()),), event(layer=address(np.zeros_like(dots()))))
    assert layers == ()


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ImageError):
        painted((), event(layer="data:text/html;base64,AAAA"))


def test_a_sticker_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "hat.png"
    file.write_bytes(png(dots()))
    (layer,), note = stuck(str(file), ())
    assert (layer.name, note) == (STICKER, "")
    np.testing.assert_array_equal(layer.pixels, dots())


def test_a_sticker_without_transparency_changes_nothing_and_says_why(tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(png(np.full((8, 8, 3), 9, np.uint8)))
    before = (Layer(STICKER, dots()),)
    layers, note = stuck(str(file), before)
    assert layers is before
    assert "no transparent part" in note


def test_a_layer_replaces_its_namesake_only() -> None:
    first, second = Layer(PAINTED, dots()), Layer(STICKER, dots())
    assert with_layer((first, second), PAINTED, None) == (second,)
    assert [layer.name for layer in with_layer((first, second), PAINTED, dots())] == [
        STICKER,
        PAINTED,
    ]


def test_a_large_sticker_is_kept_no_larger_than_a_face(tmp_path: Path) -> None:
    large = np.zeros((600, 300, 4), np.uint8)
    large[200:400, 100:200] = (200, 10, 10, 255)
    file = tmp_path / "hat.png"
    file.write_bytes(png(large))
    (layer,), _ = stuck(str(file), ())
    assert layer.pixels.shape == (KEPT_PX, KEPT_PX // 2, 4)
    covered = layer.pixels[:, :, 3] > 127
    assert covered.mean() == pytest.approx(1 / 9, abs=0.01)
    colours = layer.pixels[covered][:, :3].astype(int)
    np.testing.assert_allclose(colours, np.broadcast_to((200, 10, 10), colours.shape), atol=2)


def test_a_painting_larger_than_the_easel_is_kept_no_larger_than_it() -> None:
    pixels = np.full((600, 1200, 4), 255, np.uint8)
    (layer,) = painted((), event(layer=address(pixels)))
    assert layer.pixels.shape == (KEPT_PX // 2, KEPT_PX, 4)


def test_the_tools_have_one_brush_and_one_paint_chosen_and_are_hidden_at_first() -> None:
    html = paint_tools()
    assert html.startswith('<div class="easel" hidden>')
    assert html.count('aria-pressed="true"') == 2
    for title in (*words.BRUSHES.values(), *words.PAINTS.values(), words.ERASER):
        assert f'title="{title}"' in html
