"""`python -m training.class_counts`: faces per emotion, before and after balancing."""

import argparse
import sys
from collections.abc import Iterator

from training.command_line import add_data_option, command_parser, run_command
from training.data.cache import load_split, splits_of
from training.experiments.class_counts import count_classes
from training.experiments.published import add_results_option, publish
from training.recipes import get_recipe

BALANCING = "psa_resnet50.paper"
"""The recipe of the paper that balances its classes."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("class_counts", __doc__)
    add_data_option(parser)
    add_results_option(parser)
    parser.add_argument("--labels", default="fer2013,ferplus", help="label sets, comma-separated")
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    tables = {split: load_split(options.data, split) for split in splits_of(options.data)}
    command = "python -m training.class_counts --data DIR"
    for labels in options.labels.split(","):
        result = count_classes(tables, labels, get_recipe(BALANCING), command=command)
        yield f"{labels}: {result.note}"
        for row in result.rows:
            counts = ", ".join(f"{name} {value:g}" for name, value in row.values.items())
            yield f"  {row.name:10} {counts}"
        yield from map(str, publish([result], options.results))


if __name__ == "__main__":
    sys.exit(main())
