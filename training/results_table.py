"""`python -m training.results_table FILE.json...`: the README's results from measured JSON."""

import argparse
import sys
from pathlib import Path

from training.command_line import command_parser, run_command
from training.docs.readme import rewrite_section
from training.docs.results_table import SECTION, read_results, results_section


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("results_table", __doc__)
    parser.add_argument("files", type=Path, nargs="+", help="cards, or of training.evaluate --json")
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> list[str]:
    rows = [row for file in options.files for row in read_results(file)]
    rewrite_section(options.readme, SECTION, results_section(rows))
    return []


if __name__ == "__main__":
    sys.exit(main())
