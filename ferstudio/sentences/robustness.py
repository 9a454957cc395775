"""The sentence above a robustness matrix: what breaks the models, and which one holds longest."""

from collections import Counter
from collections.abc import Mapping, Sequence

from ferstudio.occlusion.kinds import kind
from ferstudio.sentences.face import NO_FACE
from ferstudio.sentences.sentence import Verdict, everyone, percent
from ferstudio.studio.robustness import Robustness
from ferstudio.studio.sweep import Flip, Sweep

Amounts = Mapping[str, float]
"""How much of each occluder, in [0, 1], by its registry name."""


def robustness_verdict(
    found: Robustness,
    name: str,
    amounts: Amounts | None = None,
    *,
    among: Sequence[str] = (),
) -> Verdict:
    """Return the sentence for the occluder whose curves are shown, from what is known so far.

    Its lead says what that occluder does at its amount, and how many others do the same. Its
    outcome says which one breaks more models, where one does; else how far the models hold under
    this one, whatever the amount: "A surgical mask is what breaks them: ACSI-Net holds longest, to
    37 % covered." Where there is no face to judge, it says that.

    Args:
        found: what is known.
        name: registry name of the occluder, one of the plan's.
        amounts: how much of each of the plan's; None means all of it.
        among: the occluders that it is held against; () means all of the plan's.
    """
    if not found.plan.crop.shows_face:
        return NO_FACE
    amounts = amounts or _all_of_each(found)
    sweeps = found.under(name)
    if not sweeps:
        return Verdict("One moment:", "the models are being asked.")
    known = [sweep for row in found.sweeps for sweep in row if sweep is not None]
    if len(found.plan.occluders) > 1 and all(sweep.flip is None for sweep in known):
        who = everyone(len(sweeps))
        answer = "keeps its answer" if len(sweeps) == 1 else "keep their answer"
        return Verdict(f"Nothing breaks {_them(sweeps)}:", f"{who} {answer} under every cover.")
    hardest = hardest_occluder(found, amounts, among=among)
    if _broken(found, hardest, amounts) > _broken(found, name, amounts):
        return Verdict(_lead(found, name, amounts, False), _breaks_more(found, hardest, amounts))
    outcome = _outcome_of_one(sweeps[0]) if len(sweeps) == 1 else _outcome(sweeps)
    return Verdict(_lead(found, name, amounts, name == hardest), outcome)


def hardest_occluder(
    found: Robustness, amounts: Amounts | None = None, *, among: Sequence[str] = ()
) -> str:
    """Return the occluder that breaks most models, of those with a known sweep.

    Of several that break equally many it is the one with the smallest area under the curves.

    Args:
        found: what is known: one sweep at least.
        amounts: how much of each of the plan's; None means all of it.
        among: the occluders that are looked at, where one of them is known; () means all.
    """
    amounts = amounts or _all_of_each(found)

    def harm(name: str) -> tuple[int, float]:
        sweeps = found.under(name)
        unshaken = sum(sweep.area for sweep in sweeps) / max(1, len(sweeps))
        return _broken(found, name, amounts), -unshaken

    known = list(filter(found.under, found.plan.occluders))
    return max([name for name in known if name in among] or known, key=harm)


def told(sweep: Sweep) -> str:
    """Return one curve in words: where it begins and ends, and where the answer changes."""
    first, last = percent(float(sweep.curve[0])), percent(float(sweep.curve[-1]))
    said = f"{sweep.title}: {sweep.target} goes from {first} to {last}"
    if sweep.flip is None:
        return f"{said} and stays the answer."
    return f"{said}; from {extent(sweep.flip)} on it answers {sweep.flip.answer}."


def extent(flip: Flip) -> str:
    """Return how much it took: "37 % covered", or the amount where no share tells it."""
    if flip.share:
        return f"{percent(flip.share)} covered"
    if flip.of_picture:
        return f"{percent(flip.amount)} of the picture"
    return f"an amount of {percent(flip.amount)}"


