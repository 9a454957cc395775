"""Whoever waits for growing work sees how it stands, until it isn't wanted any more."""

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
    assert not wanted.stopped
    wanted.stop()
    with pytest.raises(NotWantedError):
        second(STANDING)
    assert wanted.stopped
    assert shown == [0.25, 0.25]
