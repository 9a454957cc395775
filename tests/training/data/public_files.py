"""Small files of the form of the two public ones."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.ferplus import VOTE_COLUMNS

Rows = list[list[str]]

USAGES = ("Training", "Training", "PublicTest", "PublicTest", "PublicTest")


def face(row: int) -> NDArray[np.uint8]:
    return np.random.default_rng(row).integers(0, 256, (48, 48), np.uint8)


def fer2013_rows() -> Rows:
    rows = [
        [str(row), " ".join(map(str, face(row).ravel())), usage] for row, usage in enumerate(USAGES)
    ]
    return [["emotion", "pixels", "Usage"], *rows]


def ferplus_rows() -> Rows:
    header = ["Usage", "Image name", *VOTE_COLUMNS]
    rows = [
        [usage, f"fer{row:07d}.png", *map(str, np.eye(10, dtype=int)[row] * 9)]
        for row, usage in enumerate(USAGES)
    ]
    rows[4][1] = ""
    return [header, *rows]


def write(file: Path, rows: Rows) -> Path:
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return file


def with_cell(rows: Rows, line: int, column: int, cell: str) -> Rows:
    rows[line - 1][column] = cell
    return rows
