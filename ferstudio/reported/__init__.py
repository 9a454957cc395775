"""What the five papers report of their own networks, as they print it; nothing here is measured."""

from ferstudio.reported.ablations import ABLATIONS, ReportedAblation
from ferstudio.reported.headlines import REPORTED, Reported, reported_value
from ferstudio.reported.papers import PAPERS
from ferstudio.reported.printed import Paper, Printed

__all__ = [
    "ABLATIONS",
    "PAPERS",
    "REPORTED",
    "Paper",
    "Printed",
    "Reported",
    "ReportedAblation",
    "reported_value",
]
