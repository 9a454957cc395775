"""`python -m training.pictures RUN`: a run's learning curves and confusion matrices as PNG."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ferstudio.files import writes_to
from training.command_line import command_parser, run_command
from training.docs.run_plots import draw_confusions, draw_learning_curves
from training.evaluation.scores import read_evaluations
from training.experiments.experiment import EVALUATION


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("pictures", __doc__)
    parser.add_argument("run", type=Path, help="folder of a training run; the plots go there")
    parser.add_argument(
        "--evaluation",
        type=Path,
        help="what training.evaluate --json wrote; the run's own evaluation.json unless given",
    )
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    with writes_to(options.run):
        files = [draw_learning_curves(options.run)]
        evaluation = options.evaluation or options.run / EVALUATION
        if options.evaluation or evaluation.exists():
            files += draw_confusions(read_evaluations(evaluation), options.run)
    yield from map(str, files)


if __name__ == "__main__":
    sys.exit(main())
