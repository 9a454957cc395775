import pytest

from ferstudio.ui.crowd import MOST_WAITING, Crowd, FullError
from ferstudio.ui.page import THREADS
from ferstudio.ui.words import FULL


def test_so_many_have_a_place_and_the_next_one_is_told() -> None:
    crowd = Crowd(2)
    with crowd.place(), crowd.place():
        with pytest.raises(FullError, match="^The studio is full") as raised, crowd.place():
            pass
        assert str(raised.value) == FULL
    with crowd.place(), crowd.place():
        pass


def test_a_place_is_given_back_however_it_ends() -> None:
    crowd = Crowd(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), crowd.place():
            raise ValueError("broken")


def test_a_class_has_room_and_what_is_quick_has_threads_left() -> None:
    assert 50 < MOST_WAITING < THREADS / 2
