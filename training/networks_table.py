"""`python -m training.networks_table`: the README's networks, counted from the code."""

import argparse
import sys
from pathlib import Path

from training.command_line import command_parser, run_command
from training.docs.networks_table import SECTION, networks_markdown
from training.docs.readme import rewrite_section


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("networks_table", __doc__)
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> list[str]:
    rewrite_section(options.readme, SECTION, networks_markdown())
    return []


if __name__ == "__main__":
    sys.exit(main())
