"""`python -m training.evaluate`: what shipped weights score, with n, protocol and interval.

`torchrun --nproc-per-node N -m training.evaluate` shares the batches out to N processes. The
batches are those of one process, so its counts are, too.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

from ferstudio.errors import UsageError
from ferstudio.labels import label_set
from ferstudio.models import load_weights
from training.command_line import (
    add_weights_options,
    chosen_weights,
    command_parser,
    run_command,
)
from training.data.cache import SPLITS, load_split
from training.data.subsets import read_subset
from training.engine.distributed import is_main_process, process_group
from training.evaluation.evaluate import evaluate_photographs, evaluate_split
from training.evaluation.protocols import Protocol, parse_covers
from training.evaluation.scores import Evaluation, table_text, write_json


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("evaluate", __doc__)
    add_weights_options(parser)
    parser.add_argument("--data", type=Path, help="folder from training.prepare")
    parser.add_argument("--split", choices=SPLITS, default="valid")
    parser.add_argument("--images", type=Path, help="photographs in DIR/<label>/* instead")
    parser.add_argument("--labels", default="ferplus", help="ferplus or fer2013")
    parser.add_argument("--subset", type=Path, help="CSV with the header name,label")
    parser.add_argument("--occlude", default="none", help="occluders, comma-separated")
    parser.add_argument("--amount", default="1", help="severities in [0, 1], comma-separated")
    parser.add_argument("--tta", action="store_true", help="average with the mirrored face")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    with process_group(options.device) as device:
        evaluations = list(_evaluated(options, device))
        if is_main_process():
            yield table_text(evaluations)
        if options.json:
            write_json(options.json, [row.to_json() for row in evaluations])


def _evaluated(options: argparse.Namespace, device: torch.device) -> Iterator[Evaluation]:
    label_set(options.labels)
    covers = parse_covers(options.occlude, options.amount)
    if (options.data is None) == (options.images is None):
        raise UsageError("Give either --data (a prepared cache) or --images (photographs).")
    folders = chosen_weights(options.weights, options.weights_dir)
    table, truth = None, None
    if options.data is not None:
        table = load_split(options.data, options.split)
        if options.subset:
            truth = read_subset(options.subset, table, options.labels)
    subset = options.subset.name if options.subset else ""
    for folder in folders:
        model = load_weights(folder)
        for name, amount in covers:
            protocol = Protocol(options.labels, name, amount, options.tta, options.seed)
            if table is None:
                yield evaluate_photographs(model, options.images, protocol, device=device)
            else:
                yield evaluate_split(
                    model,
                    table,
                    protocol,
                    split=options.split,
                    subset=subset,
                    truth=truth,
                    device=device,
                )


if __name__ == "__main__":
    sys.exit(main())
