"""One network under one occluder: its curve over the amount, and where it changes its mind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.kinds import need
from ferstudio.occlusion.occluder import Need
from ferstudio.types import Prediction


@dataclass(frozen=True, slots=True)
class Flip:
    """Where a model changes its mind first.

    Between the last amount that holds and the first that doesn't, the margin (the probability of
    the clean answer less that of the strongest other emotion) is taken for a straight line; this
    is where it meets 0.

    Attributes:
        amount: of the occluder, in (0, 1].
        share: of the face's oval that is covered there, in [0, 1], read off a straight line, too;
            None where the share doesn't tell how much (see `Sweep.by_share`).
        answer: the emotion it changes to.
        of_picture: whether the amount is the share of the picture that is hidden.
    """

    amount: float
    share: float | None
    answer: str
    of_picture: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One model's answer to one covered face.

    Attributes:
        amount: of the occluder, in [0, 1].
        share: of the face's oval that is covered, in [0, 1].
        target: the answer to the clean face.
        probability: of `target`, in [0, 1].
        answer: the most probable emotion.
    """

    amount: float
    share: float
    target: str
    probability: float
    answer: str

    @property
    def flipped(self) -> bool:
        """Whether the cover changed the most probable emotion."""
        return self.answer != self.target


@dataclass(frozen=True, slots=True)
class Sweep:
    """One model under one occluder, from little to all of it.

    Attributes:
        model: name of the weights.
        title: the network's title.
        occluder: name of the cover.
        amounts: (A,) float64, rising, the last one 1.
        shares: (A,) float64 in [0, 1], of the face's oval that is covered.
        probabilities: (A, K) float32 in [0, 1], in logit order.
        clean: the answer to the clean face.
    """

    model: str
    title: str
    occluder: str
    amounts: NDArray[np.float64]
    shares: NDArray[np.float64]
    probabilities: NDArray[np.float32]
    clean: Prediction

    @property
    def target(self) -> str:
        """The answer to the clean face, whose probability is watched."""
        return self.clean.top

    @property
    def by_share(self) -> bool:
        """Whether the covered share tells how much is hidden; else the amount does.

        It doesn't where all of the face is under the cover from the first amount on: what makes
        the whole picture worse, such as blur, and what veils it all. Nor where a heatmap guides
        the cover, whose amount is the share of the picture.
        """
        return not self.of_picture and bool(self.shares[0] < 1)

    @property
    def of_picture(self) -> bool:
        """Whether the amount is the share of the picture that is hidden."""
        return need(self.occluder) is Need.HEAT

    @property
    def levels(self) -> NDArray[np.float64]:
        """(A + 1,) amounts with the clean face's 0 before them."""
        return np.concatenate([[0.0], self.amounts])

    @property
    def covered(self) -> NDArray[np.float64]:
        """(A + 1,) shares with the clean face's 0 before them."""
        return np.concatenate([[0.0], self.shares])

    @property
    def curve(self) -> NDArray[np.float64]:
        """(A + 1,) probabilities of `target`, the clean face's before the others."""
        return self._all[:, self._index]

    @property
    def answers(self) -> tuple[str, ...]:
        """The A most probable emotions."""
        return tuple(self.clean.labels[i] for i in self.probabilities.argmax(axis=1))

    @property
    def area(self) -> float:
        """Area under `curve` over the amount, by the trapezoid rule: 1 is unshaken."""
        curve = self.curve
        return float(((curve[1:] + curve[:-1]) / 2) @ np.diff(self.levels))

    @property
    def flip(self) -> Flip | None:
        """Where another emotion is the most probable first; None where that never happens."""
        first = next((i for i, name in enumerate(self.answers, 1) if name != self.target), None)
        if first is None:
            return None
        held, lost = self._margins[first - 1 : first + 1]
        way = held / (held - lost) if held > lost else 1.0  # two equal margins are ties, both 0
        amount, share = (
            float(values[first - 1] + way * (values[first] - values[first - 1]))
            for values in (self.levels, self.covered)
        )
        answer = self.answers[first - 1]
        return Flip(amount, share if self.by_share else None, answer, self.of_picture)

    def at(self, amount: float) -> Cell:
        """Return the answer at that of `levels` which is nearest to `amount`."""
        level = int(np.abs(self.levels - amount).argmin())
        return Cell(
            amount=float(self.levels[level]),
            share=float(self.covered[level]),
            target=self.target,
            probability=float(self.curve[level]),
            answer=(self.target, *self.answers)[level],
        )

    @property
    def _index(self) -> int:
        return self.clean.labels.index(self.target)

    @property
    def _all(self) -> NDArray[np.float64]:
        """(A + 1, K) probabilities, the clean face's first."""
        return np.vstack([self.clean.probabilities, self.probabilities]).astype(np.float64)

    @property
    def _margins(self) -> NDArray[np.float64]:
        others = np.delete(self._all, self._index, axis=1)
        return self.curve - others.max(axis=1)
