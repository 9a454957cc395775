"""`python -m training.networks_table`: the README's networks, counted from the code."""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

from ferstudio.errors import FerStudioError
from ferstudio.models import list_models, model_entry
from ferstudio.models.counts import count_network
from training.docs.readme import rewrite_section

SECTION = "networks"
SIZE_PX = 224


def networks_markdown() -> str:
    """Return one Markdown table per paper, with a row per registered network."""
    by_paper: dict[str, list[str]] = defaultdict(list)
    for name in list_models():
        by_paper[model_entry(name).paper].append(name)
    return "\n\n".join(_table(paper, by_paper[paper]) for paper in sorted(by_paper))


def _table(paper: str, names: list[str]) -> str:
    lines = [
        f"**{paper}**",
        "",
        f"| network | key | what is special | parameters | multiply-adds at {SIZE_PX} px |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        entry, counts = model_entry(name), count_network(name, size_px=SIZE_PX)
        size = f"{counts.parameters / 1e6:.2f} M | {counts.multiply_adds / 1e9:.2f} G"
        lines.append(f"| {entry.title} | `{name}` | {entry.summary} | {size} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.networks_table", description=__doc__)
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    options = parser.parse_args(arguments)
    try:
        rewrite_section(options.readme, SECTION, networks_markdown())
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
