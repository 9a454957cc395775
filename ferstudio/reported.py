"""What the five papers report of their own networks, as they print it; nothing here is measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


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


@dataclass(frozen=True, slots=True)
class ReportedAblation:
    """An ablation that a paper reports of its own network.

    Attributes:
        source: paper and tables.
        columns: what was judged on, and where that is told, how.
        rows: accuracies in per cent by what the paper calls the row, one for each column; None
            where it prints none.
        note: what a reader of the figures has to know.
    """

    source: str
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[float | None, ...]]
    note: str


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

ABLATIONS: Mapping[str, ReportedAblation] = MappingProxyType(
    {
        "csinet": ReportedAblation(
            f"{_P1}, Tables 4 and 2",
            ("RAF-DB", "FERPlus"),
            MappingProxyType(
                {
                    "(a) ResNet50": (76.43, 79.31),
                    "(b) ARM": (84.29, 85.19),
                    "(c) CSFF": (83.84, 84.38),
                    "(d) LGFE": (86.74, 88.20),
                    "CSINet": (89.67, 90.83),
                }
            ),
            "The last row's figures are those of Table 2.",
        ),
        "acsinet": ReportedAblation(
            f"{_P2}, Tables 3 and 4",
            ("RAF-DB", "AffectNet-7"),
            MappingProxyType(
                {
                    "ResNet": (85.88, 63.82),
                    "CoResNet": (86.29, 64.38),
                    "CoResNet_CA-a": (86.45, 65.16),
                    "CoResNet_CA-b": (86.52, 65.60),
                    "ACSI-Net": (86.86, 65.83),
                }
            ),
            "CoResNet's figures are those of Table 4; Table 3 prints ACSI-Net's in its place.",
        ),
        "psa_resnet50": ReportedAblation(
            f"{_P3}, Tables 3 and 4",
            ("CK+ (Table 3)", "CK+ (Table 4)", "FER2013 (Table 4)"),
            MappingProxyType(
                {
                    "Basic": (94.80, 94.80, 69.92),
                    "SE": (96.80, None, None),
                    "CBAM": (97.62, None, None),
                    "ECA": (97.82, None, None),
                    "AFF": (98.07, None, None),
                    "PSA": (98.35, 96.32, 72.45),
                    "Basic + joint loss": (None, 95.43, 71.67),
                    "PSA + joint loss": (None, 98.35, 74.26),
                }
            ),
            "Table 3 gives PSA what Table 4 gives PSA with the joint loss.",
        ),
        "agfer": ReportedAblation(
            f"{_P4}, section 3.2 and Table 2",
            ("OULU-CASIA", "FACES"),
            MappingProxyType(
                {
                    "AGFER": (89.19, 46.50),
                    "Base": (19.76, 18.53),
                    "SEFER": (88.73, 40.48),
                    "CBAMFER": (89.77, 45.31),
                }
            ),
            "Means over five folds; FACES is seen in testing only.",
        ),
        "vgg16_gcca": ReportedAblation(
            f"{_P5}, Table 1",
            ("FER2013", "CK+"),
            MappingProxyType(
                {
                    "1 VGG16": (69.79, 92.14),
                    "2 multi-feature fusion": (71.53, 93.01),
                    "3 + GCCA": (73.85, 96.72),
                    "4 + partial decoder": (73.84, 96.72),
                    "5 + reverse attention": (73.97, 97.94),
                    "6 + joint loss": (74.08, 98.66),
                }
            ),
            "Means of ten runs.",
        ),
    }
)
"""The papers' ablations by the registry name of the network that each paper ends with."""


def reported_value(network: str, data_set: str) -> float:
    """Return the figure that a paper reports of its network on a data set.

    Raises:
        KeyError: if there is none in `REPORTED`.
    """
    found = {(item.network, item.data_set): item.value for item in REPORTED}
    return found[network, data_set]
