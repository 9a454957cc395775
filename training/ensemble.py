"""`python -m training.ensemble TAG --members A,B,..`: shipped weights that answer as one.

`training.shipping.ensemble` says what is written.
"""

import argparse
import sys
from collections.abc import Iterator

from training.command_line import (
    add_data_option,
    add_weights_dir_option,
    command_parser,
    run_command,
)
from training.data.cache import load_split
from training.evaluation.scores import table_text
from training.shipping.ensemble import write_ensemble


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("ensemble", __doc__)
    parser.add_argument("tag", help="the ensemble will be called ensemble.TAG")
    parser.add_argument("--members", required=True, metavar="A,B", help="names of weights")
    add_data_option(parser)
    add_weights_dir_option(parser)
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    members = tuple(name.strip() for name in options.members.split(","))
    valid = load_split(options.data, "valid")
    yield table_text(write_ensemble(options.tag, members, options.weights_dir, valid))


if __name__ == "__main__":
    sys.exit(main())
