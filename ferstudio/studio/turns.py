"""The processor goes round: one piece of work at a time has it, the least served one first.

What runs networks uses all cores, so two at once are no faster than one after the other. Work has
its turn from one pause (`ferstudio.pauses`) to one of the next; at a pause it makes way for work
that was served less than itself, by `LEAD_S` or more. So what is quick is done before what is
long, without anybody knowing beforehand which is which: least attained service first (Kleinrock,
"Queueing Systems II", 1976, section 4.7). What was served counts half as much each `HALF_LIFE_S`
later, so that a long one, too, has its turn again however many quick ones come.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ferstudio import pauses

LEAD_S = 0.1
"""So much more than another one work is served before it makes way for that: two that are served
alike take turns of twice that."""

HALF_LIFE_S = 10.0
"""Seconds after which half of what was served is forgotten."""

PATIENCE_S = 0.05
"""Seconds between two looks whether what waits for a lock was ended."""


class WorkEndedError(Exception):
    """Raised at a pause of work that nobody waits for any more."""


class Turns:
    """Who has the processor, and who waits for it."""

    def __init__(
        self,
        *,
        lead_s: float = LEAD_S,
        half_life_s: float = HALF_LIFE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with nobody.

        Args:
            lead_s: so much less than the one that runs another one was served that it is next.
            half_life_s: seconds after which half of what was served is forgotten.
            clock: tells the seconds.
        """
        self.lead_s = lead_s
        self.half_life_s = half_life_s
        self.clock = clock
        self.lock = threading.Lock()
        self._holder: Turn | None = None
        self._waiting: list[Turn] = []

    def turn(self) -> "Turn":
        """Return the turns of a new piece of work, which was served nothing yet."""
        return Turn(self)

    def modest_turn(self) -> "Turn":
        """Return the turns of new work that counts as served as the least served other work."""
        turn = Turn(self)
        with self.lock:
            others = [*self._waiting, *([] if self._holder is None else [self._holder])]
            now_s = self.clock()
            turn.count_as(min((each.served(now_s) for each in others), default=0.0))
        return turn

    def take(self, turn: "Turn") -> None:
        """Wait for a turn; under the lock.

        Raises:
            WorkEndedError: if it was ended meanwhile.
        """
        self._waiting.append(turn)
        self._next()
        while self._holder is not turn and not turn.ended:
            turn.called.wait()
        if turn.ended:
            self._waiting = [each for each in self._waiting if each is not turn]
            self.give(turn)
            raise WorkEndedError
        turn.began(self.clock())

    def give(self, turn: "Turn") -> None:
        """Give a turn back, where it has one; under the lock."""
        if self._holder is turn:
            turn.stopped(self.clock())
            self._holder = None
            self._next()

    def makes_way(self, turn: "Turn") -> bool:
        """Return whether another one is to be served before this one, whose turn it is."""
        now_s = self.clock()
        least_s = min((each.served(now_s) for each in self._waiting), default=float("inf"))
        return least_s + self.lead_s <= turn.served(now_s)

    def before(self, turn: "Turn") -> int:
        """Return how many have their turn now or before this one, which waits; else 0."""
        with self.lock:
            if turn not in self._waiting:
                return 0
            now_s, place = self.clock(), self._waiting.index(turn)
            own_s = turn.served(now_s)
            first = [
                each
                for index, each in enumerate(self._waiting)
                if (each.served(now_s), index) < (own_s, place)
            ]
            return len(first) + (self._holder is not None)

    def _next(self) -> None:
        if self._holder is None and self._waiting:
            now_s = self.clock()
            chosen = min(self._waiting, key=lambda each: each.served(now_s))
            self._waiting.remove(chosen)
            self._holder = chosen
            chosen.called.notify()


class Turn:
    """One piece of work among others (see `pauses.Turn`).

    Attributes:
        called: is notified when it is the work's turn, or it was ended.
        ended: whether nobody waits for the work any more.
        share_done: how much of the work is done, in [0, 1].
    """

    def __init__(self, turns: Turns) -> None:
        """Begin unserved; `turns` says when it runs."""
        self._turns = turns
        self.called = threading.Condition(turns.lock)
        self.ended = False
        self.share_done = 0.0
        self._served_s = 0.0
        self._counted_s = turns.clock()
        self._running = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run what is inside the block in turns: it begins when its first turn comes.

        Raises:
            WorkEndedError: if it was ended, at the next pause inside.
        """
        with self._turns.lock:
            self._turns.take(self)
        try:
            with pauses.taking(self):
                yield
        finally:
            with self._turns.lock:
                self._turns.give(self)

    def pause(self, share_done: float | None = None) -> None:
        """Make way for others whose turn it is (see `pauses.pause`).

        Raises:
            WorkEndedError: if the work was ended.
        """
        if share_done is not None:
            self.share_done = max(self.share_done, share_done)
        with self._turns.lock:
            if self.ended:
                raise WorkEndedError
            if self._turns.makes_way(self):
                self._turns.give(self)
                self._turns.take(self)

    def wait(self, acquire: Callable[[float], bool], holder: pauses.Turn | None) -> None:
        """Let others run until a lock is had; whoever has it is served as if it were this work.

        Raises:
            WorkEndedError: if this work was ended meanwhile.
        """
        with self._turns.lock:
            now_s = self._turns.clock()
            if isinstance(holder, Turn):
                holder.count_as(min(holder.served(now_s), self.served(now_s)))
            self._turns.give(self)
        while not acquire(PATIENCE_S):
            if self.ended:
                raise WorkEndedError
        with self._turns.lock:
            self._turns.take(self)

    def end(self) -> None:
        """Have the work end at its next pause."""
        with self._turns.lock:
            self.ended = True
            self.called.notify()

    @property
    def before(self) -> int:
        """How many have their turn now or before this one, where it waits."""
        return self._turns.before(self)

    def served(self, now_s: float) -> float:
        """Return the seconds served until now, of which older ones count less."""
        away_s = now_s - self._counted_s
        kept = self._served_s * 0.5 ** (away_s / self._turns.half_life_s)
        return kept + (away_s if self._running else 0.0)

    def began(self, now_s: float) -> None:
        """Note that the turn began."""
        self._count(now_s)
        self._running = True

    def stopped(self, now_s: float) -> None:
        """Note that the turn is over."""
        self._count(now_s)
        self._running = False

    def count_as(self, served_s: float) -> None:
        """Count as served so many seconds until now."""
        self._count(self._turns.clock())
        self._served_s = served_s

    def _count(self, now_s: float) -> None:
        self._served_s = self.served(now_s)
        self._counted_s = now_s
