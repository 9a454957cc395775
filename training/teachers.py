"""`python -m training.teachers`: what shipped networks answer on training faces, to learn from."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ferstudio.distributed import pick_device
from ferstudio.models import load_weights
from training.command_line import (
    add_data_option,
    add_device_option,
    add_weights_dir_option,
    command_parser,
    member_weights,
    run_command,
)
from training.data.cache import load_split
from training.data.teacher import write_teacher
from training.evaluation.teachers import ask


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("teachers", __doc__)
    parser.add_argument("--weights", required=True, help="names, comma-separated")
    add_weights_dir_option(parser)
    add_data_option(parser)
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    add_device_option(parser)
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    device = pick_device(options.device)
    folders = member_weights(options.weights, options.weights_dir)
    table = load_split(options.data, "train")
    teacher = ask([load_weights(folder) for folder in folders], table, device)
    write_teacher(options.out, teacher)
    yield f"{len(teacher.names)} faces as {' and '.join(teacher.weights)} see them: {options.out}"


if __name__ == "__main__":
    sys.exit(main())
