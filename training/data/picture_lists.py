"""Labelled pictures of a data set: folders of them, or the list files of RAF-DB and AffectNet."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ferstudio.errors import DataError
from ferstudio.labels import LABEL_SETS, LabelSet, described
from ferstudio.report.photographs import is_picture
from training.data.cache import SPLITS

SPLIT_NAMES = {
    "train": "train", "training": "train",
    "valid": "valid", "val": "valid", "validation": "valid",
    "test": "test", "testing": "test",
}  # fmt: skip
"""What folders and RAF-DB's names call the splits."""

AFFECTNET_SPLITS = {"training": "train", "validation": "test"}
"""By the names of AffectNet's lists: papers test on its validation list."""

AFFECTNET_FILE, AFFECTNET_LABEL = "subDirectory_filePath", "expression"

RAFDB, AFFECTNET = "rafdb", "affectnet"
LIST_FORMS = {
    RAFDB: "RAF-DB's list, lines as train_00001.jpg 5",
    AFFECTNET: f"AffectNet's CSV, with the columns {AFFECTNET_FILE} and {AFFECTNET_LABEL}",
}
"""Forms of lists, in words; the codes in a list are those of label sets of its form."""


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture of a data set.

    Attributes:
        file: where it lies.
        split: "train", "valid" or "test".
        label: index into the emotions of the label set.
        box_xyxy_px: the face, where the list says; None for the whole picture.
    """

    file: Path
    split: str
    label: int
    box_xyxy_px: tuple[float, float, float, float] | None = None


def pictures_in_folders(folder: Path, labels: LabelSet) -> list[LabelledPicture]:
    """Return the pictures of FOLDER/SPLIT/LABEL/*, sorted; labels by their names or codes.

    Raises:
        DataError: if there are none, or a folder is called after none of the emotions.
    """
    found = []
    for part in sorted(each for each in _listing(folder) if each.is_dir()):
        split = SPLIT_NAMES.get(part.name.lower())
        if split is None:
            continue
        for own in sorted(each for each in part.iterdir() if each.is_dir()):
            emotion = labels.emotion(own.name)
            if emotion is None:
                raise DataError(
                    f"{own}: {labels.title} has no emotion {own.name!r}; name folders after "
                    f"{', '.join(labels.emotions)}, or leave that one out."
                )
            label = labels.emotions.index(emotion)
            files = sorted(file for file in own.iterdir() if is_picture(file))
            found += [LabelledPicture(file, split, label) for file in files]
    if not found:
        raise DataError(
            f"{folder} holds no pictures as SPLIT/LABEL/*, with a SPLIT as train, test."
        )
    return found


def pictures_in_list(file: Path, folder: Path, labels: LabelSet) -> list[LabelledPicture]:
    """Return the pictures that a data set's own list names, in its order.

    RAF-DB's list has lines as `train_00001.jpg 5`; its aligned pictures, as
    `train_00001_aligned.jpg`, are taken where they lie in the folder. AffectNet's lists are CSV
    files called training and validation; rows of none of the label set's emotions (none, uncertain,
    no face) are left out.

    Raises:
        DataError: naming file and line, if it is neither, or a picture is missing; if its codes
            are those of other label sets.
    """
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} can't be read as a list: {error}.") from None
    form = AFFECTNET if lines and AFFECTNET_FILE in lines[0] else RAFDB
    if form != labels.list_form:
        fitting = [name for name in LABEL_SETS if described(name).list_form == form]
        raise DataError(
            f"{file} is read as {LIST_FORMS[form]}, whose codes aren't {labels.title}'s: choose "
            f"--labels {' or '.join(fitting)}."
        )
    read = _affectnet if form == AFFECTNET else _rafdb
    found = list(read(file, lines, folder, labels))
    if not found:
        raise DataError(f"{file} names no picture with an emotion of {labels.title}.")
    return found


def _rafdb(
    file: Path, lines: Sequence[str], folder: Path, labels: LabelSet
) -> Iterator[LabelledPicture]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place, parts = f"{file}, line {number}", line.split()
        if len(parts) != 2:
            raise DataError(f"{place}: a picture and its label are needed, not {line.strip()!r}.")
        name, code = parts
        split = SPLIT_NAMES.get(name.partition("_")[0].lower())
        emotion = labels.emotion(code)
        if split is None or emotion is None:
            raise DataError(f"{place}: names begin with train or test, labels are codes: {line!r}.")
        stem, dot, ending = name.rpartition(".")
        candidates = (f"{stem}_aligned{dot}{ending}", name)
        picture = next((folder / each for each in candidates if (folder / each).is_file()), None)
        if picture is None:
            raise DataError(f"{place}: {folder} has neither {' nor '.join(candidates)}.")
        yield LabelledPicture(picture, split, labels.emotions.index(emotion))


def _affectnet(
    file: Path, lines: Sequence[str], folder: Path, labels: LabelSet
) -> Iterator[LabelledPicture]:
    split = AFFECTNET_SPLITS.get(file.stem.lower())
    if split not in SPLITS:
        raise DataError(f"{file}: AffectNet's lists are called training.csv and validation.csv.")
    for number, row in enumerate(csv.DictReader(lines), start=2):
        place = f"{file}, line {number}"
        try:
            code, name = row[AFFECTNET_LABEL].strip(), row[AFFECTNET_FILE]
            box = _box(row)
        except (KeyError, AttributeError, ValueError, TypeError):
            raise DataError(f"{place}: a column is missing or no number.") from None
        emotion = labels.emotion(code)
        if emotion is None:
            continue
        picture = folder / name
        if not picture.is_file():
            raise DataError(f"{place}: {folder} has no {name}.")
        yield LabelledPicture(picture, split, labels.emotions.index(emotion), box)


def _box(row: dict[str, str]) -> tuple[float, float, float, float] | None:
    names = ("face_x", "face_y", "face_width", "face_height")
    if any(name not in row for name in names):
        return None
    x, y, width, height = (float(row[name]) for name in names)
    return (x, y, x + width, y + height) if min(width, height) > 0 else None


def _listing(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder} can't be read: {error.strerror}.") from None
