"""What was saved is asked again, with the same numbers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferstudio import cli
from ferstudio.errors import DataError, UnknownNameError
from ferstudio.keep.recipe import (
    TOLERANCE,
    Recipe,
    read_recipe,
    recipe_of,
    repeated,
    repeated_table,
    selection_of,
)
from ferstudio.occlusion.painted import PAINTED, Layer
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from tests.studio_parts import FakeDetector, picture

NET = "resnet18.test"


@pytest.fixture(scope="module")
def studio(shelf: Path) -> Studio:
    return Studio(shelf, detector=FakeDetector())


def own_face(studio: Studio) -> FaceCrop:
    search = studio.find_faces(picture(3))
    return studio.crop(search.image, search.faces[0])


def saved(studio: Studio, crop: FaceCrop, cover: Cover) -> Recipe:
    found = studio.compare(Selection(crop, cover, (NET, "acsinet.test")))
    return read_recipe(json.dumps({"recipe": recipe_of(studio, found).content()}).encode())


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", ["none", "sunglasses", "random", "hottest", PAINTED])
def test_the_same_numbers_come_again(shelf: Path, studio: Studio, own: bool, name: str) -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[10:25, 5:30] = (10, 200, 30, 255)
    cover = Cover(name, 0.6, 5, (Layer(PAINTED, pixels),))
    crop = own_face(studio) if own else studio.sample("anger")
    recipe = saved(studio, crop, cover)
    assert (recipe.face.sample == "anger") is not own
    again = repeated(Studio(shelf, detector=FakeDetector()), recipe)
    assert [each.model for each in again] == [NET, "acsinet.test"]
    assert all(each.difference <= TOLERANCE and each.same_weights for each in again)
    assert "The same probabilities" in repeated_table(again)


def test_unknown_landmarks_stay_unknown(studio: Studio) -> None:
    face = own_face(studio)
    assert face.landmarks_xy_px is not None
    points = face.landmarks_xy_px.copy()
    points[7] = np.nan
    crop = FaceCrop(face.image, points, np.eye(2, 3))
    again = selection_of(studio, saved(studio, crop, Cover("none", 0.0))).crop
    assert again.landmarks_xy_px is not None
    assert np.array_equal(again.landmarks_xy_px, points, equal_nan=True)
    assert np.array_equal(again.image, crop.image)


def test_other_numbers_and_weights_are_told(studio: Studio) -> None:
    recipe = saved(studio, studio.sample("fear"), Cover("upper", 1.0))
    recipe.answers[0].clean["fear"] += 0.25
    recipe.models[1].sha256[0] = "0" * 64
    first, second = repeated(studio, recipe)
    assert first.difference == pytest.approx(0.25, abs=1e-6)
    assert (first.same_weights, second.same_weights) == (True, False)
    said = repeated_table((first, second))
    assert "Other probabilities: the largest difference from the recipe is 2.5e-01." in said
    assert "Other weights than the recipe's are here: acsinet.test." in said


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"recipe": null}', b"<html>"])
def test_a_file_without_a_recipe_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match="This holds no recipe"):
        read_recipe(content)


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["answers"].pop(),
        lambda told: told["models"].append(told["models"][0]),
        lambda told: told["answers"].reverse(),
        lambda told: told["answers"][0]["clean"].update(fear=float("nan")),
        lambda told: told["answers"][0]["covered"].clear(),
    ],
)
def test_a_recipe_whose_answers_arent_its_models_is_refused(
    studio: Studio, change: Callable[[dict[str, Any]], object]
) -> None:
    told = saved(studio, studio.sample("fear"), Cover("upper", 1.0)).content()
    change(told)
    with pytest.raises(DataError, match="This holds no recipe"):
        read_recipe(json.dumps(told).encode())


def test_a_damaged_face_is_refused(studio: Studio) -> None:
    recipe = saved(studio, own_face(studio), Cover("none", 0.0))
    recipe.face.png = "no base64"
    with pytest.raises(DataError, match="damaged"):
        repeated(studio, recipe)
    recipe.face.sample = "joy"
    with pytest.raises(UnknownNameError):
        repeated(studio, recipe)
    few = saved(studio, own_face(studio), Cover("none", 0.0))
    few.face.landmarks_xy_px = [[1.0, 2.0]]
    with pytest.raises(DataError, match="478 landmarks"):
        repeated(studio, few)


def test_the_shell_repeats_it(
    studio: Studio, shelf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = saved(studio, own_face(studio), Cover("lower", 0.5, 9))
    file = tmp_path / "numbers.json"
    file.write_text(json.dumps(recipe.content()))
    words = ["analyze", "--recipe", str(file), "--weights", str(shelf)]
    assert cli.main(words) == 0
    assert "The same probabilities" in capsys.readouterr().out
    assert cli.main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["model"] for each in told] == [NET, "acsinet.test"]
    assert cli.main([*words, "--jsonl"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == told
    for extra in (["--models", "csinet"], ["--out", "D"], ["--occlude", "lower"], ["--fps", "3"]):
        assert cli.main([*words, *extra]) == 2
        assert f"follows {extra[0]}" in capsys.readouterr().err
    for each, answer in zip(told, recipe.answers, strict=True):
        assert each["covered"] == pytest.approx(answer.covered, abs=1e-6)


def test_a_recipe_or_photographs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["analyze", "me.jpg", "--recipe", "numbers.json"]) == 2
    assert "give an IMAGE, or a recipe" in capsys.readouterr().err
    assert cli.main(["analyze", "--recipe", "no-such-file.json"]) == 2
    assert "doesn't exist" in capsys.readouterr().err
