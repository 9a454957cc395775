"""Shipped weights that answer as one.

Writes `ensemble.TAG`, a card without files that names its members, and measures it like any other.
"""

from dataclasses import replace
from pathlib import Path

from ferstudio.errors import UsageError
from ferstudio.files import replaced_folder
from ferstudio.models.card import WeightsCard, read_card, write_card
from ferstudio.models.ensemble import ENSEMBLE
from training.data.table import FaceTable
from training.engine.run import code_revision
from training.evaluation.scores import Evaluation
from training.shipping.measure import measure


def write_ensemble(
    tag: str, members: tuple[str, ...], weights_dir: Path, valid: FaceTable
) -> list[Evaluation]:
    """Write the ensemble called `ensemble.TAG` and return what it scores.

    It takes pictures of its largest member's size. The folder appears whole, measured card and
    all, or not at all; one of the same name is replaced.

    Args:
        tag: which ensemble it is.
        members: names of at least two weights in `weights_dir`.
        weights_dir: where the members are and the ensemble appears.
        valid: faces to measure on.

    Raises:
        UsageError: if there are fewer than two members.
        WeightsError: if one is missing, or differs in labels or preprocessing.
    """
    if len(set(members)) < 2:
        raise UsageError("An ensemble needs at least two different members.")
    card = _card(tag, [read_card(weights_dir / name) for name in members])
    with replaced_folder(weights_dir / card.name) as part:  # its members are found beside it
        write_card(part, card)
        return measure(part, valid)


def _card(tag: str, members: list[WeightsCard]) -> WeightsCard:
    names = tuple(member.name for member in members)
    size_px = max(member.input.size for member in members)
    return WeightsCard(
        model=ENSEMBLE.name,
        tag=tag,
        files=(),
        sha256=(),
        labels=members[0].labels,
        input=replace(members[0].input, size=size_px),
        metrics=(),
        recipe={
            "name": f"{ENSEMBLE.name}.{tag}",
            "command": f"python -m training.ensemble {tag} --members {','.join(names)} --data DIR",
        },
        data="; ".join(dict.fromkeys(member.data for member in members)),
        commit=code_revision(),
        licence=members[0].licence,
        params=sum(member.params for member in members),
        members=names,
    )
