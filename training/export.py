"""`python -m training.export RUN`: a run's weights to a weights folder with its card.

`training.shipping.export` says what becomes of it.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ferstudio.distributed import pick_device
from training.command_line import (
    add_data_option,
    add_weights_dir_option,
    command_parser,
    run_command,
)
from training.data.cache import load_split
from training.evaluation.scores import table_text
from training.shipping.adjustment import Balance, parse_tau
from training.shipping.export import export
from training.shipping.measure import BARE, CARD_OCCLUDERS


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("export", __doc__)
    parser.add_argument("run", type=Path, help="folder of a training run")
    add_data_option(parser)
    add_weights_dir_option(parser)
    parser.add_argument(
        "--balance", default="0", metavar="TAU", help="raise rare emotions: a factor, or auto"
    )
    parser.add_argument(
        "--uncalibrated",
        action="store_true",
        help="ship the logits as they were trained, not divided by the best temperature",
    )
    parser.add_argument(
        "--device",
        default="cpu",
        help="where they are measured: cpu, cuda or auto; a GPU's rounding can turn a close answer",
    )
    parser.add_argument(
        "--bare", action="store_true", help="measure bare faces alone; training.cards does the rest"
    )
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    device = pick_device(options.device)
    tau, valid = parse_tau(options.balance), load_split(options.data, "valid")
    balance = None if tau == 0 else Balance(tau, load_split(options.data, "train"), valid)
    written = export(
        options.run,
        options.weights_dir,
        valid,
        balance=balance,
        calibrated=not options.uncalibrated,
        device=device,
        occluders=BARE if options.bare else CARD_OCCLUDERS,
    )
    yield table_text([evaluation for rows in written.values() for evaluation in rows])
    for folder in written:
        yield f"written to {folder}"


if __name__ == "__main__":
    sys.exit(main())
