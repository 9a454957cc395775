"""`python -m training.features`: banks of validation features beside shipped weights.

`training.evaluation.feature_bank` says what is in them.
"""

import argparse
import sys
from collections.abc import Iterator

from ferstudio.errors import UsageError
from ferstudio.features import BANK_FILE, purity, silhouette, write_bank
from ferstudio.files import writes_to
from ferstudio.models import load_weights
from training.command_line import (
    add_data_option,
    add_split_option,
    add_weights_options,
    chosen_weights,
    command_parser,
    run_command,
)
from training.data.cache import load_split
from training.evaluation.feature_bank import make_bank


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("features", __doc__)
    add_weights_options(parser)
    add_data_option(parser)
    add_split_option(parser)
    parser.add_argument("--seed", type=int, default=0)
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    folders = chosen_weights(options.weights, options.weights_dir)
    table = load_split(options.data, options.split)
    for folder in folders:
        model = load_weights(folder)
        try:
            bank = make_bank(model, table, split=options.split, seed=options.seed)
        except UsageError as error:
            if options.weights != "all":
                raise
            yield str(error)
            continue
        with writes_to(folder):
            write_bank(folder, model.card, bank)
        size = (folder / BANK_FILE).stat().st_size / 1e6
        yield (
            f"{model.name}: {len(bank.classes)} faces, silhouette {silhouette(bank):.3f}, "
            f"purity {purity(bank):.3f}, maps {', '.join(bank.maps)}, {size:.2f} MB"
        )


if __name__ == "__main__":
    sys.exit(main())
