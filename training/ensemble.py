"""`python -m training.ensemble TAG --members A,B,..`: shipped weights that answer as one.

Writes `ensemble.TAG`, a card without files that names its members, and measures it like any other.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from ferstudio.errors import FerStudioError, UsageError
from ferstudio.files import replaced_folder
from ferstudio.models.ensemble import ENSEMBLE
from ferstudio.models.weights import WeightsCard, read_card, write_card
from training.data.table import WEIGHTS_DIR, FaceTable, load_split
from training.engine.run import code_revision
from training.evaluation.scores import Evaluation, table_text
from training.export import measure


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


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.ensemble", description=__doc__)
    parser.add_argument("tag", help="the ensemble will be called ensemble.TAG")
    parser.add_argument("--members", required=True, metavar="A,B", help="names of weights")
    parser.add_argument("--data", type=Path, required=True, help="folder from training.prepare")
    parser.add_argument("--weights-dir", type=Path, default=WEIGHTS_DIR)
    options = parser.parse_args(arguments)
    try:
        members = tuple(name.strip() for name in options.members.split(","))
        valid = load_split(options.data, "valid")
        print(table_text(write_ensemble(options.tag, members, options.weights_dir, valid)))
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
