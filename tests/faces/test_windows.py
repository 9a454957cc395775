import numpy as np
import pytest

from ferstudio.faces.windows import box_area_px, same_face, tiles, whole
from ferstudio.types import Face
from tests.drawn_face import drawn_face

LIMITS = {"min_px": 192, "max_px": 2048}


def boxed(left: float, top: float, right: float, bottom: float) -> Face:
    return Face((left, top, right, bottom), None, 1.0)


def test_a_picture_within_the_limits_is_shown_as_it_is() -> None:
    window = whole(drawn_face(200), **LIMITS)
    np.testing.assert_array_equal(window.image, drawn_face(200))
    assert (window.origin_xy_px, window.scale_xy) == ((0.0, 0.0), (1.0, 1.0))


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(62, 48, (192, 149)), (1, 1, (192, 192)), (3000, 4096, (1500, 2048)), (1, 4096, (1, 2048))],
)
def test_the_long_side_is_brought_into_the_limits(
    height: int, width: int, expected: tuple[int, int]
) -> None:
    window = whole(np.zeros((height, width, 3), np.uint8), **LIMITS)
    assert window.image.shape == (*expected, 3)
    corner = window.to_picture(np.array([expected[::-1]], np.float64))
    np.testing.assert_allclose(corner, [[width, height]], rtol=1e-6)


@pytest.mark.parametrize("size_px", [48, 400])
def test_points_find_back_over_border_and_scale(size_px: int) -> None:
    picture = np.zeros((size_px, size_px, 3), np.uint8)
    third = size_px // 3
    picture[third : 2 * third, third : 2 * third] = 255
    window = whole(picture, border_ratio=0.5, **LIMITS)
    rows, columns = np.nonzero(window.image[:, :, 0] > 127)
    edges = np.array([[columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1]], np.float64)
    np.testing.assert_allclose(
        window.to_picture(edges), [[third, third], [2 * third, 2 * third]], atol=0.5
    )


def test_the_border_continues_the_picture() -> None:
    window = whole(np.full((200, 200, 3), 90, np.uint8), border_ratio=0.25, **LIMITS)
    assert window.image.shape == (300, 300, 3)
    assert (window.image == 90).all()
    assert window.origin_xy_px == (-50.0, -50.0)


@pytest.mark.parametrize(("height", "width", "side_px"), [(100, 100, 50), (61, 150, 75), (7, 9, 5)])
def test_a_face_of_half_a_tile_lies_whole_in_one(height: int, width: int, side_px: int) -> None:
    picture = np.arange(height * width, dtype=np.uint32).view(np.uint8).reshape(height, width, 4)
    found = list(tiles(picture[:, :, :3], side_px))
    starts = []
    for tile in found:
        left, top = (int(value) for value in tile.origin_xy_px)
        extent = tile.image.shape
        np.testing.assert_array_equal(
            tile.image, picture[top : top + extent[0], left : left + extent[1], :3]
        )
        starts.append((left, top, left + extent[1], top + extent[0]))
    half = side_px // 2
    for left in range(width - half + 1):
        for top in range(max(1, height - half + 1)):
            assert any(
                x0 <= left and y0 <= top and left + half <= x1 and min(height, top + half) <= y1
                for x0, y0, x1, y1 in starts
            ), (left, top)


def test_a_picture_of_one_tile_has_one() -> None:
    assert len(list(tiles(drawn_face(64), 64))) == 1


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ((2, 2, 11, 11), True),
        ((9, 0, 19, 10), False),
        ((0, 0, 3, 3), False),
    ],
)
def test_boxes_of_one_face_hold_each_others_centres(
    other: tuple[float, ...], expected: bool
) -> None:
    one = boxed(0, 0, 10, 10)
    assert same_face(one, boxed(*other)) is expected
    assert same_face(boxed(*other), one) is expected


def test_area() -> None:
    assert box_area_px(boxed(1, 2, 4, 10)) == 24
