"""Pauses reach whoever runs the work, and locks keep nobody else from running."""

import threading
from collections.abc import Callable

import pytest

from ferstudio.pauses import Turn, TurnLock, in_turns, part, pause, taking


class Noted:
    """A turn that notes what it is told, and waits without end unless it is told to fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self.paused: list[float | None] = []
        self.waited_for: list[Turn | None] = []
        self._error = error

    def pause(self, share_done: float | None) -> None:
        self.paused.append(share_done)

    def wait(self, acquire: Callable[[float], bool], holder: Turn | None) -> None:
        self.waited_for.append(holder)
        while not acquire(0.01):
            pass
        if self._error is not None:
            raise self._error


def test_a_pause_is_none_where_nobody_takes_turns() -> None:
    pause()
    pause(0.5)


def test_shares_are_those_of_the_whole() -> None:
    turn = Noted()
    with taking(turn):
        pause()
        pause(0.1)
        with part(0.5, 1):
            pause(0.5)
            with part(0.2, 0.4):
                pause(1)
            pause(0)
        pause(1)
    pause(0.3)
    assert turn.paused == [None, 0.1, 0.75, 0.7, 0.5, 1]


def test_another_thread_takes_no_part() -> None:
    turn = Noted()
    with taking(turn):
        thread = threading.Thread(target=pause)
        thread.start()
        thread.join()
    assert turn.paused == []


def held_for_a_moment(lock: TurnLock, turn: Turn | None) -> threading.Thread:
    """Return a thread that has the lock now and gives it back soon."""
    has = threading.Event()

    def hold() -> None:
        if turn is None:
            with lock:
                has.set()
                threading.Event().wait(0.05)
        else:
            with taking(turn), lock:
                has.set()
                threading.Event().wait(0.05)

    thread = threading.Thread(target=hold)
    thread.start()
    has.wait()
    return thread


def test_who_waits_for_a_lock_says_so_and_whose_it_is() -> None:
    lock, holder, turn = TurnLock(), Noted(), Noted()
    with taking(turn), lock:
        pass
    assert turn.waited_for == []
    thread = held_for_a_moment(lock, holder)
    with taking(turn), lock:
        thread.join()
    assert turn.waited_for == [holder]


def test_without_turns_it_is_an_ordinary_lock() -> None:
    lock = TurnLock()
    thread = held_for_a_moment(lock, None)
    with lock:
        thread.join()
    with lock:
        pass


def test_who_is_ended_with_the_lock_in_hand_gives_it_back() -> None:
    lock, turn = TurnLock(), Noted(ArithmeticError("ended"))
    held_for_a_moment(lock, None)
    with pytest.raises(ArithmeticError, match="ended"), taking(turn), lock:
        pytest.fail("it was ended")
    with lock:
        pass


def test_work_knows_whether_it_takes_turns() -> None:
    assert not in_turns()
    with taking(Noted()):
        assert in_turns()
    assert not in_turns()
