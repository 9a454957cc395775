"""Label sets in logit order. The order is part of the weights' meaning: never sort these."""

from types import MappingProxyType

from ferstudio.errors import UnknownNameError

FERPLUS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
"""The eight emotions of FER+ in the order of its vote columns (Barsoum et al. 2016)."""

FER2013 = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
"""The seven emotions of FER2013 in the order of its CSV's digits (Goodfellow et al. 2013)."""

LABEL_SETS = MappingProxyType({"ferplus": FERPLUS, "fer2013": FER2013})

DISPLAY_ORDER = FERPLUS
"""Order in which every chart shows the emotions, whatever the model's own order is."""

EMOTION_COLOURS = MappingProxyType(
    {
        "neutral": "#8a8fa8",
        "happiness": "#e8b44a",
        "surprise": "#3bb3ae",
        "sadness": "#3e74c9",
        "anger": "#d1435b",
        "disgust": "#6f9a3d",
        "fear": "#8d6cc4",
        "contempt": "#b5763f",
    }
)
"""One fixed colour per emotion (hex RGB), the same in every chart; hue and lightness both differ,
and every bar also carries its name, so that no reading depends on colour alone."""


def label_set(name: str) -> tuple[str, ...]:
    """Return the emotions of the label set called `name`, in logit order.

    Raises:
        UnknownNameError: if no label set has that name.
    """
    if name not in LABEL_SETS:
        raise UnknownNameError("label set", name, sorted(LABEL_SETS))
    return LABEL_SETS[name]
