"""The least served work runs, one at a time, and whoever is ended stops."""

import threading
from collections.abc import Callable

import pytest

from ferstudio import pauses
from ferstudio.pauses import TurnLock
from ferstudio.studio.turns import Turn, Turns, WorkEndedError

PATIENCE_S = 10


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now_s = 128.0

    def __call__(self) -> float:
        return self.now_s


class Stage:
    """Work in threads: each step takes some of the clock's seconds and is noted."""

    def __init__(self, lead_s: float = 0.25, half_life_s: float = 1e9) -> None:
        self.clock = Clock()
        self.turns = Turns(lead_s=lead_s, half_life_s=half_life_s, clock=self.clock)
        self.steps: list[str] = []
        self.ended: list[str] = []
        self.threads: list[threading.Thread] = []
        self.curtain = threading.Event()

    def work(self, name: str, steps: int, step_s: float, turn: Turn | None = None) -> Turn:
        """Begin work of so many steps, and return once it runs or waits."""
        turn = turn or self.turns.turn()
        begun = threading.Event()

        def run() -> None:
            try:
                with turn.running():
                    begun.set()
                    assert self.curtain.wait(PATIENCE_S)
                    for _ in range(steps):
                        self.steps.append(name)
                        self.clock.now_s += step_s
                        pauses.pause()
            except WorkEndedError:
                self.ended.append(name)

        return self.begin(run, turn, begun)

    def begin(self, run: Callable[[], None], turn: Turn, begun: threading.Event) -> Turn:
        """Begin work of one's own."""
        thread = threading.Thread(target=run)
        self.threads.append(thread)
        thread.start()
        while not begun.is_set() and not self.turns.before(turn):
            threading.Event().wait(0.005)
        return turn

    def play(self) -> str:
        """Let all begin, wait for the end, and return the steps in order."""
        self.curtain.set()
        for thread in self.threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
        return "".join(self.steps)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_equals_take_turns_of_twice_the_lead(stage: Stage) -> None:
    stage.work("a", 6, 0.125)
    stage.work("b", 6, 0.125)
    assert stage.play() == "aabbbbaaaabb"


def test_a_newcomer_goes_before_who_was_served_long_and_is_done_undisturbed(stage: Stage) -> None:
    long = stage.turns.turn()
    with stage.turns.lock:
        long.count_as(20.0)
    stage.work("l", 3, 1.0, long)
    stage.work("n", 4, 1.0)
    assert stage.play() == "lnnnnll"


def test_what_was_served_is_forgotten_in_time() -> None:
    stage = Stage(half_life_s=10)
    turn = stage.turns.turn()
    with stage.turns.lock:
        turn.count_as(8.0)
    stage.clock.now_s += 20
    assert turn.served(stage.clock()) == pytest.approx(2)
    turn.began(stage.clock())
    stage.clock.now_s += 10
    assert turn.served(stage.clock()) == pytest.approx(1 + 10)


def test_nobody_makes_way_where_nobody_waits(stage: Stage) -> None:
    turn = stage.work("a", 50, 1.0)
    assert stage.play() == 50 * "a"
    assert turn.before == 0


def test_who_waits_knows_how_many_are_before(stage: Stage) -> None:
    first = stage.work("a", 1, 0.1)
    others = [stage.work(name, 1, 0.1) for name in "bcd"]
    assert [turn.before for turn in (first, *others)] == [0, 1, 2, 3]
    with stage.turns.lock:
        others[0].count_as(5.0)
    assert [turn.before for turn in others] == [3, 1, 2]
    assert stage.play() == "acdb"


def test_a_modest_turn_waits_for_who_is_there(stage: Stage) -> None:
    assert stage.turns.modest_turn().served(stage.clock()) == 0
    long = stage.turns.turn()
    with stage.turns.lock:
        long.count_as(20.0)
    stage.work("l", 4, 0.125, long)
    frame = stage.turns.modest_turn()
    assert frame.served(stage.clock()) == pytest.approx(20)
    stage.work("f", 4, 0.125, frame)
    assert stage.play() == "llffffll"


def test_work_that_is_ended_stops_at_its_next_pause_or_never_begins(stage: Stage) -> None:
    running, waiting = stage.work("a", 5, 1.0), stage.work("b", 5, 1.0)
    waiting.end()
    running.end()
    assert stage.play() == "a"
    assert sorted(stage.ended) == ["a", "b"]
    stage.work("c", 2, 1.0)
    assert stage.play() == "acc"


def test_an_error_gives_the_turn_back(stage: Stage) -> None:
    with pytest.raises(ArithmeticError), stage.turns.turn().running():
        raise ArithmeticError
    stage.work("a", 1, 1.0)
    assert stage.play() == "a"


def test_shares_only_rise(stage: Stage) -> None:
    turn = stage.turns.turn()
    with turn.running():
        for share in (0.2, 0.1, None, 0.4):
            pauses.pause(share)
        assert turn.share_done == 0.4


def test_who_waits_for_a_lock_lets_its_holder_run_in_its_place(stage: Stage) -> None:
    lock, taken = TurnLock(), threading.Event()
    slow, quick = stage.turns.turn(), stage.turns.turn()

    def hold() -> None:
        with slow.running(), lock:
            taken.set()
            assert stage.curtain.wait(PATIENCE_S)
            for _ in range(3):
                stage.steps.append("s")
                stage.clock.now_s += 5
                pauses.pause()

    def want() -> None:
        with quick.running():
            stage.steps.append("q")
            with lock:
                stage.steps.append("Q")

    stage.begin(hold, slow, taken)
    stage.begin(want, quick, threading.Event())
    stage.work("o", 2, 0.1)
    with stage.turns.lock:
        stage.turns._waiting[-1].count_as(1.0)
    played = stage.play()
    assert played.startswith("sq")
    assert sorted(played) == sorted("sssqQoo")


def test_who_is_ended_while_it_waits_for_a_lock_leaves_it_alone(stage: Stage) -> None:
    lock, turn = TurnLock(), stage.turns.turn()
    failed: list[bool] = []

    def want() -> None:
        try:
            with turn.running(), lock:
                pytest.fail("it was ended")
        except WorkEndedError:
            failed.append(True)

    with lock:
        thread = threading.Thread(target=want)
        thread.start()
        turn.end()
        thread.join(PATIENCE_S)
    assert failed == [True]
    with lock:
        pass
