"""A small made-up data set: blobs whose brightness tells the class, with the mean face's points."""

from pathlib import Path

import numpy as np
import pytest

from ferstudio.regions import COMPACT, mean_face
from training.data.cache import save_meta, save_split
from training.data.table import FaceTable


def make_table(count: int, seed: int = 0) -> FaceTable:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 8, count)
    images = rng.integers(0, 40, (count, 48, 48)) + labels[:, None, None] * 25
    votes = np.zeros((count, 10), np.uint8)
    votes[np.arange(count), labels] = 9
    votes[np.arange(count), (labels + 1) % 8] = 1
    points = mean_face()[list(COMPACT)] * 48
    landmarks = points + rng.normal(0, 0.4, (count, *points.shape))
    landmarks[::7] = np.nan
    return FaceTable(
        images=images.astype(np.uint8),
        truth=labels.clip(0, 6).astype(np.int64),
        votes=votes,
        names=np.array([f"fer{seed}{row:06d}.png" for row in range(count)]),
        landmarks_xy_px=landmarks.astype(np.float32),
    )


@pytest.fixture
def table() -> FaceTable:
    return make_table(64)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    tables = {"train": make_table(96), "valid": make_table(40, seed=1)}
    for split, table in tables.items():
        save_split(folder, split, table)
    save_meta(folder, {split: len(table) for split, table in tables.items()})
    return folder
