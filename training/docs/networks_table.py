"""The README's networks, counted from the code."""

from collections import defaultdict

from ferstudio.models import list_models, model_entry
from ferstudio.models.counts import count_network
from training.docs.markdown import markdown_table

SECTION = "networks"

SIZE_PX = 224


def networks_markdown() -> str:
    """Return one Markdown table per paper, with a row per registered network."""
    by_paper: dict[str, list[str]] = defaultdict(list)
    for name in list_models():
        by_paper[model_entry(name).paper].append(name)
    return "\n\n".join(_table(paper, by_paper[paper]) for paper in sorted(by_paper))


def _table(paper: str, names: list[str]) -> str:
    head = ("network", "key", "what is special", "parameters", f"multiply-adds at {SIZE_PX} px")
    rows = []
    for name in names:
        entry, counts = model_entry(name), count_network(name, size_px=SIZE_PX)
        sizes = (f"{counts.parameters / 1e6:.2f} M", f"{counts.multiply_adds / 1e9:.2f} G")
        rows.append((entry.title, f"`{name}`", entry.summary, *sizes))
    return f"**{paper}**\n\n{markdown_table(head, rows)}"
