"""The words of the Benchmark tab. Sentences with numbers are small functions."""

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
NOT_MEASURED = "not measured"
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
