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

from ferstudio.errors import UsageError
from training.command_line import command_parser, run_command
from training.data.picture_preparation import PictureSet, prepare_pictures
from training.data.preparation import prepare


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("prepare", __doc__)
    parser.add_argument(
        "--fer2013",
        type=Path,
        help="fer2013.csv or icml_face_data.csv; may be packed (.xz, .gz, .bz2, .zip, .tar...)",
    )
    parser.add_argument("--ferplus", type=Path, help="fer2013new.csv; may be packed, too")
    parser.add_argument("--images", type=Path, help="pictures of another set: DIR/SPLIT/LABEL/*")
    parser.add_argument(
        "--list",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="the set's own list of the pictures in --images instead: RAF-DB's "
        "list_patition_label.txt, or AffectNet's training.csv and validation.csv",
    )
    parser.add_argument("--labels", default="rafdb", help="label set of --images (rafdb)")
    parser.add_argument("--side", type=int, default=112, help="pixels of its faces in the cache")
    parser.add_argument("--grey", action="store_true", help="without their colours")
    parser.add_argument(
        "--valid-share", type=float, default=0.1, help="of --images where no split validates (0.1)"
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
    counts = _prepared(options)
    yield ", ".join(f"{split}: {count} faces" for split, count in counts.items() if count)


def _prepared(options: argparse.Namespace) -> dict[str, int]:
    files = (options.fer2013, options.ferplus)
    if options.images is None and None not in files:
        return prepare(*files, options.out, workers=options.workers)
    if options.images is None or files != (None, None):
        raise UsageError("Give either --fer2013 and --ferplus, or --images.")
    asked = PictureSet(
        options.images,
        options.labels,
        lists=tuple(options.list),
        side_px=options.side,
        grey=options.grey,
        valid_share=options.valid_share,
    )
    return prepare_pictures(asked, options.out, workers=options.workers)


if __name__ == "__main__":
    sys.exit(main())
