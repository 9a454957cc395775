"""What the five papers report of their own networks, as they print it; nothing here is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reported:
    """A figure that a paper reports of its own network.

    Attributes:
        network: what the paper calls it.
        data_set: what it was judged on.
        protocol: how, as far as the paper says.
        value: accuracy in per cent, or a drop in points.
        source: paper and table.
        spread: what the paper puts behind ±, in points; None for nothing.
        unit: "%" of an accuracy, "points" of a drop.
    """

    network: str
    data_set: str
    protocol: str
    value: float
    source: str
    spread: float | None = None
    unit: str = "%"


_P1, _P2, _P3 = "Cheng & Kong 2024", "Li, Zhu & Zhou 2022", "Gu & Jin 2025"
_P4, _P5 = "Arabian et al. 2023", "Chen & Chen"
_PRETRAINED = "pretrained on MS-Celeb-1M"
_FOLDS = "five folds, mean ± s.d."
_RUNS = "mean ± stability of ten runs"

REPORTED = (
    Reported("CSINet", "FER+", "3,589 test faces", 90.83, f"{_P1}, Table 2"),
    Reported("CSINet", "RAF-DB", "split not printed", 89.67, f"{_P1}, Table 2"),
    Reported("CSINet", "Occlusion-FER+", "occluded test faces", 86.49, f"{_P1}, Table 3"),
    Reported("CSINet", "FER+, pose > 30°", "turned test faces", 89.61, f"{_P1}, Table 3"),
    Reported("CSINet", "FER+, pose > 45°", "turned test faces", 89.13, f"{_P1}, Table 3"),
    Reported(
        "CSINet",
        "photographs, not named",
        "mean drop under four masks, their size not printed",
        3.14,
        f"{_P1}, section 4.4 and Table 5",
        unit="points",
    ),
    Reported(
        "ACSI-Net", "RAF-DB", f"3,068 test faces, {_PRETRAINED}", 86.86, f"{_P2}, Tables 4 and 5"
    ),
    Reported(
        "ACSI-Net",
        "AffectNet-7",
        f"3,500 test faces, {_PRETRAINED}",
        65.83,
        f"{_P2}, Tables 4 and 5",
    ),
    Reported(
        "PSA-ResNet",
        "FER2013",
        "split not printed, wrong labels and non-faces removed",
        74.26,
        f"{_P3}, Tables 4 and 5",
    ),
    Reported(
        "PSA-ResNet",
        "CK+",
        "augmented frames parted 2 : 1",
        98.35,
        f"{_P3}, Tables 4 and 5",
    ),
    Reported("AGFER", "OULU-CASIA", _FOLDS, 89.19, f"{_P4}, section 3.2 and Table 4", 0.75),
    Reported("SEFER", "OULU-CASIA", _FOLDS, 88.73, f"{_P4}, section 3.2 and Table 4", 0.91),
    Reported("CBAMFER", "OULU-CASIA", _FOLDS, 89.77, f"{_P4}, section 3.2 and Table 4", 0.70),
    Reported("context framework", "FER2013", _RUNS, 74.08, f"{_P5}, Tables 1 and 2", 0.24),
    Reported("context framework", "CK+", _RUNS, 98.66, f"{_P5}, Tables 1 and 2", 0.11),
)
"""The papers' headline figures, as they print them."""
