"""Whoever waits for growing work sees how it stands, until it isn't wanted any more."""

from collections.abc import Callable

import pytest

from ferstudio.studio.works import Standing
from ferstudio.ui.parts.wanted import NotWantedError, Wanted

STANDING = Standing(0.25, "Asking", 1.0, None, 0)


def test_progress_is_shown_until_stop_or_a_later_one() -> None:
    shown: list[float] = []
    wanted = Wanted()

    def progress(share: float, desc: str) -> None:
        shown.append(share)

    first = wanted.begun(progress)  # type: ignore[arg-type]
    first(STANDING)
    second = wanted.begun(progress)  # type: ignore[arg-type]
    with pytest.raises(NotWantedError):
        first(STANDING)
    second(STANDING)
    assert shown == [0.25, 0.25]
    wanted.stop()
    with pytest.raises(NotWantedError):
        second(STANDING)


@pytest.mark.parametrize("act", [Wanted.stop, Wanted.next])
def test_it_is_known_whether_stop_or_a_later_one_ended_it(act: Callable[[Wanted], object]) -> None:
    wanted = Wanted()
    act(wanted)
    assert wanted.stopped == (act is Wanted.stop)
