"""`python -m training.attention_worth --weights all`: what each network's own attention is worth.

Right answers as the network is, and with every gate replaced by its mean over the faces
(`training.evaluation.attention_worth`). The result is written on the weights' card.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ferstudio.intervals import interval_text
from ferstudio.models import load_weights
from ferstudio.models.attention import attention_taps
from training.command_line import (
    add_data_option,
    add_split_option,
    add_weights_options,
    chosen_weights,
    command_parser,
    run_command,
)
from training.data.cache import load_split
from training.evaluation.attention_worth import AttentionWorth, attention_worth, record
from training.evaluation.scores import write_json


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("attention_worth", __doc__)
    add_weights_options(parser)
    add_data_option(parser)
    add_split_option(parser)
    parser.add_argument("--json", type=Path, help="write the results to this file")
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    table, results = load_split(options.data, options.split), list[AttentionWorth]()
    for folder in chosen_weights(options.weights, options.weights_dir):
        model = load_weights(folder)
        if options.weights == "all" and not attention_taps(model.module):
            yield f"{model.name}: no attention of its own"
            continue
        found = attention_worth(model, table, split=options.split)
        record(folder, found)
        results.append(found)
        yield _line(found)
    if options.json:
        write_json(options.json, [found.to_json() for found in results])


def _line(found: AttentionWorth) -> str:
    even = "" if found.contrast is None else f", contrast of its map {found.contrast:.3f}"
    return (
        f"{found.weights}: {100 * found.accuracy:.1f} % right, {100 * found.accuracy_of_means:.1f} "
        f"with means for gates: worth {100 * found.worth:.1f} points ({interval_text(found.ci95)})"
        f"{even} (n {found.n})"
    )


if __name__ == "__main__":
    sys.exit(main())
