"""What steps claim, asked of the networks: each claim is a function that makes one.

No sentence says more than the networks just answered. `Reveal.holds` tells whether that is what the
step is about; tests hold every step of every lesson to it, so a lesson whose networks were trained
anew either still shows what it promises or fails its test.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from ferstudio.errors import UsageError
from ferstudio.faces.samples import list_samples
from ferstudio.lessons.lesson import Claim, Reveal, Setting
from ferstudio.sentences.compare import verdict
from ferstudio.sentences.explain import STAYS_ALIKE
from ferstudio.sentences.sentence import cover_noun, everyone, joined, percent
from ferstudio.studio.examination import Examination
from ferstudio.studio.results import Comparison
from ferstudio.studio.robustness import Robustness, RobustnessPlan
from ferstudio.studio.selection import NONE, Selection
from ferstudio.studio.studio import Studio
from ferstudio.studio.sweep import Sweep
from ferstudio.studio.works import Watch

MOST = 0.5
"""Share of the networks above which it is most of them."""


def agrees_with_label() -> Claim:
    """Claim that most networks answer what the bare face shows."""

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        found = _compared(studio, replace(setting, cover=NONE), watch)
        answers = {row.title: row.clean.prediction.top for row in found.rows}
        right = sum(answer == setting.face for answer in answers.values())
        said = (
            f"{_counted(right, len(answers))} {_verb(right, 'say')} {setting.face}, as people do."
        )
        return Reveal(said, right > MOST * len(answers), answers)

    return claim


def changes(least: float = MOST) -> Claim:
    """Claim that the cover changes more than this share of the networks' minds."""

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        found = _compared(studio, setting, watch)
        holds = found.flips > least * len(found.rows)
        return Reveal(f"{verdict(found)} {_told(found)}", holds, _covered(found))

    return claim


def keeps(least: float = MOST) -> Claim:
    """Claim that more than this share of the networks keep their answer under the cover."""

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        found = _compared(studio, setting, watch)
        holds = len(found.rows) - found.flips > least * len(found.rows)
        return Reveal(f"{verdict(found)} {_told(found)}", holds, _covered(found))

    return claim


def differs() -> Claim:
    """Claim that the networks don't all give the same answer to the face as it is shown."""

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        found = _compared(studio, setting, watch)
        answers = _covered(found)
        return Reveal(_told(found), len(set(answers.values())) > 1, answers)

    return claim


def outlasts(strong: str, weak: str) -> Claim:
    """Claim that one network holds on to its answer longer than another under the same cover.

    Args:
        strong: name of the weights that hold on longer.
        weak: name of those that don't.
    """

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        found = _tried(studio, replace(setting, models=(strong, weak)), watch)
        by_name = {sweep.model: sweep for sweep in found.under(setting.cover)}
        held, lost = by_name[strong], by_name[weak]
        said = f"{_flips_at(held)} {_flips_at(lost)}"
        return Reveal(said, _lasting(held) > _lasting(lost), {held.title: held.answers[-1]})

    return claim


def gives_up() -> Claim:
    """Claim that every network changes its mind as the cover grows, and say at which amount."""

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        sweeps = _tried(studio, setting, watch).under(setting.cover)
        answers = {sweep.title: sweep.answers[-1] for sweep in sweeps}
        holds = all(sweep.flip is not None for sweep in sweeps)
        return Reveal(" ".join(map(_flips_at, sweeps)), holds, answers)

    return claim


def heat_on_cover(least: float = 0.2) -> Claim:
    """Claim that this share of one network's heat, at least, lies on the cover itself."""

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        found = _compared(studio, setting, watch)
        (row,) = found.rows
        if row.leakage_share is None:
            raise UsageError(f"{setting.explainer} shows no map of {row.title} here.")
        said = (
            f"{percent(row.leakage_share)} of the heat of {row.title} lies on "
            f"{cover_noun(found.selection.cover.name)} itself. {_told(found)}"
        )
        return Reveal(said, row.leakage_share >= least)

    return claim


def map_is_lost(*, lost: bool = True) -> Claim:
    """Claim that the heatmap depends on what the network learned, or `lost=False` that it doesn't.

    By its rank correlation with the map of the same network with shuffled weights.
    """

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        found = _examined(studio, setting, watch)
        if not found.stages:
            raise UsageError(f"{found.method} shows no map of {found.title} here.")
        alike = found.stages[-1].similarity.spearman
        written = f"{alike:.2f}".replace("-", "−")
        said = (
            f"With all weights of {found.title} shuffled, the map of {found.method} keeps a rank "
            f"correlation of {written} with the true one: it "
            f"{'depends' if alike < STAYS_ALIKE else 'hardly depends'} on what was learned."
        )
        return Reveal(said, (alike < STAYS_ALIKE) is lost)

    return claim


def map_beats_chance() -> Claim:
    """Claim that hiding what the map calls hot hurts the answer more than hiding anything."""

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        found = _examined(studio, setting, watch)
        if found.curves is None:
            raise UsageError(f"{found.method} shows no map of {found.title} here.")
        gain = found.curves.gain
        said = (
            f"Hiding the hottest places first, and showing them first, the map is "
            f"{'better' if gain > 0 else 'worse'} than a random one by {abs(gain):.2f}."
        )
        return Reveal(said, gain > 0)

    return claim


