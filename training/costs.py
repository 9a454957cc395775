"""`python -m training.costs`: parameters, multiply-adds and milliseconds of every network."""

import argparse
import sys
from collections.abc import Iterator

from ferstudio.errors import UsageError
from ferstudio.models import list_models, model_entry
from ferstudio.results import Row
from training.command_line import command_parser, run_command
from training.experiments.costs import costs_result, network_costs
from training.experiments.published import add_results_option, publish


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("costs", __doc__)
    parser.add_argument("--networks", default="all", help="registry names, comma-separated, or all")
    parser.add_argument("--runs", type=int, default=7, help="timed forward passes of each (7)")
    add_results_option(parser)
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    if options.runs < 2:
        raise UsageError(f"--runs must be 2 or more, not {options.runs}: one run has no spread.")
    names = list_models() if options.networks == "all" else options.networks.split(",")
    for name in names:
        model_entry(name)
    rows = list[Row]()
    for row in network_costs(names, runs=options.runs):
        rows.append(row)
        found = row.values
        yield (
            f"{row.name:20} {found['parameters'] / 1e6:6.2f} M "
            f"{found['multiply_adds'] / 1e9:6.2f} G {found['ms']:7.1f} ms"
        )
    result = costs_result(rows, "python -m training.costs")
    yield from map(str, publish([result], options.results, merge=True))


if __name__ == "__main__":
    sys.exit(main())
