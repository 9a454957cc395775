"""`python -m training.balance NAME`: rare emotions answered more often by exported weights.

The run itself isn't needed: the bias of the last layer alone is changed
(`training.shipping.adjustment`), then the weights are measured again, and their card says both.
`--tau 0` takes it back.
"""

import argparse
import sys
from collections.abc import Iterator

from ferstudio.models import find_weights
from training.command_line import (
    add_data_option,
    add_weights_dir_option,
    command_parser,
    known_weights,
    run_command,
)
from training.data.cache import load_split
from training.evaluation.scores import table_text
from training.shipping.adjustment import Balance, parse_tau, rebalance


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("balance", __doc__)
    parser.add_argument("name", help="name of the weights")
    add_data_option(parser)
    parser.add_argument("--tau", default="auto", help="factor of the adjustment, or auto")
    add_weights_dir_option(parser)
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    tau = parse_tau(options.tau)
    folder = known_weights(options.name, find_weights(options.weights_dir))
    tables = load_split(options.data, "train"), load_split(options.data, "valid")
    yield table_text(rebalance(folder, Balance(tau, *tables)))
    yield f"written to {folder}"


if __name__ == "__main__":
    sys.exit(main())
