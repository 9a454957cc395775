"""`python -m training.curves RUN`: a run's accuracy by epoch, as a result for the page."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from training.command_line import add_data_option, command_parser, run_command
from training.data.cache import load_split
from training.experiments.curves import curves_result
from training.experiments.published import add_results_option, publish


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("curves", __doc__)
    parser.add_argument("run", type=Path, help="folder of a training run")
    add_data_option(parser)
    add_results_option(parser)
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    result = curves_result(
        options.run, *(load_split(options.data, split) for split in ("train", "valid"))
    )
    for row in result.rows:
        yield ", ".join(f"{name} {value:g}" for name, value in row.values.items())
    yield from map(str, publish([result], options.results))


if __name__ == "__main__":
    sys.exit(main())
