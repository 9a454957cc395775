"""One piece of work for all who ask the same; it ends with the last who waits."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from ferstudio.pauses import pause
from ferstudio.studio.memory import ResultKey, ResultMemory, face_digest
from ferstudio.studio.results import Progress
from ferstudio.studio.works import FORESEEN_SHARE, Standing, Works
from ferstudio.types import FaceCrop

PATIENCE_S = 10


class LeftError(Exception):
    """Raised by who doesn't wait any more."""


@pytest.fixture
def works() -> Works:
    return Works(ResultMemory())


@pytest.fixture
def key(crop: FaceCrop) -> ResultKey:
    return ResultKey(face_digest(crop), "test", ("a",))


class Count:
    """Counts to three, a step at a time, each when it is let."""

    def __init__(self) -> None:
        self.begun = 0
        self.closed = threading.Event()
        self.steps = [threading.Event() for _ in range(3)]

    def let(self, steps: int) -> None:
        for step in self.steps[:steps]:
            step.set()

    def begin(self, progress: Progress) -> Iterator[int]:
        self.begun += 1
        try:
            for number, step in enumerate(self.steps):
                progress(number / 3, f"counting {number + 1}")
                while not step.wait(0.005):
                    pause()
                yield number + 1
        finally:
            self.closed.set()


def patiently(done: Callable[[], bool]) -> None:
    """Wait until something is so."""
    for _ in range(int(PATIENCE_S / 0.01)):
        if done():
            return
        threading.Event().wait(0.01)
    pytest.fail("it never was")


def test_steps_come_as_they_are_made_and_the_last_is_kept(works: Works, key: ResultKey) -> None:
    count = Count()
    count.let(3)
    seen = list(works.steps(key, count.begin))
    assert seen == sorted(set(seen))
    assert seen[-1] == 3
    assert list(works.steps(key, lambda _: pytest.fail("it is known"))) == [3]


def test_each_step_can_be_seen(works: Works, key: ResultKey) -> None:
    count, seen = Count(), list[int]()
    count.let(1)
    for step in works.steps(key, count.begin):
        seen.append(step)
        count.let(step + 1)
    assert seen == [1, 2, 3]


def test_many_who_ask_the_same_share_one_work(works: Works, key: ResultKey) -> None:
    count = Count()
    with ThreadPoolExecutor(8) as visitors:
        asked = [visitors.submit(lambda: list(works.steps(key, count.begin))) for _ in range(8)]
        patiently(lambda: count.begun == 1)
        count.let(3)
        assert {each.result(PATIENCE_S)[-1] for each in asked} == {3}
    assert count.begun == 1


def test_other_questions_are_other_work_and_what_has_no_key_is_never_kept(
    works: Works, key: ResultKey
) -> None:
    asked = [works.once(replace(key, about=(name,)), lambda _: object()) for name in "bcb"]
    assert asked[0] is asked[2] is not asked[1]
    assert works.once(None, lambda _: object()) is not works.once(None, lambda _: object())
    assert works.again(lambda: 7) == 7


def test_who_leaves_ends_the_work_unless_another_waits(works: Works, key: ResultKey) -> None:
    count, leaves = Count(), threading.Event()

    def impatient(_: Standing) -> None:
        if leaves.is_set():
            raise LeftError

    with ThreadPoolExecutor(2) as visitors:
        first = visitors.submit(lambda: list(works.steps(key, count.begin, impatient)))
        patiently(lambda: count.begun == 1)
        second = visitors.submit(lambda: list(works.steps(key, count.begin)))
        patiently(lambda: works._under_way[key].waiting == 2)
        leaves.set()
        with pytest.raises(LeftError):
            first.result(PATIENCE_S)
        assert not count.closed.is_set()
        count.let(3)
        assert second.result(PATIENCE_S)[-1] == 3
    with pytest.raises(LeftError):
        list(works.steps(replace(key, about=("z",)), Count().begin, impatient))


def test_the_work_ends_with_the_last_who_waits_and_half_of_it_isnt_kept(
    works: Works, key: ResultKey
) -> None:
    count = Count()
    count.let(1)
    asked = works.steps(key, count.begin)
    assert next(asked) == 1
    asked.close()
    assert count.closed.wait(PATIENCE_S)
    again = Count()
    again.let(3)
    assert list(works.steps(key, again.begin))[-1] == 3
    assert again.begun == 1


def test_an_error_reaches_all_and_the_next_who_asks_tries_again(
    works: Works, key: ResultKey
) -> None:
    def fail(_: Progress) -> int:
        raise ArithmeticError("not now")

    for _ in range(2):
        with pytest.raises(ArithmeticError, match="not now"):
            works.once(key, fail)
    assert works.once(key, lambda _: 5) == 5
    assert works._under_way == {}


def test_a_forgotten_face_is_forgotten_also_where_it_is_being_looked_at(
    works: Works, key: ResultKey, crop: FaceCrop
) -> None:
    count = Count()
    count.let(2)
    asked = works.steps(key, count.begin)
    next(asked)
    works.forget(replace(crop, image=crop.image.copy()))
    count.let(3)
    assert list(asked)[-1] == 3
    assert works.once(key, lambda _: 9) == 9
    works.forget(replace(crop, image=np.flipud(crop.image)))
    assert works.once(key, lambda _: 8) == 9


def test_who_waits_is_told_how_it_stands(works: Works, key: ResultKey) -> None:
    count, seen = Count(), list[Standing]()
    count.let(2)

    def watch(standing: Standing) -> None:
        seen.append(standing)
        if standing.doing == "counting 3":
            count.let(3)

    list(works.steps(key, count.begin, watch))
    last = seen[-1]
    assert last.doing == "counting 3"
    assert last.share_done == pytest.approx(2 / 3)
    assert last.left_s == pytest.approx(last.elapsed_s / 2, rel=1e-6)
    assert last.before == 0
    first = seen[0]
    assert first.share_done >= FORESEEN_SHARE or first.left_s is None


def test_who_waits_for_a_turn_is_told_its_place(works: Works, key: ResultKey) -> None:
    first, places = threading.Event(), list[int]()
    began = threading.Event()

    def hold(_: Progress) -> int:
        began.set()
        assert first.wait(PATIENCE_S)
        return 1

    def watch(standing: Standing) -> None:
        places.append(standing.before)
        if standing.before == 1:
            first.set()

    with ThreadPoolExecutor(1) as visitors:
        other = visitors.submit(works.once, None, hold)
        assert began.wait(PATIENCE_S)
        assert works.once(key, lambda _: 2, watch) == 2
        assert other.result(PATIENCE_S) == 1
    assert 1 in places
