"""`python -m training.calibrate --weights all`: probabilities that can be believed.

Divides each network's logits by the temperature under which the validation labels are likeliest,
in the last layer of its file (`training.shipping.calibration`), and measures it anew. The numbers
before and after stand on its card. `export` does the same for new weights.
"""

import argparse
import sys
from collections.abc import Iterator

from ferstudio.models.card import read_card
from training.command_line import (
    add_data_option,
    add_weights_options,
    chosen_weights,
    command_parser,
    run_command,
)
from training.data.cache import load_split
from training.shipping.calibration import recalibrate


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("calibrate", __doc__)
    add_weights_options(parser)
    add_data_option(parser)
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    valid = load_split(options.data, "valid")
    for folder in chosen_weights(options.weights, options.weights_dir):
        if read_card(folder).members:
            yield f"{folder.name}: an ensemble has no last layer; its members have"
            continue
        recalibrate(folder, valid)
        found = read_card(folder).calibration
        yield (
            f"{folder.name}: temperature {found['temperature']:.3f}, expected calibration error "
            f"{found['ece_without']:.3f} before, {found['ece']:.3f} now (n {found['n']})"
        )


if __name__ == "__main__":
    sys.exit(main())
