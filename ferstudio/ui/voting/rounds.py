"""Rounds of votes: counts in memory, gone with the round.

A class joins once: the round of the next question may have the code of the one before.
"""

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ferstudio.errors import FerStudioError

LETTERS = "ACDEFHJKLMNPRTUVWXY3479"
"""Codes are made of these, none of which is taken for another one on a wall."""

CODE_LENGTH = 5

LIFE_S = 2 * 3600.0
"""Seconds after which a round ends by itself."""

MOST_ROUNDS = 200

MOST_VOTERS = 500
"""Of one round."""


class NoSuchRoundError(FerStudioError):
    """A code that no open round has."""

    def __init__(self, code: str) -> None:
        """Say what to do about it."""
        super().__init__(f"No round is open under {code!r}; look at the code on the wall again.")


class RoundFullError(FerStudioError):
    """More rounds, or votes in one, than are taken."""


@dataclass(slots=True)
class Round:
    """One question to a class, and after its end the code for the next one.

    Attributes:
        code: what phones join by.
        key: what only the page that opened it knows.
        counts: votes of each option so far; what can be voted for.
        ends_s: time of the clock at which it ends by itself, and its code with it.
        asked: number of questions under this code so far.
        is_open: whether votes are taken.
    """

    code: str
    key: str
    counts: dict[str, int]
    ends_s: float
    asked: int = 1
    is_open: bool = True
    _voted: set[str] = field(default_factory=set)

    def forget_votes(self) -> None:
        """Count from nothing again, and forget who has voted."""
        self._voted.clear()
        self.counts = dict.fromkeys(self.counts, 0)


class Rounds:
    """All rounds whose codes are kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none; `clock` tells the seconds."""
        self._clock = clock
        self._rounds: dict[str, Round] = {}
        self._lock = threading.Lock()

    def open(self, options: Sequence[str]) -> Round:
        """Return a new round.

        Raises:
            RoundFullError: if too many are open.
        """
        with self._lock:
            self._forget_old()
            if len(self._rounds) >= MOST_ROUNDS:
                self._rounds = {c: each for c, each in self._rounds.items() if each.is_open}
            if len(self._rounds) >= MOST_ROUNDS:
                raise RoundFullError("Too many votes are open at once; try again in an hour.")
            code = self._free_code()
            counts = dict.fromkeys(options, 0)
            ends_s = self._clock() + LIFE_S
            made = Round(code, secrets.token_urlsafe(16), counts, ends_s)
            self._rounds[code] = made
            return made

    def open_again(self, code: str, key: str) -> Round:
        """Return the next round under the code of an earlier one.

        Raises:
            NoSuchRoundError: if no round had that code and key, or too long ago.
        """
        with self._lock:
            found = self._own(self._kept(code), key)
            found.forget_votes()
            found.asked += 1
            found.is_open = True
            found.ends_s = self._clock() + LIFE_S
            return found

    def number(self, code: str) -> int:
        """Return which question is open under a code, from 1 on; 0 while none is."""
        with self._lock:
            try:
                return self._find(code).asked
            except NoSuchRoundError:
                return 0

    def vote(self, code: str, device: str, option: str) -> bool:
        """Count one vote; return False, and count nothing, where that device has voted already.

        Args:
            code: of the round.
            device: what tells devices apart; it is forgotten with the round.
            option: what is voted for.

        Raises:
            NoSuchRoundError: if no round of that code is open.
            RoundFullError: if too many have voted.
            FerStudioError: if there is no such option.
        """
        with self._lock:
            found = self._find(code)
            if option not in found.counts:
                raise FerStudioError(f"{option!r} can't be voted for in this round.")
            if device in found._voted:
                return False
            if len(found._voted) >= MOST_VOTERS:
                raise RoundFullError(f"{MOST_VOTERS} have voted; no more votes are taken.")
            found._voted.add(device)
            found.counts[option] += 1
            return True

    def tally(self, code: str, key: str) -> Mapping[str, int]:
        """Return the votes so far.

        Raises:
            NoSuchRoundError: if no round of that code and key is open.
        """
        with self._lock:
            return dict(self._own(self._find(code), key).counts)

    def close(self, code: str, key: str) -> Mapping[str, int]:
        """Return the votes and forget them; the code is kept for the next round.

        Raises:
            NoSuchRoundError: if no round of that code and key is open.
        """
        with self._lock:
            found = self._own(self._find(code), key)
            counts = dict(found.counts)
            found.forget_votes()
            found.is_open = False
            return counts

    @staticmethod
    def _own(found: Round, key: str) -> Round:
        if not secrets.compare_digest(found.key.encode(), key.encode()):
            raise NoSuchRoundError(found.code)
        return found

    def _find(self, code: str) -> Round:
        found = self._kept(code)
        if not found.is_open:
            raise NoSuchRoundError(found.code)
        return found

    def _kept(self, code: str) -> Round:
        """Return the round of a code, open or not."""
        self._forget_old()
        found = self._rounds.get(code.strip().upper())
        if found is None:
            raise NoSuchRoundError(code[: 2 * CODE_LENGTH])
        return found

    def _forget_old(self) -> None:
        now_s = self._clock()
        for code in [each.code for each in self._rounds.values() if each.ends_s <= now_s]:
            del self._rounds[code]

    def _free_code(self) -> str:
        while True:
            code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
            if code not in self._rounds:
                return code
