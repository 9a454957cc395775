"""What the commands share: the frame they run in, and how they name data and weights."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from ferstudio.console import framed
from ferstudio.errors import FerStudioError, UnknownNameError, UsageError
from ferstudio.models import find_weights
from ferstudio.models.card import read_card
from training.data.cache import SPLITS

WEIGHTS_DIR = Path(__file__).parents[1] / "weights"
"""Where shipped weights lie unless a command is told otherwise."""


class ShortfallError(FerStudioError):
    """A command did its work, and something is left that it has to tell of."""

    status = 1


def command_parser(name: str, doc: str | None) -> argparse.ArgumentParser:
    """Return the parser of `python -m training.NAME`, described by the first line of `doc`."""
    summary = (doc or "").partition("\n")[0]
    return argparse.ArgumentParser(prog=f"python -m training.{name}", description=summary)


def run_command(
    parser: argparse.ArgumentParser,
    arguments: list[str] | None,
    work: Callable[[argparse.Namespace], Iterable[str]],
) -> int:
    """Return the exit status of a command: 2 for what a person can mend, with one line on stderr.

    1 where the work ends with a `ShortfallError`, which is told in the same way.

    Args:
        parser: knows the command's arguments.
        arguments: the command line, None for the process's own.
        work: does what was asked and gives the lines to print, each as soon as it is known.
    """
    options = parser.parse_args(arguments)

    def printed() -> int:
        for line in work(options):
            print(line, flush=True)
        return 0

    return framed(printed)


def add_data_option(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add `--data`, the prepared cache."""
    parser.add_argument("--data", type=Path, required=required, help="folder from training.prepare")


def add_split_option(parser: argparse.ArgumentParser) -> None:
    """Add `--split`, which part of the cache is used."""
    parser.add_argument("--split", choices=SPLITS, default="valid")


def add_device_option(parser: argparse.ArgumentParser) -> None:
    """Add `--device`, for `ferstudio.distributed.pick_device`."""
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")


def add_weights_dir_option(parser: argparse.ArgumentParser) -> None:
    """Add `--weights-dir`, where shipped weights lie."""
    parser.add_argument("--weights-dir", type=Path, default=WEIGHTS_DIR)


def add_weights_options(parser: argparse.ArgumentParser) -> None:
    """Add `--weights` and `--weights-dir`, for `chosen_weights`."""
    parser.add_argument("--weights", required=True, help="names, comma-separated, or all")
    add_weights_dir_option(parser)


def chosen_weights(names: str, root: Path) -> list[Path]:
    """Return the weights folders below `root` that are named, comma-separated, or "all".

    Raises:
        UnknownNameError: if one doesn't exist; the message lists the known names.
        UsageError: if there are none at all.
    """
    known = find_weights(root)
    if names == "all":
        if not known:
            raise UsageError(f"{root} holds no weights yet; train some and export them.")
        return list(known.values())
    return [known_weights(name, known) for name in names.split(",")]


def known_weights(name: str, known: dict[str, Path]) -> Path:
    """Return the weights folder called `name`.

    Raises:
        UnknownNameError: if it doesn't exist; the message lists the known names.
    """
    if name not in known:
        raise UnknownNameError("weights folder", name, list(known))
    return known[name]


def member_weights(names: str, root: Path) -> list[Path]:
    """Return the weights folders below `root` that are named, comma-separated.

    An ensemble's members stand in its place; none stands there twice.

    Raises:
        UnknownNameError: if there is no such folder; the message lists the known names.
    """
    known, chosen = find_weights(root), list[str]()
    for name in names.split(","):
        chosen += read_card(known_weights(name, known)).members or [name]
    return [root / name for name in dict.fromkeys(chosen)]
