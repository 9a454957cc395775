"""`python -m training.unpack DIR...`: the archives of `training.round` to weights folders.

Each folder appears whole, its files checked by the checksums on its card, or not at all.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from training.command_line import add_weights_dir_option, command_parser, run_command
from training.shipping.archives import unpack


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("unpack", __doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR", help="of the archives")
    add_weights_dir_option(parser)
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    for folder in unpack(options.folders, options.weights_dir):
        yield f"written to {folder}"


if __name__ == "__main__":
    sys.exit(main())
