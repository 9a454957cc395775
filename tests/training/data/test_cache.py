"""A cache comes back as it was, or ends in a sentence."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import DataError, UsageError
from ferstudio.regions import COMPACT
from tests.training.conftest import make_table
from training.data.cache import META_FILE, load_split, save_meta, save_split, start_cache
from training.data.ferplus import VOTE_COLUMNS
from training.data.table import FaceTable

QUARTER_PX = 0.25
"""Step in which the cache stores landmarks, so it is off by half of that at most."""


@pytest.fixture
def own_cache(tmp_path: Path, cache: Path) -> Path:
    """A cache that a test may damage."""
    return shutil.copytree(cache, tmp_path / "cache")


def test_a_table_comes_back_as_it_was(cache: Path) -> None:
    table = make_table(40, seed=1)
    back = load_split(cache, "valid")
    np.testing.assert_array_equal(back.images, table.images)
    np.testing.assert_array_equal(back.votes, table.votes)
    np.testing.assert_array_equal(back.names, table.names)
    np.testing.assert_array_equal(back.truth, table.truth)
    np.testing.assert_array_equal(back.found(), table.found())
    for column in ("images", "votes", "truth"):
        assert getattr(back, column).dtype == getattr(table, column).dtype
    np.testing.assert_allclose(
        back.landmarks_xy_px, table.landmarks_xy_px, rtol=0, atol=QUARTER_PX / 2 + 1e-5
    )


def test_noise_survives_bit_by_bit_over_two_sheets(tmp_path: Path) -> None:
    count = 64 * 64 + 5
    images = np.zeros((count, 48, 48), np.uint8)
    images[-10:] = np.random.default_rng(3).integers(0, 256, (10, 48, 48), np.uint8)
    landmarks = np.full((count, len(COMPACT), 2), np.nan, np.float32)
    nobody = np.zeros((count, len(VOTE_COLUMNS)), np.uint8)
    saved = FaceTable(images, np.arange(count) % 7, nobody, np.full(count, ""), landmarks)
    save_split(tmp_path, "train", saved)
    save_meta(tmp_path, {"train": count})
    back = load_split(tmp_path, "train")
    np.testing.assert_array_equal(back.images, images)
    assert not back.found().any()
    assert back.landmarks(0) is None


def test_landmarks_outside_the_picture_are_kept_as_far_as_the_format_reaches(
    tmp_path: Path, table: FaceTable
) -> None:
    table.landmarks_xy_px[1, :3, 0] = (-7.9, 55.4, 90)
    save_split(tmp_path, "valid", table)
    save_meta(tmp_path, {"valid": len(table)})
    back = load_split(tmp_path, "valid").landmarks_xy_px[1, :3, 0]
    np.testing.assert_allclose(back, (-7.9, 55.4, 55.5), atol=QUARTER_PX / 2 + 1e-5)


def test_a_restarted_cache_counts_as_unfinished(own_cache: Path) -> None:
    assert len(load_split(own_cache, "valid")) == 40
    start_cache(own_cache)
    with pytest.raises(DataError, match=r"holds no prepared data; run python -m training\.prepare"):
        load_split(own_cache, "valid")


def test_a_cache_cannot_start_where_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match="can't be written"):
        start_cache(tmp_path / "taken")


def test_no_temporary_file_is_left(cache: Path) -> None:
    assert sorted(file.name for file in cache.iterdir()) == [
        META_FILE,
        "train-000.webp",
        "train.npz",
        "valid-000.webp",
        "valid.npz",
    ]


def _edit_meta(folder: Path, **changes: object) -> None:
    meta = json.loads((folder / META_FILE).read_text("utf-8"))
    (folder / META_FILE).write_text(json.dumps({**meta, **changes}), "utf-8")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: _cut(folder / META_FILE), r"meta\.json is damaged"),
        (lambda folder: _edit_meta(folder, version=0), "another version"),
        (lambda folder: _edit_meta(folder, compact=[1, 2]), "another version"),
        (lambda folder: _edit_meta(folder, counts={"valid": 0}), "has no 'valid' split"),
        (lambda folder: _edit_meta(folder, counts={"valid": 39}), "files of two runs"),
        (lambda folder: (folder / "valid.npz").unlink(), r"valid\.npz is missing or damaged"),
        (lambda folder: _cut(folder / "valid.npz"), r"valid\.npz is missing or damaged"),
        (lambda folder: (folder / "valid-000.webp").unlink(), r"000\.webp is missing or damaged"),
        (lambda folder: _cut(folder / "valid-000.webp"), r"000\.webp is missing or damaged"),
        (
            lambda folder: (folder / "valid-000.webp").write_bytes(b""),
            r"000\.webp is missing or damaged",
        ),
    ],
)
def test_a_damaged_cache_is_refused(
    own_cache: Path, damage: Callable[[Path], object], message: str
) -> None:
    damage(own_cache)
    with pytest.raises(DataError, match=message):
        load_split(own_cache, "valid")


def test_an_unknown_split_is_refused(cache: Path) -> None:
    with pytest.raises(DataError, match="choose from: train, valid, test"):
        load_split(cache, "final")
