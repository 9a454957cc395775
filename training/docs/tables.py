"""The README's tables as the code and the cards would have them today."""

from collections.abc import Sequence
from pathlib import Path

from ferstudio.models import find_weights
from ferstudio.models.card import CARD_FILE
from ferstudio.results import read_results as read_studies
from training.docs import networks_table, results_table, studies_table
from training.docs.networks_table import networks_markdown
from training.docs.readme import read_section
from training.docs.results_table import read_results, results_section
from training.docs.studies_table import studies_markdown


def stale_tables(readme: Path, weights_dir: Path, results: Sequence[Path] = ()) -> dict[str, str]:
    """Return by section what would stand in the README, for those where something else does.

    Args:
        readme: the README.
        weights_dir: whose cards it reports.
        results: more files that `read_results` reads.

    Raises:
        DataError: if the README can't be read or lacks a section, or a file is of another kind.
    """
    files = [folder / CARD_FILE for folder in find_weights(weights_dir).values()]
    rows = [row for file in (*files, *results) for row in read_results(file)]
    texts = {
        networks_table.SECTION: networks_markdown(),
        results_table.SECTION: results_section(rows),
        studies_table.SECTION: studies_markdown(read_studies()),
    }
    return {name: text for name, text in texts.items() if read_section(readme, name) != text}
