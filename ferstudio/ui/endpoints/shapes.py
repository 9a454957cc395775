"""What the endpoints return: JSON objects, by their keys."""

from typing_extensions import TypedDict


class ModelInfo(TypedDict):
    """One trained network."""

    name: str
    title: str
    summary: str
    paper: str
    parameters: int
    labels: list[str]


class OccluderInfo(TypedDict):
    """One way to hide part of a face."""

    name: str
    title: str
    summary: str
    group: str


class FaceInfo(TypedDict):
    """One face of a picture."""

    number: int
    box_xyxy_px: list[float]
    score: float
    notes: list[str]
    png: str


class FacesFound(TypedDict):
    """The faces of a picture, the largest first."""

    note: str
    faces: list[FaceInfo]


class Said(TypedDict):
    """What one network answers."""

    top: str
    confidence: float
    probabilities: dict[str, float]


class ModelAnswer(TypedDict):
    """One network on the clean and on the covered face."""

    model: str
    title: str
    clean: Said
    covered: Said | None
    flipped: bool
    leakage: float | None


class Compared(TypedDict):
    """What networks answer, and what they were asked."""

    cover: str
    amount: float
    seed: int
    share: float
    explainer: str
    answers: list[ModelAnswer]


class Map(TypedDict):
    """A heatmap: its values in [0, 1] row by row, or a PNG of the face under it."""

    values: list[list[float]] | None
    png: str | None
    raw_range: list[float]


class Explained(TypedDict):
    """Where one network looked, for one emotion."""

    model: str
    explainer: str
    target: str
    share: float
    clean: Map
    covered: Map | None
    leakage: float | None


class AttentionInfo(TypedDict):
    """What one block of a network weighed: a map, or weights."""

    module: str
    title: str
    place: str
    role: str
    kind: str
    map: Map | None
    names: list[str]
    weights: list[float]


class Attention(TypedDict):
    """What a network's own attention did with a face."""

    model: str
    top: str
    confidence: float
    blocks: list[AttentionInfo]


class Curve(TypedDict):
    """One network under more and more of one cover."""

    weights: str
    occluder: str
    seed: int
    clean: Said
    target: str
    amounts: list[float]
    shares: list[float]
    probabilities: list[float]
    answers: list[str]
    flip_amount: float | None
    flip_share: float | None
    flip_answer: str | None
    area: float


class Embedding(TypedDict):
    """A network's feature vector of a face, before its last layer."""

    model: str
    layer: str
    features: list[float]
