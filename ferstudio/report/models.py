"""What there is to ask, written down: what `python -m ferstudio models` reports."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ferstudio.intervals import interval_text
from ferstudio.labels import FERPLUS
from ferstudio.models import list_models, model_entry
from ferstudio.models.counts import count_parameters
from ferstudio.studio.results import ModelSummary


def model_rows(trained: Sequence[ModelSummary]) -> list[dict[str, Any]]:
    """Return one row per weights, then one per network that has none, as JSON values.

    Keys are those of `ModelSummary`, and `weights`: their name, None where there are none.
    """
    rows = [{**asdict(summary), "weights": summary.name} for summary in trained]
    having = {summary.model for summary in trained}
    return rows + [_untrained_row(name) for name in list_models() if name not in having]


def models_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return what `model_rows` gave as text: a line per row, its measurements and its paper."""
    lines = [f"{'name':26} {'title':18} {'params':>8} {'weights':>9}  measured"]
    for row in rows:
        size = f"{row['size_bytes'] / 2**20:.1f} MiB" if row["size_bytes"] else "-"
        measured = [_metric(metric) for metric in row["metrics"]]
        state = "no weights yet" if row["weights"] is None else "not measured"
        first, *others = measured or [state]
        params = f"{row['params'] / 1e6:.1f} M" if row["params"] else "-"
        lines.append(f"{row['name']:26} {row['title']:18} {params:>8} {size:>9}  {first}")
        lines += [f"{'':65} {other}" for other in others]
        lines.append(f"  {row['paper']}")
    return "\n".join(lines)


def _untrained_row(name: str) -> dict[str, Any]:
    entry = model_entry(name)
    return {
        "name": name,
        "model": name,
        "title": entry.title,
        "summary": entry.summary,
        "paper": entry.paper,
        "params": count_parameters(name, num_classes=len(FERPLUS)),
        "labels": None,
        "metrics": [],
        "size_bytes": None,
        "weights": None,
    }


def _metric(metric: dict[str, Any]) -> str:
    """Return one measurement of a card in words; what the card doesn't say is left out."""
    where = " ".join(str(metric[key]) for key in ("labels", "split", "subset") if metric.get(key))
    if metric.get("occlude", "none") != "none":
        where += f" under {metric['occlude']}:{metric['amount']:g}"
    text = f"{100 * metric['accuracy']:.1f} % on {where}"
    details = []
    if "n" in metric:
        details.append(f"n {metric['n']}")
    if "ci95" in metric:
        details.append(f"95 % interval {interval_text(metric['ci95'])}")
    if metric.get("protocol"):
        details.append(str(metric["protocol"]))
    return text + (f" ({'; '.join(details)})" if details else "")
