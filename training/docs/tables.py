"""The README's tables as the code and the cards would have them today."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ferstudio.models import find_weights
from ferstudio.models.card import CARD_FILE, read_card, weights_digest
from ferstudio.results import Results
from ferstudio.results import read_results as read_studies
from training.docs import networks_table, results_table, studies_table
from training.docs.goals import Row
from training.docs.networks_table import networks_markdown
from training.docs.readme import read_section
from training.docs.results_table import read_results, results_section
from training.docs.studies_table import NEW_FACES, studies_markdown


def stale_tables(readme: Path, weights_dir: Path, results: Sequence[Path] = ()) -> dict[str, str]:
    """Return by section what would stand in the README, for those where something else does.

    Args:
        readme: the README.
        weights_dir: whose cards it reports.
        results: more files that `read_results` reads.

    Raises:
        DataError: if the README can't be read or lacks a section, or a file is of another kind.
    """
    folders, studies = find_weights(weights_dir), read_studies()
    files = [folder / CARD_FILE for folder in folders.values()]
    rows = [row for file in (*files, *results) for row in read_results(file)]
    rows += published_rows(studies, folders, rows)
    texts = {
        networks_table.SECTION: networks_markdown(),
        results_table.SECTION: results_section(rows),
        studies_table.SECTION: studies_markdown(studies),
    }
    return {name: text for name, text in texts.items() if read_section(readme, name) != text}


def published_rows(
    studies: Results, folders: Mapping[str, Path], known: Sequence[Row]
) -> Iterator[Row]:
    """Yield what results say of lists of faces that cards don't: of the very weights, bare.

    Args:
        studies: all results.
        folders: of the weights, by their names.
        known: rows that are had already; none of them is repeated.
    """
    had = {(row["weights"], row["labels"], row["split"], row["subset"]) for row in known}
    for study in studies.of("evaluation"):
        labels, split, *rest = study.about.split()
        if len(rest) != 1 or study.about == NEW_FACES:
            continue  # covered, chosen by chance, or in a table of their own
        for each in study.rows:
            name, subset = each.name, f"{rest[0]}.csv"
            if name not in folders or (name, labels, split, subset) in had:
                continue
            card = read_card(folders[name])
            of_these = each.made_from == f"sha256:{weights_digest(folders[name], card)}"
            if of_these and card.labels == labels:
                scores = {**each.values, "n": each.n, "ci95": each.ci95, "subset": subset}
                bare = {"occlude": "none", "amount": 0.0, "tta": False, "mapped": False}
                yield {"weights": name, "labels": labels, "split": split, **scores, **bare}
