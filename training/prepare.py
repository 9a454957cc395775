"""`python -m training.prepare`: the two public files to one compact cache with landmarks.

FER2013: Goodfellow et al., "Challenges in Representation Learning", 2013. FER+: Barsoum et al.,
"Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label Distribution",
ICMI 2016. Row i of one file is row i of the other.
"""

import argparse
import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path

from training.command_line import command_parser, run_command
from training.data.preparation import prepare


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("prepare", __doc__)
    parser.add_argument(
        "--fer2013",
        type=Path,
        required=True,
        help="fer2013.csv or icml_face_data.csv; may be packed (.xz, .gz, .bz2, .zip, .tar...)",
    )
    parser.add_argument(
        "--ferplus", type=Path, required=True, help="fer2013new.csv; may be packed, too"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the cache")
    parser.add_argument(
        "--workers",
        type=int,
        default=multiprocessing.cpu_count(),
        help="processes that find landmarks; 0 finds them in this one",
    )
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    counts = prepare(options.fer2013, options.ferplus, options.out, workers=options.workers)
    yield ", ".join(f"{split}: {count} faces" for split, count in counts.items() if count)


if __name__ == "__main__":
    sys.exit(main())
