"""What a script gets: pictures of any kind in, plain values out."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ferstudio
from ferstudio import Answers, Cover, Studio
from ferstudio.errors import ImageError, UnknownNameError, UsageError
from ferstudio.labels import FERPLUS
from ferstudio.studio.results import Comparison
from ferstudio.studio.selection import Selection
from ferstudio.types import FaceCrop
from tests.studio_parts import FakeDetector, picture, write_picture

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def studio(shelf: Path) -> Studio:
    return Studio(shelf, detector=FakeDetector())


@pytest.fixture(scope="module")
def answers(studio: Studio) -> Answers:
    return studio.ask(studio.sample("happiness"), cover=Cover("sunglasses", 0.9, seed=3))


def test_a_picture_is_opened_from_whatever_holds_it(studio: Studio, tmp_path: Path) -> None:
    array, file = picture(), write_picture(tmp_path / "me.png")
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "PNG")
    for source in (file, str(file), stream.getvalue(), array, Image.fromarray(array)):
        photo = studio.open(source)
        np.testing.assert_array_equal(photo.image, array)
        (face,) = photo.faces
        assert isinstance(face, FaceCrop) and face.shows_face
    grey = studio.open(array[:, :, 0])
    assert grey.image.shape == array.shape


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("https://example.org/me.jpg", "is an address; nothing is fetched"),
        ("absent.png", "absent.png doesn't exist"),
        (np.zeros((4, 4, 3)), "not an array of float64 of shape"),
        (np.zeros((4,), np.uint8), "not an array of uint8 of shape"),
        (7, "an array or Pillow's, not a int"),
    ],
)
def test_what_is_no_picture_is_one_sentence(studio: Studio, source: object, sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence):
        studio.open(source)  # type: ignore[arg-type]


def test_answers_are_a_mapping_of_plain_values(answers: Answers) -> None:
    assert list(answers) == ["acsinet.test", "resnet18.test"] and len(answers) == 2
    one = answers["resnet18.test"]
    assert answers["resnet18"] is one and one.title.startswith("ResNet-18")
    assert one.covered is not None
    for look in (one.clean, one.covered):
        assert list(look.probabilities) == list(FERPLUS)
        assert sum(look.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert look.probabilities[look.top] == look.confidence
        assert look.heatmap is not None and look.heatmap.dtype == np.float32
        assert look.heatmap.shape == (look.heatmap.shape[0],) * 2
    assert one.probabilities == one.covered.probabilities and one.top == one.covered.top
    assert one.flipped == (one.clean.top != one.covered.top)
    assert one.attention == {} and "gate" in answers["acsinet"].attention
    with pytest.raises(KeyError):
        answers["vgg16"]


def test_they_are_what_the_page_shows(studio: Studio, answers: Answers) -> None:
    asked = Selection(answers.face, Cover("sunglasses", 0.9, 3), ("acsinet.test", "resnet18.test"))
    found: Comparison = studio.compare(asked)
    for row, answer in zip(found.rows, answers.values(), strict=True):
        assert list(answer.probabilities.values()) == row.covered.prediction.probabilities.tolist()
        assert answer.leakage == row.leakage_share
    assert answers.share == found.share


def test_they_become_json_a_table_and_a_figure(answers: Answers, tmp_path: Path) -> None:
    told = json.loads(json.dumps(answers.to_json()))
    assert (told["cover"], told["amount"], told["seed"]) == ("sunglasses", 0.9, 3)
    assert [answer["model"] for answer in told["answers"]] == list(answers)
    frame = answers.to_frame()
    assert list(frame.columns) == ["model", "title", "face", "emotion", "probability"]
    assert len(frame) == 2 * 2 * len(FERPLUS)
    sums = frame.groupby(["model", "face"]).probability.sum()
    np.testing.assert_allclose(sums.to_numpy(), 1, atol=1e-5)
    for ending, magic in ((".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")):
        file = answers.plot(tmp_path / f"a{ending}")
        assert file.read_bytes().startswith(magic)
    with pytest.raises(UsageError, match=r"ends in \.png, \.svg, \.pdf, not as a\.gif"):
        answers.plot(tmp_path / "a.gif")
    with pytest.raises(UsageError, match="can't be written"):
        answers.plot(tmp_path / "nowhere" / "a.png")


def test_without_a_cover_there_is_one_look(studio: Studio) -> None:
    bare = studio.ask(studio.sample("anger"), "resnet18", explainer="none")
    answer = bare["resnet18"]
    assert answer.covered is None and not answer.flipped and answer.leakage is None
    assert answer.heatmap is None and answer.probabilities == answer.clean.probabilities
    assert bare.to_json()["cover"] == "none"


def test_a_target_is_explained_by_both_maps(studio: Studio) -> None:
    face = studio.sample("anger")
    own, fear, anger = (
        studio.ask(face, "resnet18", "upper", target=target)["resnet18"]
        for target in ("", "fear", "anger")
    )
    assert fear.probabilities == own.probabilities
    assert fear.heatmap is not None and anger.heatmap is not None
    assert not np.array_equal(fear.heatmap, anger.heatmap)
    assert studio.ask(face, "resnet18", target="fear")["resnet18"].leakage is None
    with pytest.raises(UnknownNameError, match="bogus"):
        studio.ask(face, "resnet18", target="bogus")


def test_a_study_has_rows_and_figures(studio: Studio, tmp_path: Path) -> None:
    study = studio.study(studio.sample("fear"), ["resnet18"], ["lower", "upper"], steps=2)
    assert [(row.weights, row.occluder) for row in study.rows] == [
        ("resnet18.test", "lower"),
        ("resnet18.test", "upper"),
    ]
    assert [row["amounts"] for row in json.loads(json.dumps(study.to_json()))] == [[0.5, 1.0]] * 2
    for cover in (None, "upper"):
        file = study.plot(tmp_path / f"{cover}.png", cover)
        assert Image.open(file).width > 400
    with pytest.raises(UsageError, match="'hair' was not studied, but lower, upper"):
        study.plot(tmp_path / "a.png", "hair")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"face": np.zeros((96, 96, 3), np.uint8)}, "not an array of uint8 of shape"),
        ({"face": "me.jpg"}, r"one of studio\.open\(\.\.\.\)\.faces .*, not a str"),
        ({"models": []}, "Name each model by a text, or give a list of such texts, not none"),
        ({"models": [7]}, "Name each model by a text, .* not int"),
        ({"cover": 0.5}, "A cover is a Cover, the name of one, or None, not a float"),
    ],
)
def test_wrong_types_are_one_sentence(
    studio: Studio, wrong: dict[str, object], sentence: str
) -> None:
    given = {"face": studio.sample("fear"), **wrong}
    with pytest.raises(UsageError, match=sentence):
        studio.ask(**given)  # type: ignore[arg-type]


def test_unknown_names_are_named(studio: Studio) -> None:
    face = studio.sample("fear")
    with pytest.raises(UnknownNameError, match="named 'vgg19'"):
        studio.ask(face, "vgg19")
    with pytest.raises(UnknownNameError, match="'hat'; choose from: "):
        studio.ask(face, "resnet18", "hat")


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = "import sys, ferstudio; print([n for n in sys.modules if n.startswith('ferstudio.')])"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"
    with pytest.raises(AttributeError, match="no attribute 'Studios'"):
        ferstudio.Studios  # noqa: B018
