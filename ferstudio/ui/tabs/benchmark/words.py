"""The words of the Benchmark tab. Sentences with numbers are small functions."""

from collections.abc import Mapping

from ferstudio.study.findings import PairRow

TAB = "Benchmark"
MEASURED = "Measured here"
MEASURED_TIP = (
    "By training.evaluate from these very weights, on the validation split; in brackets the 95 % "
    "interval. The test split is kept for a final judgement."
)
NETWORK = "network"
ACCURACY = "accuracy"
ACCURACY_TIP = "Share of faces whose label is the most probable emotion."
RECALL = "macro recall"
RECALL_TIP = "Mean over the emotions of the share that is recognised: rare ones count as much."
RAISED = (
    "Rare emotions were raised by as much as suited these very faces, so this macro recall can't "
    "be compared with the others'."
)
DROP = "mean drop"
DROP_TIP = (
    "Points of accuracy lost under bars over the upper, middle and lower third and a random "
    "square, all at full size, on average."
)
WORTH = "attention"
WORTH_TIP = (
    "What following the face with its attention is worth, in points: accuracy as it is, less that "
    "with every gate at its mean over all faces."
)
SIZE = "size"
SIZE_TIP = "Size of the weights' files, stored as int8."
TIME = "time"
TIME_TIP = "Bare forward pass of one picture on this computer, the median of seven."
TIME_BUTTON = "Time them here"
TIME_NOTE = "fills the last column, and puts time on the chart's axis"
NOT_TIMED = "–"
NOT_MEASURED = "Not measured yet: python -m ferstudio study measures it on faces of your own."
EMOTIONS_HEADING = "Per emotion"
EMOTIONS_TIP = "Share of each emotion's faces that is recognised; the bar's end with its interval."
CONFUSION_HEADING = "What is taken for what"
CONFUSION_TIP = "Each row is an emotion's faces, in per cent of them; columns are the answers."
REPORTED_HEADING = "As the papers report them"
REPORTED_NOTE = (
    "The authors' own figures, from their own data, protocols and training. None is measured here, "
    "and none can be compared with the table above."
)
REPORTED_HEADS = ("network", "data set", "protocol", "accuracy or drop", "source")
COVER_HEADS = {
    "upper": "upper",
    "middle": "middle",
    "lower": "lower",
    "random": "random",
    "sunglasses": "sunglasses",
    "surgical-mask": "mask",
}

STUDY_BUTTON = "Open a study"
STUDY_NOTE = "the study.json of python -m ferstudio study, your own faces before the networks"
STUDY_HEADING = "A study of your own faces"
STUDY_TIP = "Counted by python -m ferstudio study; in brackets the 95 % interval."
STUDY_LARGE = "This file is larger than a study's JSON; choose the study.json in its --out."
CLEAN_HEAD = "clean"
MAPS = "maps beat chance"
MAPS_TIP = (
    "Share of faces on which the network's heatmap is better than a random one, and of how many."
)


def study(faces: int, source: str, labelled: bool) -> str:
    """Return what a study's table counts."""
    what = "accuracy" if labelled else "share of faces whose answer changed"
    return f"{faces:,} faces of {source}: {what}, in per cent, under all of each cover"


def study_tip(name: str, labelled: bool) -> str:
    """Return what a column of a study holds."""
    what = "Accuracy" if labelled else "Share of faces whose answer changed"
    return f"{what} with “{name}” at full size on every face."


def maps(share: float | None, n: int) -> str:
    """Return on how many faces heatmaps beat random ones."""
    return "" if share is None else f"{100 * share:.0f} % of {n}"


def differ(row: PairRow, titles: Mapping[str, str]) -> str:
    """Return how two networks differ under one cover, with McNemar's test."""
    better, worse = (row.first, row.second)
    wins, losses = row.only_first, row.only_second
    if losses > wins:
        better, worse, wins, losses = worse, better, losses, wins
    where = "on the clean face" if row.occluder == "none" else f"under “{row.occluder}”"
    verb = "is right" if row.of == "right" else "holds to its answer"
    return (
        f"{titles[better]} {verb} more often than {titles[worse]} {where}: {wins} to {losses} of "
        f"{row.n:,} faces, p = {row.p_holm:.2g} (McNemar, Holm)."
    )


def timing(title: str) -> str:
    """Return which network is timed."""
    return f"Timing {title}"


def protocol(name: str, n: int) -> str:
    """Return which faces a table counts."""
    return f"{name}; n = {n:,}"


def cover_tip(name: str) -> str:
    """Return what a column under a cover holds."""
    return f"Accuracy with “{name}” at full size on every face."


def recall_tip(emotion: str, share: str, low: str, high: str, n: int) -> str:
    """Return one emotion's recall in words."""
    return f"{emotion}: {share} of {n} faces recognised ({low} to {high})"
