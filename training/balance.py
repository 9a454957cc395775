"""`python -m training.balance NAME`: rare emotions answered more often by exported weights.

The run itself isn't needed: the bias of the last layer alone is changed
(`training.evaluation.adjustment`), then the weights are measured again, and their card says both.
`--tau 0` takes it back.
"""

import argparse
import shutil
import sys
from pathlib import Path

from ferstudio.errors import FerStudioError, UnknownNameError
from ferstudio.files import replaced_folder
from ferstudio.models import find_weights
from training.data.table import WEIGHTS_DIR, load_split
from training.evaluation.adjustment import Balance, adjust, parse_tau
from training.evaluation.scores import Evaluation, table_text
from training.export import measure


def rebalance(folder: Path, balance: Balance) -> list[Evaluation]:
    """Raise rare emotions in the weights of `folder` and return what they score then.

    The folder is replaced when all is measured, or stays as it was.
    """
    with replaced_folder(folder) as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        adjust(copy, balance)
        return measure(copy, balance.valid)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.balance", description=__doc__.splitlines()[0]
    )
    parser.add_argument("name", help="name of the weights")
    parser.add_argument("--data", type=Path, required=True, help="folder from training.prepare")
    parser.add_argument("--tau", default="auto", help="factor of the adjustment, or auto")
    parser.add_argument("--weights-dir", type=Path, default=WEIGHTS_DIR)
    options = parser.parse_args(arguments)
    try:
        tau, known = parse_tau(options.tau), find_weights(options.weights_dir)
        if options.name not in known:
            raise UnknownNameError("weights folder", options.name, list(known))
        tables = load_split(options.data, "train"), load_split(options.data, "valid")
        evaluations = rebalance(known[options.name], Balance(tau, *tables))
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    print(table_text(evaluations))
    print(f"written to {known[options.name]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
