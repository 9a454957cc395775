"""Labelled photographs from a folder, detected and cropped exactly as in the studio."""

from pathlib import Path

from ferstudio.errors import DataError
from ferstudio.labels import label_set
from ferstudio.types import FaceCrop

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


def find_photographs(folder: Path, labels: str) -> list[tuple[Path, str]]:
    """Return the photographs of FOLDER/LABEL/*, sorted, each with its label.

    Raises:
        DataError: if there are none under the names of the label set.
    """
    found = [
        (file, label)
        for label in label_set(labels)
        for file in sorted((folder / label).glob("*"))
        if file.suffix.lower() in SUFFIXES
    ]
    if not found:
        listed = ", ".join(label_set(labels))
        raise DataError(f"{folder} holds no photographs in folders named after labels: {listed}.")
    return found


def read_photographs(
    photographs: list[tuple[Path, str]],
) -> tuple[list[FaceCrop], list[str], int]:
    """Return the crops of the largest faces, their labels, and how many photographs had none.

    Where no face is found the centred square stands in, as in the studio.

    Raises:
        ImageError: naming the file, if one can't be read.
    """
    from ferstudio.faces import align_face, best_detector, centred_square, read_picture

    detector = best_detector()
    crops, labels, missed = [], [], 0
    for file, label in photographs:
        picture = read_picture(file)
        faces = detector.detect(picture)
        missed += not faces
        crops.append(align_face(picture, faces[0]) if faces else centred_square(picture))
        labels.append(label)
    return crops, labels, missed