def spoken_name(sweep: Sweep, sweeps: Sequence[Sweep]) -> str:
    """Return a network's title, or its weights' name where another one has that title."""
    often = Counter(each.title for each in sweeps)
    return sweep.title if often[sweep.title] == 1 else sweep.model


def _all_of_each(found: Robustness) -> Amounts:
    return dict.fromkeys(found.plan.occluders, 1.0)


def _breaks_more(found: Robustness, name: str, amounts: Amounts) -> str:
    thing, sweeps = kind(name), found.under(name)
    broken, count = _broken(found, name, amounts), len(sweeps)
    noun, does = thing.noun[:1].lower() + thing.noun[1:], "break" if thing.plural else "breaks"
    whom = everyone(count) if broken == count else f"{broken} of {count} models"
    return f"{noun} {does} {whom}."


def _lead(found: Robustness, name: str, amounts: Amounts, hardest: bool) -> str:
    thing, sweeps = kind(name), found.under(name)
    broken, count = _broken(found, name, amounts), len(sweeps)
    does, do = ("break", "don't break") if thing.plural else ("breaks", "doesn't break")
    if broken == 0:
        what = f"{do} {_them(sweeps)}" if count == 1 else f"{does} no model"
        return f"{thing.noun} {what} at this amount:"
    whom = _them(sweeps) if broken == count else f"{broken} of {count} models"
    if 2 * broken >= count and hardest:
        others = [each for each in found.plan.occluders if each != name]
        alike = sum(_broken(found, each, amounts) >= broken for each in others)
        if not alike:
            verb = "are" if thing.plural else "is"
            return f"{thing.noun} {verb} what {does} {_them(sweeps)}:"
        too = "1 other cover does" if alike == 1 else f"{alike} other covers do"
        return f"{thing.noun} {does} {whom}, as {too}:"
    return f"{thing.noun} {does} {whom}:"


def _broken(found: Robustness, name: str, amounts: Amounts) -> int:
    return sum(sweep.at(amounts[name]).flipped for sweep in found.under(name))


def _outcome_of_one(sweep: Sweep) -> str:
    flip = sweep.flip
    if flip is None:
        return "it holds to the end."
    if flip.amount <= sweep.amounts[0]:
        return f"it changes its mind at the first step, {_first_step(sweep)}."
    return f"it holds to {extent(flip)}."


def _outcome(sweeps: Sequence[Sweep]) -> str:
    flips = [sweep.flip for sweep in sweeps]
    holding = [sweep for sweep, flip in zip(sweeps, flips, strict=True) if flip is None]
    if holding:
        return f"{_named(holding, sweeps, 'only ')} {_verb(holding)} to the end."
    reached = [flip for flip in flips if flip is not None]
    longest = max(reached, key=lambda flip: flip.amount)
    if longest.amount <= sweeps[0].amounts[0]:
        everybody = everyone(len(sweeps))
        return f"{everybody} change their mind at the first step, {_first_step(sweeps[0])}."
    last = [s for s, flip in zip(sweeps, reached, strict=True) if extent(flip) == extent(longest)]
    how = "to" if len(last) == len(sweeps) else "longest, to"
    return f"{_named(last, sweeps)} {_verb(last)} {how} {extent(longest)}."


def _first_step(sweep: Sweep) -> str:
    share = float(sweep.shares[0]) if sweep.by_share else None
    return extent(Flip(float(sweep.amounts[0]), share, sweep.answers[0], sweep.of_picture))


def _named(some: Sequence[Sweep], sweeps: Sequence[Sweep], alone: str = "") -> str:
    """Return how a sentence names some of several models; `alone` precedes a single name."""
    if len(some) == len(sweeps):
        return everyone(len(sweeps))
    if len(some) > 2:
        return f"{len(some)} of {len(sweeps)} models"
    names = [spoken_name(sweep, sweeps) for sweep in some]
    return " and ".join(names) if len(names) > 1 else alone + names[0]


def _verb(some: Sequence[Sweep]) -> str:
    return "holds" if len(some) == 1 else "hold"


def _them(sweeps: Sequence[Sweep]) -> str:
    return sweeps[0].title if len(sweeps) == 1 else "them"
