"""Paint and stickers: what the browser sends becomes a layer, and what is wrong a sentence."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferstudio.errors import ImageError
from ferstudio.occlusion.painted import PAINTED, STICKER, Layer
from ferstudio.ui import words as text
from ferstudio.ui.parts.paint import paint_tools, painted, stuck, wants_sticker, with_layer
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


def test_the_button_for_stickers_is_there_for_stickers() -> None:
    assert wants_sticker(STICKER)[0].visible is True
    assert wants_sticker("scarf")[0].visible is False


def test_the_tools_have_one_brush_and_one_paint_chosen_and_are_hidden_at_first() -> None:
    html = paint_tools()
    assert html.startswith('<div class="easel" hidden>')
    assert html.count('aria-pressed="true"') == 2
    for title in (*text.BRUSHES.values(), *text.PAINTS.values(), text.ERASER):
        assert f'title="{title}"' in html
