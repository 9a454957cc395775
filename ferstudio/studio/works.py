"""Work on a question, in turns with other work, and once for all who ask the same.

Each piece of work runs on a thread of its own; who asked waits for its steps. So whoever doesn't
wait any longer leaves at once, while others get the answer that was begun for the first.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ferstudio.studio.memory import ResultKey, ResultMemory, face_digest
from ferstudio.studio.results import Progress
from ferstudio.studio.turns import Turn, Turns
from ferstudio.types import FaceCrop

LOOK_S = 0.1
"""Seconds between two looks whether whoever waits still does."""

FORESEEN_SHARE = 0.03
"""From this share of the work on its past says how long the rest will take."""

Step = TypeVar("Step")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a piece of work stands.

    Attributes:
        share_done: share of it that is done, in [0, 1].
        doing: what is done now, in words; "" before anything is.
        elapsed_s: seconds since it was asked for.
        left_s: seconds until it will be done, if it goes on as it went; None where nobody knows.
        before: how many others have their turn before it, where it waits.
    """

    share_done: float
    doing: str
    elapsed_s: float
    left_s: float | None
    before: int


Watch = Callable[[Standing], object]
"""Called with how the work stands, every `LOOK_S` seconds; raises where nobody waits any more."""


def unwatched(standing: Standing) -> None:
    """Wait, whatever the standing."""


class Works:
    """All work that is under way, by what it answers.

    Attributes:
        memory: what was answered lately.
    """

    def __init__(self, memory: ResultMemory) -> None:
        """Begin without any.

        Args:
            memory: keeps what was answered last.
        """
        self.memory = memory
        self._turns = Turns()
        self._lock = threading.Lock()
        self._under_way: dict[ResultKey, _Work[Any]] = {}

    def steps(
        self,
        key: ResultKey | None,
        begin: Callable[[Progress], Iterator[Step]],
        watch: Watch = unwatched,
    ) -> Generator[Step, None, None]:
        """Yield an answer's newest step as often as there is one; the last alone where it is known.

        Whoever stops iterating, or raises in `watch`, waits no more: the work ends with the last
        who waits for it.

        Args:
            key: what is asked; None for what is asked once and not kept.
            begin: begins to answer, on the work's own thread; it is given what is to be told of its
                progress, which may be a pause.
            watch: is told how the work stands.
        """
        with self._lock:
            known: Step | None = None if key is None else self.memory.peek(key)
            if known is None:
                work = None if key is None else self._under_way.get(key)
                work = work or self._begun(key, begin, self._turns.turn())
                waiting = self._waiting(key, work)
        if known is not None:
            yield known
            return
        with closing(waiting):
            yield from waiting.steps(watch)

    def once(
        self,
        key: ResultKey | None,
        make: Callable[[Progress], Result],
        watch: Watch = unwatched,
    ) -> Result:
        """Return what `make` makes, or made lately for the same key (see `steps`)."""

        def begin(progress: Progress) -> Iterator[Result]:
            yield make(progress)

        (made,) = self.steps(key, begin, watch)
        return made

    def again(self, make: Callable[[], Result]) -> Result:
        """Return what `make` makes, which is asked for again and again, as frames of a camera are.

        It begins as served as the least served other work: who asks so doesn't go before all.
        """

        def begin(_: Progress) -> Iterator[Result]:
            yield make()

        with self._lock:
            waiting = self._waiting(None, self._begun(None, begin, self._turns.modest_turn()))
        with closing(waiting):
            (made,) = waiting.steps(unwatched)
            return made

    def forget(self, crop: FaceCrop) -> None:
        """Drop all answers about a face; those that are being found aren't kept."""
        face = face_digest(crop)
        with self._lock:
            for key in [key for key in self._under_way if key.face == face]:
                self._under_way.pop(key).kept = False
        self.memory.forget(crop)

    def _waiting(self, key: ResultKey | None, work: "_Work[Step]") -> "_Waiting[Step]":
        """Return somebody who waits for a piece of work; under the lock."""
        work.waiting += 1
        return _Waiting(work, lambda: self._leave(key, work))

    def _begun(
        self,
        key: ResultKey | None,
        begin: Callable[[Progress], Iterator[Step]],
        turn: Turn,
    ) -> "_Work[Step]":
        """Return a new piece of work, which has begun; under the lock."""
        work = _Work(turn, begin)
        if key is not None:
            self._under_way[key] = work
        threading.Thread(target=self._run, args=(key, work), daemon=True).start()
        return work

    def _leave(self, key: ResultKey | None, work: "_Work[Any]") -> None:
        with self._lock:
            work.waiting -= 1
            if work.waiting:
                return
            if key is not None and self._under_way.get(key) is work:
                del self._under_way[key]
        work.turn.end()

    def _run(self, key: ResultKey | None, work: "_Work[Any]") -> None:
        work.run()
        with self._lock:
            if key is not None and work.kept and work.error is None and work.count:
                self.memory.put(key, work.newest)
            if key is not None and self._under_way.get(key) is work:
                del self._under_way[key]
        work.finish()


class _Work(Generic[Step]):
    """One piece of work and its newest step; `changed` guards what several threads see."""

    def __init__(self, turn: Turn, begin: Callable[[Progress], Iterator[Step]]) -> None:
        self.turn = turn
        self.waiting = 0
        self.kept = True
        self.changed = threading.Condition()
        self.newest: Any = None
        self.count = 0
        self.error: BaseException | None = None
        self.finished = False
        self._begin = begin
        self._doing = ""
        self._asked_s = time.monotonic()

    def run(self) -> None:
        """Work until nothing more comes or nobody waits."""
        try:
            with self.turn.running(), closing(_closable(self._begin(self._tell))) as steps:
                for step in steps:
                    with self.changed:
                        self.newest, self.count = step, self.count + 1
                        self.changed.notify_all()
        except BaseException as error:  # noqa: BLE001  whoever waits gets it
            self.error = error

    def finish(self) -> None:
        """Tell those who wait that nothing more comes."""
        with self.changed:
            self.finished = True
            self.changed.notify_all()

    def after(self, seen: int) -> tuple[int, Step, bool]:
        """Wait a moment for a step after the `seen` first.

        Returns:
            How many steps there were, the newest of them, and whether nothing more comes.
        """
        with self.changed:
            self.changed.wait_for(lambda: self.count > seen or self.finished, LOOK_S)
            return self.count, self.newest, self.finished

    def standing(self) -> Standing:
        """Return how it stands."""
        elapsed_s, share = time.monotonic() - self._asked_s, self.turn.share_done
        left_s = elapsed_s * (1 - share) / share if share >= FORESEEN_SHARE else None
        return Standing(share, self._doing, elapsed_s, left_s, self.turn.before)

    def _tell(self, share_done: float, doing: str) -> None:
        self._doing = doing
        self.turn.pause(share_done)


class _Waiting(Generic[Step]):
    """Somebody who waits for a piece of work."""

    def __init__(self, work: _Work[Step], leave: Callable[[], None]) -> None:
        self._work = work
        self.close = leave

    def steps(self, watch: Watch) -> Iterator[Step]:
        """Yield the newest step, as often as there is a newer one.

        Raises:
            Exception: what ended the work.
        """
        seen = 0
        while True:
            watch(self._work.standing())
            count, newest, finished = self._work.after(seen)
            if count > seen:
                seen = count
                yield newest
            elif finished:
                if self._work.error is not None:
                    raise self._work.error
                return


def _closable(steps: Iterator[Step]) -> Generator[Step, None, None]:
    yield from steps
