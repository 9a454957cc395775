"""A round counts one vote of each device, tells only who opened it, and leaves nothing."""

import threading

import pytest

from ferstudio.errors import FerStudioError
from ferstudio.ui.voting import rounds as module
from ferstudio.ui.voting.rounds import CODE_LENGTH, LETTERS, NoSuchRoundError, Rounds

OPTIONS = ("fear", "surprise")


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_device_has_one_vote_in_each_round() -> None:
    rounds = Rounds()
    first, second = rounds.open(OPTIONS), rounds.open(OPTIONS)
    assert first.code != second.code
    assert rounds.vote(first.code, "a", "fear")
    assert not rounds.vote(first.code, "a", "surprise")
    assert rounds.vote(first.code.lower(), "b", "surprise")
    assert rounds.vote(second.code, "a", "surprise")
    assert rounds.tally(first.code, first.key) == {"fear": 1, "surprise": 1}
    assert rounds.close(second.code, second.key) == {"fear": 0, "surprise": 1}
    with pytest.raises(NoSuchRoundError, match="look at the code on the wall"):
        rounds.vote(second.code, "c", "fear")


def test_the_next_round_keeps_the_code_and_nothing_else() -> None:
    rounds = Rounds()
    opened = rounds.open(OPTIONS)
    rounds.vote(opened.code, "a", "fear")
    assert rounds.close(opened.code, opened.key) == {"fear": 1, "surprise": 0}
    assert rounds.number(opened.code) == 0
    with pytest.raises(NoSuchRoundError):
        rounds.open_again(opened.code, "guessed")
    again = rounds.open_again(opened.code, opened.key)
    assert again.code == opened.code
    assert rounds.number(opened.code.lower()) == 2
    assert rounds.tally(opened.code, opened.key) == {"fear": 0, "surprise": 0}
    assert rounds.vote(opened.code, "a", "surprise")


def test_only_who_opened_a_round_learns_its_tally_and_ends_it() -> None:
    rounds = Rounds()
    opened = rounds.open(OPTIONS)
    for ask in (rounds.tally, rounds.close):
        with pytest.raises(NoSuchRoundError):
            ask(opened.code, "guessed")
    assert tuple(rounds.tally(opened.code, opened.key)) == OPTIONS


def test_codes_are_short_and_hard_to_misread() -> None:
    code = Rounds().open(OPTIONS).code
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(LETTERS)
    assert not set(LETTERS) & set("0O1IB8S5Z2")


def test_what_isnt_asked_cant_be_voted_for() -> None:
    rounds = Rounds()
    code = rounds.open(OPTIONS).code
    with pytest.raises(FerStudioError, match="'joy' can't be voted for"):
        rounds.vote(code, "a", "joy")
    assert rounds.vote(code, "a", "fear")


def test_rounds_end_by_themselves() -> None:
    clock = Clock()
    rounds = Rounds(clock)
    opened = rounds.open(OPTIONS)
    clock.now_s = module.LIFE_S - 1
    rounds.vote(opened.code, "a", "fear")
    clock.now_s = module.LIFE_S
    with pytest.raises(NoSuchRoundError):
        rounds.tally(opened.code, opened.key)


def test_rounds_and_voters_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROUNDS", 2)
    monkeypatch.setattr(module, "MOST_VOTERS", 3)
    rounds = Rounds()
    code = rounds.open(OPTIONS).code
    rounds.open(OPTIONS)
    with pytest.raises(FerStudioError, match="Too many votes are open"):
        rounds.open(OPTIONS)
    for device in "abc":
        rounds.vote(code, device, "fear")
    with pytest.raises(FerStudioError, match="3 have voted"):
        rounds.vote(code, "d", "fear")


def test_codes_that_wait_for_a_next_round_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROUNDS", 1)
    rounds = Rounds()
    opened = rounds.open(OPTIONS)
    rounds.close(opened.code, opened.key)
    rounds.open(OPTIONS)
    with pytest.raises(NoSuchRoundError):
        rounds.open_again(opened.code, opened.key)


def test_votes_of_many_threads_are_all_counted() -> None:
    rounds = Rounds()
    opened = rounds.open(OPTIONS)

    def vote(number: int) -> None:
        for _ in range(3):
            rounds.vote(opened.code, f"device {number}", OPTIONS[number % 2])

    threads = [threading.Thread(target=vote, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rounds.tally(opened.code, opened.key) == {"fear": 15, "surprise": 15}
