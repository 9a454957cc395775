"""`python -m training.round`: a whole list of recipes trained side by side on one device.

Ends within its minutes, then exports all and leaves the weights as a few archives, which
`python -m training.unpack` puts where the studio finds them. Asked again, it goes on.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ferstudio.distributed import pick_device
from ferstudio.errors import UsageError
from training.command_line import (
    WEIGHTS_DIR,
    ShortfallError,
    add_data_option,
    add_device_option,
    command_parser,
    run_command,
)
from training.data.cache import split_size
from training.shipping.round import (
    GPU_BATCH,
    Round,
    export_round,
    outcome_lines,
    pack_round,
    shipped_recipes,
    train_round,
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status: 1 where a recipe failed."""
    parser = command_parser("round", __doc__)
    add_data_option(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for archives and scores")
    parser.add_argument(
        "--minutes", type=float, default=8.0, help="for all training together; 0 exports only"
    )
    parser.add_argument(
        "--recipes", help="names, comma-separated; those of the shipped weights unless given"
    )
    parser.add_argument(
        "--runs", type=Path, default=Path("runs/round"), help="folder of the runs, to go on with"
    )
    parser.add_argument("--epochs", type=int, help="instead of the recipes'")
    parser.add_argument("--sizes", help="instead of the recipes', as 64,80@0.4")
    parser.add_argument("--batch-size", type=int, help=f"{GPU_BATCH} on a GPU unless given")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any setting of all recipes, as in training.train; may be repeated",
    )
    add_device_option(parser)
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    begun = time.monotonic()
    if options.minutes < 0:
        raise UsageError(f"--minutes can't be negative, as {options.minutes:g} is.")
    plan = _plan(options)
    yield f"{len(plan.recipes)} recipes on {plan.device}: {', '.join(plan.recipes)}"
    problems = train_round(plan, minutes=options.minutes, begun=begun)
    yield _elapsed("trained", begun)
    problems |= {recipe: text for recipe, text in export_round(plan).items() if text}
    outcomes = pack_round(plan, options.out, problems)
    yield from outcome_lines(outcomes)
    yield _elapsed(f"archives in {options.out}", begun)
    failed = [outcome.recipe for outcome in outcomes if outcome.problem]
    if failed:
        raise ShortfallError(
            f"{len(failed)} of {len(outcomes)} recipes failed: {', '.join(failed)}."
        )


def _plan(options: argparse.Namespace) -> Round:
    device = pick_device(options.device).type
    batch = options.batch_size or (GPU_BATCH if device == "cuda" else None)
    given = {"--epochs": options.epochs, "--sizes": options.sizes, "--batch-size": batch}
    settings = [(name, str(value)) for name, value in given.items() if value is not None]
    settings += [("--set", setting) for setting in options.set]
    named = options.recipes.split(",") if options.recipes else shipped_recipes(WEIGHTS_DIR)
    for split in ("train", "valid"):
        split_size(options.data, split)
    return Round(
        recipes=tuple(named),
        data=options.data,
        runs=options.runs,
        device=device,
        settings=tuple(text for pair in settings for text in pair),
    )


def _elapsed(done: str, begun: float) -> str:
    return f"{done}, {(time.monotonic() - begun) / 60:.1f} minutes after the start"


if __name__ == "__main__":
    sys.exit(main())
