"""`python -m training.subsets`: parts of a split that the literature judges apart, as CSV."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ferstudio.files import writes_to
from training.command_line import add_data_option, add_split_option, command_parser, run_command
from training.data.cache import load_split
from training.data.head_pose import RIGID, load_face_model, mean_rigid_face, save_face_model
from training.data.protocols import evaluation_labels
from training.data.subsets import find_subsets, new_faces, save_subset
from training.data.table import FaceTable


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("subsets", __doc__)
    add_data_option(parser)
    add_split_option(parser)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--out", type=Path, help="folder for the subset files")
    wanted.add_argument(
        "--make-model", type=Path, metavar="FILE", help="write the split's mean rigid face instead"
    )
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    table = load_split(options.data, options.split)
    with writes_to(options.make_model or options.out):
        if options.make_model:
            yield from _save_model(options.make_model, table)
        else:
            train = None if options.split == "train" else load_split(options.data, "train")
            yield from _save_subsets(options.out, table, train)


def _save_subsets(out: Path, table: FaceTable, train: FaceTable | None) -> Iterator[str]:
    out.mkdir(parents=True, exist_ok=True)
    labelled = int((evaluation_labels(table, "ferplus") >= 0).sum())
    new = [] if train is None else [new_faces(table, train)]
    for subset in (*find_subsets(table, load_face_model()), *new):
        save_subset(out / subset.name, table, subset.taken)
        yield f"{subset.name}: {subset.taken.sum()} of {labelled} labelled faces; {subset.rule}"


def _save_model(file: Path, table: FaceTable) -> Iterator[str]:
    save_face_model(file, mean_rigid_face(table.landmarks_xy_px))
    yield f"{file}: {len(RIGID)} points, the mean of {table.found().sum()} faces"


if __name__ == "__main__":
    sys.exit(main())
