"""`python -m training.prototypes`: the sample faces, each the average of many people."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.faces.detector import best_detector
from ferstudio.faces.search import find_faces
from training.command_line import add_data_option, command_parser, run_command
from training.data.cache import load_split
from training.data.prototypes import SAMPLES_DIR, Prototype, make_prototypes, write_prototypes


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("prototypes", __doc__)
    add_data_option(parser)
    parser.add_argument("--out", type=Path, default=SAMPLES_DIR, help="default: the package's own")
    parser.add_argument("--size", type=int, default=256, help="side in pixels (default: 256)")
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    if not 64 <= options.size <= 1024:
        raise UsageError(f"--size must lie between 64 and 1024 pixels, not {options.size}.")
    prototypes = make_prototypes(load_split(options.data, "train"), options.size)
    write_prototypes(prototypes, _landmarks(prototypes), options.out)
    yield ", ".join(f"{name}: {made.faces} faces" for name, made in prototypes.items())


def _landmarks(prototypes: Mapping[str, Prototype]) -> dict[str, NDArray[np.float32]]:
    """Return the (478, 2) mesh points that a detector finds in each, by its emotion.

    Raises:
        UsageError: if it finds none in one of them.
    """
    detector, found = best_detector(), {}
    for emotion, prototype in prototypes.items():
        faces = find_faces(np.stack([prototype.image] * 3, axis=2), detector).faces
        points = faces[0].landmarks_xy_px if faces else None
        if points is None:
            raise UsageError(f"No landmarks were found in the average of {emotion}.")
        found[emotion] = points
    return found


if __name__ == "__main__":
    sys.exit(main())
