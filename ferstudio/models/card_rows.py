"""What the rows of a card may hold: measured scores and how true heatmaps are.

Whoever shows a card reads these keys without asking again; what else a row holds is kept as it is.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import NotRequired, TypedDict

from ferstudio.errors import WeightsError

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Interval = Annotated[list[Share], Field(min_length=2, max_length=2)]


Points = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Nothing = Annotated[dict[str, Any], Field(max_length=0)]


class Metric(TypedDict):
    """One measured score: a row of `training.evaluate`."""

    labels: str
    protocol: str
    split: str
    occlude: str
    amount: Share
    n: Count
    accuracy: Share
    ci95: Interval
    macro_recall: NotRequired[Share]
    confusion: NotRequired[list[list[Count]]]
    subset: NotRequired[str]
    tta: NotRequired[bool]
    mapped: NotRequired[bool]


class Wins(TypedDict):
    """On which share of the faces a heatmap was better than a random one."""

    share: Share
    ci95: Interval


class Truth(TypedDict):
    """How true one explainer's heatmaps are: a row of `training.faithfulness`."""

    explainer: str
    n: Count
    split: str
    both: Wins


class Worth(TypedDict):
    """What a network's attention is worth: `training.attention_worth`. Points are shares."""

    n: Count
    worth: Points
    ci95: Annotated[list[Points], Field(min_length=2, max_length=2)]


class Rows(TypedDict):
    """What a card says of measured scores, heatmaps and attention."""

    metrics: list[Metric]
    explanations: NotRequired[list[Truth]]
    attention: NotRequired[Worth | Nothing]


for _kind in (Metric, Wins, Truth, Worth, Rows):
    _kind.__pydantic_config__ = ConfigDict(strict=True, extra="allow")  # type: ignore[union-attr]

_ROWS = TypeAdapter(Rows)


def check_rows(raw: Mapping[str, Any], label_names: Sequence[str]) -> None:
    """Refuse rows that whoever shows the card would stumble over.

    Args:
        raw: the card's JSON object.
        label_names: the emotions that the network knows.

    Raises:
        WeightsError: naming the row and the key.
    """
    try:
        rows = _ROWS.validate_python(dict(raw))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise WeightsError(f"{place}: {fault['msg']}.") from error
    size = len(label_names)
    for number, row in enumerate(rows["metrics"]):
        confusion = row.get("confusion")
        if confusion is None or row.get("mapped"):
            continue
        if [len(counts) for counts in confusion] != [size] * size:
            raise WeightsError(f"metrics.{number}.confusion: {size} rows of {size} are needed.")
