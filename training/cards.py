"""`python -m training.cards`: all that is made of the shipped weights, made anew where it is stale.

Lists first what is stale: calibration, metrics, banks of features with their maps, faithfulness
and attention of each network, and the README's tables. Then makes that, and nothing else. What is
broken off goes on when asked again.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ferstudio.errors import UsageError
from ferstudio.files import writes_to
from training.command_line import (
    ShortfallError,
    add_data_option,
    add_weights_dir_option,
    command_parser,
    run_command,
)
from training.data.cache import load_split
from training.docs.readme import rewrite_section
from training.docs.tables import stale_tables
from training.shipping.parts import stale_parts


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status: with --check 1 where something is stale."""
    parser = command_parser("cards", __doc__)
    add_data_option(parser, required=False)
    add_weights_dir_option(parser)
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    parser.add_argument(
        "--results",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="of training.evaluate --json, for the README beside what stands on the cards",
    )
    parser.add_argument("--check", action="store_true", help="only list what is stale")
    parser.add_argument(
        "--tables",
        action="store_true",
        help="the README's tables alone, from the cards and ferstudio/results as they are",
    )
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    def tables() -> dict[str, str]:
        return stale_tables(options.readme, options.weights_dir, options.results)

    parts = [] if options.tables else list(stale_parts(options.weights_dir))
    old = list(tables())
    yield from (f"stale: {each.folder.name}, {each.part.name}" for each in parts)
    yield from (f"stale: {options.readme.name}, table of {name}" for name in old)
    if options.check and (parts or old):
        raise ShortfallError(
            f"{len(parts) + len(old)} things are stale; without --check they are made."
        )
    if not parts and not old:
        yield "nothing is stale"
        return
    if parts and options.data is None:
        raise UsageError("What is made of weights needs --data; --tables does without.")
    valid = load_split(options.data, "valid") if parts else None
    for each in parts:
        assert valid is not None
        with writes_to(each.folder):
            each.part.make(each.folder, valid)
        yield f"made: {each.folder.name}, {each.part.name}"
    for name, text in tables().items():
        rewrite_section(options.readme, name, text)
        yield f"made: {options.readme.name}, table of {name}"


if __name__ == "__main__":
    sys.exit(main())
