"""`python -m training.prototypes`: the sample faces, each the average of many people."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ferstudio.errors import UsageError
from training.command_line import (
    add_data_option,
    command_parser,
    run_command,
)
from training.data.cache import load_split
from training.data.prototypes import SAMPLES_DIR, make_prototypes, write_prototypes


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("prototypes", __doc__)
    add_data_option(parser)
    parser.add_argument("--out", type=Path, default=SAMPLES_DIR, help="default: the package's own")
    parser.add_argument("--size", type=int, default=256, help="side in pixels (default: 256)")
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    if not 64 <= options.size <= 1024:
        raise UsageError(f"--size must lie between 64 and 1024 pixels, not {options.size}.")
    prototypes = make_prototypes(load_split(options.data, "train"), options.size)
    write_prototypes(prototypes, options.out)
    yield ", ".join(f"{name}: {made.faces} faces" for name, made in prototypes.items())


if __name__ == "__main__":
    sys.exit(main())