def answer_needs_attention(*, needs: bool) -> Claim:
    """Claim that the answer is another one with all attention switched off, or that it isn't."""

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        (name,), selection = setting.models, setting.selection(studio)
        crop = studio.cover(selection, name, watch).crop
        report = studio.attention(name, crop, watch)
        off = studio.without_attention(name, crop)
        before, after = report.prediction, off
        changed = before.top != after.top
        said = (
            f"{report.title} answers {before.top} with {percent(before.confidence)}; with its "
            f"attention switched off {'it is' if changed else 'still'} {after.top}, with "
            f"{percent(after.confidence)}."
        )
        return Reveal(said, changed is needs, {report.title: after.top})

    return claim


def part_decides(least: float = 0.2) -> Claim:
    """Claim that hiding one part of the face takes this much from the answer, at least."""

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        found = _examined(studio, setting, watch, first=True)
        effect = max(found.parts.effects, key=lambda each: each.fall)
        said = (
            f"Without the {effect.part} the probability of {found.parts.target} falls by "
            f"{percent(max(effect.fall, 0))}, and {found.title} answers {effect.answer}."
        )
        return Reveal(said, effect.fall >= least)

    return claim


def sides_differ(left: str = "left", right: str = "right", least: float = 0.1) -> Claim:
    """Claim that hiding one side of the face costs the answer more than hiding the other.

    Args:
        left: name of the cover of the person's left half.
        right: of the right half.
        least: difference of the mean probabilities, from which on it is one.
    """

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        kept = {}
        for side in (left, right):
            found = _compared(studio, replace(setting, cover=side), watch)
            rows = [
                row.covered.prediction.probability_of(row.clean.prediction.top)
                for row in found.rows
            ]
            kept[side] = sum(rows) / len(rows)
        said = (
            f"Under the cover of the left half {percent(kept[left])} of the answer is left, under "
            f"that of the right half {percent(kept[right])}, as a mean over {len(rows)} "
            f"networks."
        )
        return Reveal(said, abs(kept[left] - kept[right]) >= least)

    return claim


def people_agree(least: float = 0.0, most: float = 1.0) -> Claim:
    """Claim that the share of people's votes for what the face shows lies between two numbers."""

    def claim(studio: Studio, setting: Setting, watch: Watch) -> Reveal:
        votes = people(setting.face)
        others = sorted(votes.items(), key=lambda each: -each[1])[1:]
        named = [f"{percent(part)} {name}" for name, part in others if part >= 0.02]
        rest = f", and else {joined(named)}" if named else ""
        found = _compared(studio, setting, watch)
        own = votes[setting.face]
        said = f"People saw {setting.face} with {percent(own)} of their votes{rest}."
        holds = least <= own <= most
        return Reveal(f"{said} {_told(found)}", holds, _covered(found))

    return claim


def shown_answers(studio: Studio, selection: Selection, watch: Watch) -> Reveal:
    """Return what the networks answer to any face under any cover; it claims nothing.

    Raises:
        UsageError: if no model is asked.
    """
    found = studio.compare(selection, watch)
    return Reveal(f"{verdict(found)} {_told(found)}", holds=True, answers=_covered(found))


def people(face: str) -> Mapping[str, float]:
    """Return the shares of people's votes on the faces that a sample face is the mean of."""
    return next((sample.votes for sample in list_samples() if sample.emotion == face), {})


def _compared(studio: Studio, setting: Setting, watch: Watch) -> Comparison:
    return studio.compare(setting.selection(studio), watch)


def _examined(
    studio: Studio, setting: Setting, watch: Watch, *, first: bool = False
) -> Examination:
    """Return what is known of one network's answer; `first`: as soon as parts are known."""
    (name,) = setting.models
    states = studio.examine(name, setting.selection(studio), watch)
    if first:
        return next(states)
    *_, last = states
    return last


def _tried(studio: Studio, setting: Setting, watch: Watch) -> Robustness:
    plan = RobustnessPlan(setting.selection(studio), (setting.cover,))
    *_, last = studio.robustness(plan, watch)
    return last


def _covered(found: Comparison) -> dict[str, str]:
    return {row.title: row.covered.prediction.top for row in found.rows}


def _told(found: Comparison) -> str:
    """Return who answers what, the most frequent answer first; of two that differ, by name."""
    said = _covered(found)
    if len(said) == len(set(said.values())) == 2:
        return f"{', '.join(f'{title} says {answer}' for title, answer in said.items())}."
    counts = Counter(said.values()).most_common()
    (first, number), *others = counts
    total = len(found.rows)
    rest = "".join(f", {count} {_verb(count, 'say')} {answer}" for answer, count in others)
    return f"{_counted(number, total)} {_verb(number, 'say')} {first}{rest}."


def _counted(number: int, total: int) -> str:
    """Return how many of all models, as a sentence begins with it."""
    if number == total:
        return everyone(total).capitalize()
    return f"{number} of {total} models"


def _verb(number: int, verb: str) -> str:
    return f"{verb}s" if number == 1 else verb


def _lasting(sweep: Sweep) -> float:
    """Return the amount at which a network changes its mind; above 1 where it never does."""
    return 2.0 if sweep.flip is None else sweep.flip.amount


def _flips_at(sweep: Sweep) -> str:
    if sweep.flip is None:
        return f"{sweep.title} keeps {sweep.target} to the end."
    share = sweep.flip.share
    when = (
        f"at {percent(sweep.flip.amount)} of the cover"
        if share is None
        else f"once {percent(share)} of the face is covered"
    )
    return f"{sweep.title} gives up {sweep.target} {when}."
