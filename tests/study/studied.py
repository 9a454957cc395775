"""Faces, weights and answers of small studies."""

import zipfile
from pathlib import Path

import numpy as np

from ferstudio.study.answers import FOUND, Part
from ferstudio.study.plan import StudyPlan
from tests.studio_parts import write_picture


def write_faces(folder: Path, count: int = 6) -> Path:
    """Write so many pictures, by turns as happy and as anger, and return the folder."""
    for number in range(count):
        write_picture(folder / ("happy", "anger")[number % 2] / f"{number:02d}.png", seed=number)
    return folder


def zipped(folder: Path, file: Path) -> Path:
    """Write all that lies in a folder into a ZIP file and return that."""
    with zipfile.ZipFile(file, "w") as archive:
        for each in sorted(folder.rglob("*.*")):
            archive.write(each, each.relative_to(folder))
    return file


def small_plan(*models: str, judged: int = 0) -> StudyPlan:
    """Return a plan of two amounts of one cover."""
    return StudyPlan(models or ("resnet18.test",), ("upper",), steps=2, judged=judged, crop="whole")


def part(answers: list[list[list[int]]], gains: list[list[float]] | None = None) -> Part:
    """Return a part in which every picture was read."""
    given = np.array(answers, np.uint8)
    faces, models, conditions = given.shape
    return Part(
        np.full(faces, FOUND, np.uint8),
        given,
        np.full((faces, conditions), 0.25, np.float32),
        np.full((faces, models), np.nan) if gains is None else np.array(gains),
    )
