"""`python -m training.evaluate`: what shipped weights score, with n, protocol and interval.

`torchrun --nproc-per-node N -m training.evaluate` shares one process's batches: counts are equal.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from ferstudio.distributed import is_main_process, process_group
from ferstudio.errors import UsageError
from ferstudio.labels import label_set
from ferstudio.models import load_weights
from ferstudio.models.card import weights_digest
from training.command_line import (
    add_device_option,
    add_split_option,
    add_weights_options,
    chosen_weights,
    command_parser,
    run_command,
)
from training.data.cache import load_split
from training.data.rephotograph import CHANGES, parse_changes
from training.data.subsets import read_subset
from training.evaluation.evaluate import (
    evaluate_pictures,
    evaluate_split,
    labelled_photographs,
    rephotographed_faces,
)
from training.evaluation.scores import Evaluation, table_text, write_json
from training.evaluation.shown_faces import Protocol, parse_covers
from training.experiments.published import add_results_option, evaluation_results, publish


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("evaluate", __doc__)
    add_weights_options(parser)
    parser.add_argument("--data", type=Path, help="folder from training.prepare")
    add_split_option(parser)
    parser.add_argument(
        "--images", type=Path, help="photographs DIR/<label>/* or DIR/<label>_* instead"
    )
    parser.add_argument("--labels", default="ferplus", help="ferplus or fer2013")
    parser.add_argument("--subset", type=Path, help="CSV with the header name,label")
    parser.add_argument("--limit", type=int, metavar="N", help="only N faces, chosen at random")
    parser.add_argument(
        "--rephotograph",
        nargs="?",
        const="all",
        metavar="CHANGES",
        help="paste the faces into made pictures, find and crop them as in the studio; "
        f"comma-separated from {', '.join(CHANGES)}, or all or none",
    )
    parser.add_argument("--occlude", default="none", help="occluders, comma-separated")
    parser.add_argument("--amount", default="1", help="severities in [0, 1], comma-separated")
    parser.add_argument("--tta", action="store_true", help="average with the mirrored face")
    parser.add_argument("--seed", type=int, default=0)
    add_device_option(parser)
    parser.add_argument("--json", type=Path, help="write the results to this file")
    add_results_option(parser)
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    with process_group(options.device) as device:
        judged = list(_evaluated(options, device))
        evaluations = [row for row, _ in judged]
        if is_main_process():
            yield table_text(evaluations)
        if options.json:
            write_json(options.json, [row.to_json() for row in evaluations])
        publish(evaluation_results(judged, limit=options.limit), options.results, merge=True)


def _evaluated(
    options: argparse.Namespace, device: torch.device
) -> Iterator[tuple[Evaluation, str]]:
    label_set(options.labels)
    covers = parse_covers(options.occlude, options.amount)
    if (options.data is None) == (options.images is None):
        raise UsageError("Give either --data (a prepared cache) or --images (photographs).")
    if options.limit is not None and options.limit < 1:
        raise UsageError(f"--limit must be at least 1, not {options.limit}.")
    if options.images and (options.limit, options.rephotograph) != (None, None):
        raise UsageError("--limit and --rephotograph are for faces of --data, not for --images.")
    folders = chosen_weights(options.weights, options.weights_dir)
    shown = Protocol(
        labels=options.labels,
        tta=options.tta,
        seed=options.seed,
        limit=options.limit,
        rephotograph=options.rephotograph and parse_changes(options.rephotograph),
    )
    evaluate = _evaluator(options, shown, device)
    for folder in folders:
        model = load_weights(folder)
        for name, amount in covers:
            under = replace(shown, occlude=name, amount=amount)
            yield evaluate(model, protocol=under), weights_digest(folder, model.card)


def _evaluator(
    options: argparse.Namespace, shown: Protocol, device: torch.device
) -> Callable[..., Evaluation]:
    """Return what judges a network under a protocol; the faces are the same for all of them."""
    if options.images:
        pictures = labelled_photographs(options.images, options.labels)
        return partial(evaluate_pictures, pictures=pictures, device=device)
    table = load_split(options.data, options.split)
    source: dict[str, Any] = {"split": options.split}
    if options.subset:
        source["subset"] = options.subset.name
        source["truth"] = read_subset(options.subset, table, options.labels)
    if shown.rephotograph is not None:
        pictures = rephotographed_faces(table, shown, **source)
        return partial(evaluate_pictures, pictures=pictures, device=device)
    return partial(evaluate_split, table=table, device=device, **source)


if __name__ == "__main__":
    sys.exit(main())
