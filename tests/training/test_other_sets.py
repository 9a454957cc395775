"""RAF-DB's official form, made up: prepared, trained, exported, and opened in the studio."""

from pathlib import Path

import numpy as np
import pytest

from ferstudio.labels import label_set
from ferstudio.models.card import read_card
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from tests.training.data.made_pictures import tinted, write_rafdb
from training.export import main as export
from training.prepare import main as prepare
from training.recipes import get_recipe, list_recipes
from training.train import main as train


@pytest.mark.slow
def test_a_made_rafdb_trains_exports_and_opens_in_its_seven_classes_in_colour(
    tmp_path: Path,
) -> None:
    listed, cache, run = write_rafdb(tmp_path / "raf"), tmp_path / "cache", tmp_path / "run"
    images = listed.parents[1] / "Image" / "aligned"
    line = ["--images", str(images), "--list", str(listed), "--labels", "rafdb"]
    assert prepare([*line, "--out", str(cache), "--workers", "0", "--side", "64"]) == 0
    line = ["--data", str(cache), "--out", str(run), "--device", "cpu"]
    assert train(["acsinet.paper_rafdb", *line, "--epochs", "1", "--sizes", "32"]) == 0
    shelf = tmp_path / "weights"
    assert export([str(run), "--data", str(cache), "--weights-dir", str(shelf)]) == 0

    card = read_card(shelf / "acsinet.paper_rafdb")
    assert (card.labels, card.label_names) == ("rafdb", label_set("rafdb"))
    assert not card.input.grayscale
    assert {row["labels"] for row in card.metrics} == {"rafdb"}
    assert "RAF-DB" in card.licence and "FER2013" not in card.licence
    assert card.data.startswith("RAF-DB pictures and labels")

    studio = Studio(shelf)
    face = FaceCrop(tinted("happiness", 0), None, np.eye(2, 3))
    found = studio.compare(Selection(face, Cover("sunglasses", 0.8), ("acsinet",)))
    (row,) = found.rows
    assert row.clean.prediction.labels == label_set("rafdb")
    assert np.ptp(row.clean.seen.astype(int), axis=2).max() > 20  # the network sees colours
    grey = FaceCrop(np.repeat(face.image[:, :, :1], 3, axis=2), None, np.eye(2, 3))
    other = studio.look("acsinet", grey)
    assert abs(other.prediction.logits - row.clean.prediction.logits).max() > 1e-4


def test_every_paper_has_recipes_on_its_other_sets() -> None:
    names = [name for name in list_recipes() if ".paper_" in name and "exact" not in name]
    assert {name.partition(".paper_")[2] for name in names} == {
        "rafdb", "affectnet7", "affectnet8", "ckplus", "oulucasia",
    }  # fmt: skip
    for name in names:
        recipe, base = get_recipe(name), get_recipe(f"{name.partition('.')[0]}.paper")
        assert not recipe.input.grayscale
        assert recipe.labels == name.partition(".paper_")[2]
        assert (recipe.epochs, recipe.optimizer, recipe.loss) == (
            base.epochs,
            base.optimizer,
            base.loss,
        )
    assert get_recipe("acsinet.paper_rafdb").batch_size == 16
