"""Labelled photographs from a folder, detected and cropped exactly as in the studio."""

from pathlib import Path
from typing import TYPE_CHECKING

from ferstudio.errors import DataError
from ferstudio.labels import label_set
from ferstudio.report.photographs import is_picture
from ferstudio.types import FaceCrop

if TYPE_CHECKING:
    from ferstudio.faces import FaceDetector


def find_photographs(folder: Path, labels: str) -> list[tuple[Path, str]]:
    """Return the photographs of FOLDER/LABEL/* and FOLDER/LABEL_*, each with its label.

    They are in the order of the labels, and sorted.

    Raises:
        DataError: if there are none under the names of the label set.
    """
    found = [
        (file, label)
        for label in label_set(labels)
        for file in sorted((*(folder / label).glob("*"), *folder.glob(f"{label}_*")))
        if is_picture(file)
    ]
    if not found:
        listed = ", ".join(label_set(labels))
        raise DataError(
            f"{folder} holds no photographs in folders named after labels, nor named LABEL_...: "
            f"{listed}."
        )
    return found


def read_photographs(
    photographs: list[tuple[Path, str]],
) -> tuple[list[FaceCrop], list[str], int]:
    """Return the crops of the largest faces, their labels, and how many photographs had none.

    Where no face is found the centred square stands in, as in the studio.

    Raises:
        ImageError: naming the file, if one can't be read.
    """
    from ferstudio.faces import best_detector

    detector = best_detector()
    crops, labels, missed = [], [], 0
    for file, label in photographs:
        crop, found = crop_largest_face(file, detector)
        missed += not found
        crops.append(crop)
        labels.append(label)
    return crops, labels, missed


def crop_largest_face(source: Path | bytes, detector: "FaceDetector") -> tuple[FaceCrop, bool]:
    """Return the crop of the largest face in a picture file or its content, and if there is one.

    Where there is none it is the centred square.

    Raises:
        ImageError: if the file can't be read as a picture.
    """
    from ferstudio.faces import align_face, search_file

    search = search_file(source, detector)
    crop = align_face(search.image, search.faces[0] if search.faces else None)
    return crop, bool(search.faces)
