"""Every way in which FER2013's file can be wrong is named."""

from pathlib import Path

import pytest

from ferstudio.errors import DataError
from tests.training.data.public_files import fer2013_rows, with_cell, write
from training.data.fer2013 import read_fer2013

PIXELS = " ".join(["7"] * 2304)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ((3, 0, "7"), r"fer2013\.csv, line 3: emotion is '7', not a digit from 0 to 6"),
        ((3, 0, ""), r"line 3: emotion is ''"),
        ((3, 0, "happy"), r"line 3: emotion is 'happy'"),
        ((4, 1, PIXELS[:-2]), r"line 4: 2303 pixels where 2304 are needed"),
        ((4, 1, PIXELS + " 7"), r"line 4: 2305 pixels where 2304 are needed"),
        ((4, 1, ""), r"line 4: 0 pixels"),
        ((4, 1, PIXELS[:-1] + "x"), r"line 4: a pixel is not a whole number"),
        ((4, 1, PIXELS[:-1] + "1.5"), r"line 4: a pixel is not a whole number"),
        ((4, 1, PIXELS[:-1] + "9" * 30), r"line 4: a pixel is not a whole number"),
        ((4, 1, PIXELS[:-1] + "256"), r"line 4: a pixel is not between 0 and 255"),
        ((4, 1, PIXELS[:-1] + "-1"), r"line 4: a pixel is not between 0 and 255"),
        ((2, 2, "training"), r"line 2: Usage is 'training', not one of Training, PublicTest,"),
        ((1, 1, "picture"), r"line 1: the columns should be emotion,pixels,Usage"),
    ],
)
def test_a_wrong_cell_in_fer2013_is_named(
    tmp_path: Path, cell: tuple[int, int, str], message: str
) -> None:
    rows = with_cell(fer2013_rows(), *cell)
    with pytest.raises(DataError, match=message):
        read_fer2013(write(tmp_path / "fer2013.csv", rows))
