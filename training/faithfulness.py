"""`python -m training.faithfulness`: do an explainer's maps beat random ones, network by network?

`training.evaluation.faithfulness` says how that is judged; the weights' card gets the result.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ferstudio.distributed import pick_device
from ferstudio.errors import UsageError
from ferstudio.explain import explainer
from ferstudio.models import load_weights
from training.command_line import (
    add_data_option,
    add_device_option,
    add_split_option,
    add_weights_options,
    chosen_weights,
    command_parser,
    run_command,
)
from training.data.cache import load_split
from training.evaluation.faithfulness import (
    EXPLAINER,
    FACES,
    Faithfulness,
    choose_faces,
    judge,
    record,
    table_text,
)
from training.evaluation.scores import write_json


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("faithfulness", __doc__)
    add_weights_options(parser)
    add_data_option(parser)
    add_split_option(parser)
    parser.add_argument("--faces", type=int, default=FACES, help="how many, chosen at random")
    parser.add_argument("--explainer", default=EXPLAINER, help="whose maps are judged")
    parser.add_argument("--seed", type=int, default=0)
    add_device_option(parser)
    parser.add_argument("--json", type=Path, help="write the results to this file")
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    results = list(_judged(options))
    yield table_text(results)
    if options.json:
        write_json(options.json, [row.to_json() for row in results])


def _judged(options: argparse.Namespace) -> Iterator[Faithfulness]:
    if options.faces < 1:
        raise UsageError(f"--faces must be at least 1, not {options.faces}.")
    method, device = explainer(options.explainer), pick_device(options.device)
    folders = chosen_weights(options.weights, options.weights_dir)
    table = load_split(options.data, options.split)
    for folder in folders:
        model = load_weights(folder)
        if options.weights == "all" and not method.supports(model):
            print(f"{model.name}: {method.title} can't explain it", file=sys.stderr)
            continue
        faces = choose_faces(table, model.card.labels, options.faces, options.seed)
        result = judge(model, method, faces, split=options.split, seed=options.seed, device=device)
        record(folder, result)
        yield result


if __name__ == "__main__":
    sys.exit(main())
