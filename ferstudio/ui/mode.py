"""What a host leaves out of the page: for a weak machine, or for a class without pictures."""

from collections.abc import Iterable
from dataclasses import dataclass

from ferstudio.occlusion.painted import STICKER
from ferstudio.studio.results import MenuEntry
from ferstudio.ui.crowd import MOST_WAITING

LITE_MODELS = 3
"""Networks that are asked at a time on a weak machine."""

LITE_PASSES = 8
"""Pictures that a heatmap method may ask a network about there."""

LITE_WAITING = 20
"""Answers that are waited for at a time there."""

LITE_POOL_MB = 512
"""Of networks in memory there, unless another number is given."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How the page is served.

    Attributes:
        lite: for a weak machine: few networks at a time, quick methods, no robustness study.
        kiosk: for a class: the sample faces only; nothing can be brought, and no camera is asked.
    """

    lite: bool = False
    kiosk: bool = False

    @property
    def for_programs(self) -> bool:
        """Whether programs may ask, too, whose questions know none of these limits."""
        return not (self.lite or self.kiosk)

    @property
    def study(self) -> bool:
        """Whether robustness is studied: every cover at every amount."""
        return not self.lite

    @property
    def most_waiting(self) -> int:
        """Answers that are worked on or waited for at a time."""
        return LITE_WAITING if self.lite else MOST_WAITING

    def asked(self, models: Iterable[str]) -> tuple[str, ...]:
        """Return those of the ticked models that are asked."""
        ticked = tuple(dict.fromkeys(models))
        return ticked[:LITE_MODELS] if self.lite else ticked

    def explainers(self, entries: Iterable[MenuEntry]) -> tuple[MenuEntry, ...]:
        """Return the heatmap methods that are offered."""
        return tuple(each for each in entries if not self.lite or each.passes <= LITE_PASSES)

    def occluders(self, entries: Iterable[MenuEntry]) -> tuple[MenuEntry, ...]:
        """Return the covers that are offered: none that has to be brought where nothing can be."""
        return tuple(each for each in entries if not self.kiosk or each.name != STICKER)
