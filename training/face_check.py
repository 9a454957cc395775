"""`python -m training.face_check`: faces found, wrong and false in made pictures, by kind and size.

The pictures are made of the sample faces and of backdrops without anybody; `--images` adds a folder
of pictures in which there is nobody.
"""

import argparse
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from ferstudio.errors import UsageError
from training.command_line import command_parser, run_command
from training.data.scenes import Scene, scenes
from training.evaluation.found_faces import tally_faces, tally_text


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("face_check", __doc__)
    parser.add_argument("--pictures", type=int, default=20, help="of each kind and size (20)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--images", type=Path, help="pictures of your own without anybody in them")
    return run_command(parser, arguments, _run)


def _run(options: argparse.Namespace) -> Iterator[str]:
    from ferstudio.faces import best_detector

    if options.pictures < 1:
        raise UsageError(f"--pictures must be at least 1, not {options.pictures}.")
    own = _own(options.images) if options.images else iter(())
    yield tally_text(
        tally_faces(best_detector(), chain(scenes(options.pictures, options.seed), own))
    )


def _own(folder: Path) -> Iterator[Scene]:
    from ferstudio.faces.pictures import read_frames

    files = sorted(file for file in folder.glob("**/*") if file.is_file())
    if not files:
        raise UsageError(f"{folder} holds no pictures.")
    for file in files:
        yield Scene("your own", 0, next(read_frames(file)).image, ())


if __name__ == "__main__":
    sys.exit(main())
