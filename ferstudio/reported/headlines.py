"""The papers' headline figures of their own networks, taken from their tables."""

from dataclasses import dataclass

from ferstudio.reported import acsinet, agfer, csinet, gcca, psa_resnet
from ferstudio.reported.printed import Printed


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


_PRETRAINED = "pretrained on MS-Celeb-1M"
_FOLDS = "five folds, mean ± s.d."
_RUNS = "mean ± stability of ten runs"


def _taken(
    network: str, data_set: str, protocol: str, found: tuple[Printed, str, str], tables: str
) -> Reported:
    """Return a headline figure that stands in a table, where the column beside it may be its ±."""
    table, row, column = found
    beside = table.columns.index(column) + 1
    spread = None
    if beside < len(table.columns) and table.columns[beside].startswith(("±", "Sta")):
        spread = table.value(row, table.columns[beside])
    return Reported(network, data_set, protocol, table.value(row, column), tables, spread)


REPORTED = (
    _taken(
        "CSINet",
        "FER+",
        "3,589 test faces",
        (csinet.TABLE_2, "CSINet", "FERPlus"),
        csinet.TABLE_2.source,
    ),
    _taken(
        "CSINet",
        "RAF-DB",
        "split not printed",
        (csinet.TABLE_2, "CSINet", "RAF-DB"),
        csinet.TABLE_2.source,
    ),
    *(
        _taken(
            "CSINet",
            data_set,
            f"{faces} test faces",
            (csinet.TABLE_3, "CSINet", f"{column}, FERPlus"),
            csinet.TABLE_3.source,
        )
        for data_set, faces, column in (
            ("Occlusion-FER+", "occluded", "Occlusion"),
            ("FER+, pose > 30°", "turned", "Pose > 30°"),
            ("FER+, pose > 45°", "turned", "Pose > 45°"),
        )
    ),
    Reported(
        "CSINet",
        "photographs, not named",
        "mean drop under four masks, their size not printed",
        csinet.TABLE_5.value("CSINet", "drop"),
        f"{csinet.AUTHORS}, section 4.4 and Table 5",
        unit="points",
    ),
    *(
        _taken(
            "ACSI-Net",
            data_set,
            f"{faces} test faces, {_PRETRAINED}",
            (acsinet.TABLE_4, "ACSI-Net", data_set),
            f"{acsinet.AUTHORS}, Tables 4 and 5",
        )
        for data_set, faces in (("RAF-DB", "3,068"), ("AffectNet-7", "3,500"))
    ),
    *(
        _taken(
            "PSA-ResNet",
            data_set,
            protocol,
            (psa_resnet.TABLE_4, "Basic + PSA + joint loss", data_set),
            f"{psa_resnet.AUTHORS}, Tables 4 and 5",
        )
        for data_set, protocol in (
            ("FER2013", "split not printed, wrong labels and non-faces removed"),
            ("CK+", "augmented frames parted 2 : 1"),
        )
    ),
    *(
        _taken(
            network,
            "OULU-CASIA",
            _FOLDS,
            (agfer.MEANS, network, "mean"),
            f"{agfer.AUTHORS}, section 3.2 and Table 4",
        )
        for network in ("AGFER", "SEFER", "CBAMFER")
    ),
    *(
        _taken(
            "context framework",
            data_set,
            _RUNS,
            (gcca.TABLE_1, "6 + joint loss", data_set),
            f"{gcca.AUTHORS}, Tables 1 and 2",
        )
        for data_set in ("FER2013", "CK+")
    ),
)
"""The papers' headline figures, as they print them."""


def reported_value(network: str, data_set: str) -> float:
    """Return the figure that a paper reports of its network on a data set.

    Raises:
        KeyError: if there is none in `REPORTED`.
    """
    found = {(item.network, item.data_set): item.value for item in REPORTED}
    return found[network, data_set]
