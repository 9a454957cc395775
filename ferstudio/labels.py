"""Label sets in logit order. The order is part of the weights' meaning: never sort these."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from ferstudio.errors import DataError, UnknownNameError

FERPLUS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
"""The eight emotions of FER+ in the order of its vote columns (Barsoum et al. 2016)."""

FER2013 = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
"""The seven emotions of FER2013 in the order of its CSV's digits (Goodfellow et al. 2013)."""

SYNONYMS = MappingProxyType(
    {
        "angry": "anger", "disgusted": "disgust", "fearful": "fear", "happy": "happiness",
        "normal": "neutral", "sad": "sadness", "surprised": "surprise",
    }
)  # fmt: skip
"""What data sets also call the emotions."""


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels of a data set.

    Attributes:
        name: what it is called in commands and on cards.
        title: what people call the data set.
        emotions: in logit order.
        codes: what the data set's own files call them: folders, numbers in lists.
        list_form: form of the data set's own lists of pictures, which its codes are of
            (`training.data.picture_lists.LIST_FORMS`); "" where it has none.
        source: who made it, and which of its files has the labels.
    """

    name: str
    title: str
    emotions: tuple[str, ...]
    codes: Mapping[str, str] = field(default_factory=dict)
    list_form: str = ""
    source: str = ""

    def emotion(self, code: str) -> str | None:
        """Return what a code of the data set, or a name, means; None for none of its emotions."""
        name = self.codes.get(code, code.strip().lower())
        name = SYNONYMS.get(name, name)
        return name if name in self.emotions else None


class _LabelSets(Mapping[str, tuple[str, ...]]):
    """The emotions of all label sets by name; `label_sets/*.json` is read at the first look."""

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return _label_sets()[name].emotions

    def __iter__(self) -> Iterator[str]:
        return iter(_label_sets())

    def __len__(self) -> int:
        return len(_label_sets())


LABEL_SETS: Mapping[str, tuple[str, ...]] = _LabelSets()
"""The two at hand, and one for each file in `ferstudio/label_sets`, where a user adds one."""

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


def described(name: str) -> LabelSet:
    """Return all that is known of the label set called `name`.

    Raises:
        UnknownNameError: if no label set has that name.
        DataError: if a file of label sets isn't of their form.
    """
    label_set(name)
    return _label_sets()[name]


@cache
def _label_sets() -> Mapping[str, LabelSet]:
    sets = [
        LabelSet("ferplus", "FER+", FERPLUS),
        LabelSet("fer2013", "FER2013", FER2013, {str(n): name for n, name in enumerate(FER2013)}),
        *map(_read, sorted((Path(__file__).parent / "label_sets").glob("*.json"))),
    ]
    return MappingProxyType({each.name: each for each in sets})


def _read(file: Path) -> LabelSet:
    try:
        raw = json.loads(file.read_text("utf-8"))
        emotions, codes = tuple(raw["emotions"]), dict(raw.get("codes", {}))
        found = LabelSet(
            file.stem,
            str(raw["title"]),
            emotions,
            codes,
            list_form=str(raw.get("list", "")),
            source=str(raw.get("source", "")),
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{file} is no label set ({error}); it needs title and emotions.") from None
    unknown = sorted({*emotions, *codes.values()} - {*DISPLAY_ORDER})
    if unknown or len(set(emotions)) < max(2, len(emotions)):
        raise DataError(
            f"{file}: emotions are two or more of {', '.join(DISPLAY_ORDER)}, each once, not "
            f"{', '.join(unknown or emotions)}."
        )
    return found
