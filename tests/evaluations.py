"""Rows as `training.evaluate --json` writes them and cards quote them."""

from typing import Any


def evaluation_row(
    weights: str = "resnet18.ferplus", occlude: str = "none", accuracy: float = 0.8, **changes: Any
) -> dict[str, Any]:
    """Return a row of made-up numbers with all keys of the contract."""
    return {
        "weights": weights,
        "labels": "ferplus",
        "protocol": "most voted",
        "split": "valid",
        "subset": "",
        "occlude": occlude,
        "amount": 0.0 if occlude == "none" else 1.0,
        "tta": False,
        "mapped": False,
        "n": 100,
        "correct": round(100 * accuracy),
        "accuracy": accuracy,
        "ci95": [accuracy - 0.01, accuracy + 0.01],
        "macro_recall": 0.6,
        "macro_f1": 0.5512,
        "per_class": {},
        "confusion": [[0] * 8] * 8,
        "seed": 0,
        "elapsed_s": 1.0,
        "images_per_s": 1.0,
        **changes,
    }
