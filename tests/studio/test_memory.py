"""Results are kept by what was asked, shared, and forgotten with the face."""

from dataclasses import replace

import numpy as np
import pytest

from ferstudio.occlusion.painted import PAINTED, STICKER, Layer
from ferstudio.studio.memory import KEEP_S, ResultKey, ResultMemory, cover_value, face_digest
from ferstudio.studio.selection import Cover
from ferstudio.types import FaceCrop


def copy(crop: FaceCrop) -> FaceCrop:
    return replace(crop, image=crop.image.copy())


def layer(name: str, grey: int = 9) -> Layer:
    return Layer(name, np.full((4, 4, 4), grey, np.uint8))


def key(crop: FaceCrop) -> ResultKey:
    return ResultKey(face_digest(crop), "test", ("a",))


def test_a_face_is_known_by_its_content(crop: FaceCrop) -> None:
    digest = face_digest(crop)
    assert digest == face_digest(copy(crop))
    assert len(digest) == 16
    others = [
        replace(crop, image=np.flipud(crop.image)),
        replace(crop, landmarks_xy_px=None),
        replace(crop, to_source=2 * crop.to_source),
    ]
    assert len({digest, *map(face_digest, others)}) == 4


def test_a_cover_is_known_by_what_it_says_and_its_own_layer() -> None:
    painted = Cover(PAINTED, 1.0, layers=(layer(PAINTED), layer(STICKER)))
    assert cover_value(painted) == cover_value(replace(painted, layers=(layer(PAINTED),)))
    others = [
        replace(painted, layers=(layer(PAINTED, 8),)),
        replace(painted, amount=0.9),
        replace(painted, seed=8),
        replace(painted, name=STICKER),
    ]
    assert len({cover_value(each) for each in (painted, *others)}) == 5
    bars = Cover("lower", layers=(layer(PAINTED),))
    assert cover_value(bars) == cover_value(Cover("lower"))


def test_an_answer_is_found_once_for_all_who_ask_the_same(crop: FaceCrop) -> None:
    memory, found = ResultMemory(), list[np.ndarray]()

    def find() -> np.ndarray:
        found.append(np.zeros(100))
        return found[-1]

    assert memory.once(key(crop), find) is memory.once(key(copy(crop)), find)
    assert len(found) == 1
    assert memory.size_bytes == 800


def test_what_was_found_elsewhere_is_kept_the_same(crop: FaceCrop) -> None:
    memory, found = ResultMemory(), np.zeros(10)
    assert memory.peek(key(crop)) is None
    memory.put(key(crop), found)
    assert memory.peek(key(copy(crop))) is found
    assert memory.once(key(crop), lambda: pytest.fail("it is known")) is found


def test_a_face_is_forgotten_with_all_that_was_found_of_it(crop: FaceCrop) -> None:
    memory, other = ResultMemory(), replace(crop, image=np.flipud(crop.image))
    for face in (crop, other):
        memory.once(key(face), lambda: np.zeros(10))
    memory.forget(copy(crop))
    assert memory.size_bytes == 80
    memory.once(key(other), lambda: pytest.fail("it is another face's"))


def test_no_picture_is_kept_longer_than_five_minutes() -> None:
    assert KEEP_S <= 300
