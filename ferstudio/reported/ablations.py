"""The papers' ablations of their own networks, as they print them; nothing here is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ferstudio.reported import acsinet, agfer, csinet, gcca, psa_resnet
from ferstudio.reported.printed import Printed


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


def _accuracies(table: Printed, row: str, columns: Sequence[str]) -> tuple[float | None, ...]:
    found = dict(zip(table.columns, table.rows[row], strict=True))
    return tuple(table.value(row, name) if found[name] is not None else None for name in columns)


def _psa(row: str) -> tuple[float | None, ...]:
    """Return a row of Table 3 and what Table 4 has of it: CK+ twice, then FER2013."""
    first = psa_resnet.TABLE_3.rows.get(row)
    name = {"PSA": "Basic + PSA", "PSA + joint loss": "Basic + PSA + joint loss"}.get(row, row)
    second = psa_resnet.TABLE_4.rows.get(name)
    numbers = (first or (None,)) + (second or (None, None))
    return tuple(None if value is None else float(value) for value in numbers)


_TWO = ("RAF-DB", "FERPlus")
_WILD = ("RAF-DB", "AffectNet-7")
_PSA_ROWS = (*psa_resnet.TABLE_3.rows, "Basic + joint loss", "PSA + joint loss")

ABLATIONS: Mapping[str, ReportedAblation] = MappingProxyType(
    {
        "csinet": ReportedAblation(
            f"{csinet.AUTHORS}, Tables 4 and 2",
            _TWO,
            MappingProxyType(
                {row: _accuracies(csinet.TABLE_4, row, _TWO) for row in csinet.TABLE_4.rows}
                | {"CSINet": _accuracies(csinet.TABLE_2, "CSINet", _TWO)}
            ),
            "The last row's figures are those of Table 2.",
        ),
        "acsinet": ReportedAblation(
            f"{acsinet.AUTHORS}, Tables 3 and 4",
            _WILD,
            MappingProxyType(
                {"ResNet": _accuracies(acsinet.TABLE_3, "ResNet", _WILD)}
                | {row: _accuracies(acsinet.TABLE_4, row, _WILD) for row in acsinet.TABLE_4.rows}
            ),
            "CoResNet's figures are those of Table 4; Table 3 prints ACSI-Net's in its place.",
        ),
        "psa_resnet50": ReportedAblation(
            f"{psa_resnet.AUTHORS}, Tables 3 and 4",
            ("CK+ (Table 3)", "CK+ (Table 4)", "FER2013 (Table 4)"),
            MappingProxyType({row: _psa(row) for row in _PSA_ROWS}),
            "Table 3 gives PSA what Table 4 gives PSA with the joint loss.",
        ),
        "agfer": ReportedAblation(
            f"{agfer.AUTHORS}, section 3.2 and Table 2",
            ("OULU-CASIA", "FACES"),
            MappingProxyType(
                {
                    row: (agfer.MEANS.value(row, "mean"), agfer.TABLE_2.value("Mean", row))
                    for row in ("AGFER", "Base", "SEFER", "CBAMFER")
                }
            ),
            "Means over five folds; FACES is seen in testing only.",
        ),
        "agfer_stride32": ReportedAblation(
            agfer.TABLE_4.source,
            ("OULU-CASIA",),
            MappingProxyType(
                {row: (agfer.TABLE_4.value(row, "AGFER"),) for row in agfer.TABLE_4.rows}
            ),
            "Means over five folds, of AGFER.",
        ),
        "vgg16_gcca": ReportedAblation(
            gcca.TABLE_1.source,
            ("FER2013", "CK+"),
            MappingProxyType(
                {
                    row: _accuracies(gcca.TABLE_1, row, ("FER2013", "CK+"))
                    for row in gcca.TABLE_1.rows
                }
            ),
            "Means of ten runs.",
        ),
    }
)
"""The papers' ablations by the registry name of the network that each paper ends with."""
