"""What programs are answered, and what they are told where they ask wrongly."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from ferstudio.explain.attention_maps import AttentionMap
from ferstudio.models import model_entry
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from ferstudio.ui.endpoints.endpoints import NAMES, Endpoints
from ferstudio.ui.page import build_app
from tests.studio_parts import FakeDetector, picture

NET, ATTENTIVE = "resnet18.test", "acsinet.test"


@pytest.fixture(scope="module")
def studio(shelf: Path) -> Studio:
    return Studio(shelf, detector=FakeDetector(2))


@pytest.fixture
def asked(studio: Studio) -> Endpoints:
    return Endpoints(studio)


def encoded(seed: int = 0) -> str:
    stream = io.BytesIO()
    Image.fromarray(picture(seed)).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def refusal(ask: Callable[..., Any], *given: Any, **named: Any) -> str:
    with pytest.raises(gr.Error) as refused:
        ask(*given, **named)
    return str(refused.value.message)


def test_the_page_has_them_by_name_and_no_other(studio: Studio) -> None:
    info = build_app(studio).get_api_info()
    assert set(info["named_endpoints"]) == {f"/{name}" for name in NAMES}
    assert info["unnamed_endpoints"] == {}
    for name, each in info["named_endpoints"].items():
        assert each["description"], name
        assert all(parameter["type"] for parameter in each["parameters"]), name


def test_lists_say_what_the_studio_says(asked: Endpoints, studio: Studio) -> None:
    assert [each["name"] for each in asked.models()] == [ATTENTIVE, NET]
    names = [each["name"] for each in asked.occluders()]
    assert "sunglasses" in names
    assert set(names) <= {each.name for each in studio.occluders()}


def test_faces_are_cut_out(asked: Endpoints, studio: Studio) -> None:
    found = asked.faces(encoded())
    assert [each["number"] for each in found["faces"]] == [1, 2]
    search = studio.find_faces(picture())
    png = base64.b64decode(found["faces"][1]["png"].partition(",")[2])
    crop = studio.crop(search.image, search.faces[1])
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), crop.image)


def test_no_faces_are_looked_for_in_a_sample(asked: Endpoints) -> None:
    with pytest.raises(gr.Error, match="happiness is a sample, and so a face already"):
        asked.faces("happiness")


def test_comparisons_are_those_of_the_studio(asked: Endpoints, studio: Studio) -> None:
    found = asked.compare("happiness", [NET, ATTENTIVE], "upper", 0.5, 3)
    selection = Selection(studio.sample("happiness"), Cover("upper", 0.5, 3), (NET, ATTENTIVE))
    expected = studio.compare(selection)
    assert (found["cover"], found["amount"], found["seed"]) == ("upper", 0.5, 3)
    assert found["share"] == expected.share
    for answer, row in zip(found["answers"], expected.rows, strict=True):
        assert answer["covered"] is not None
        for said, view in ((answer["clean"], row.clean), (answer["covered"], row.covered)):
            assert list(said["probabilities"].values()) == pytest.approx(
                view.prediction.probabilities.tolist(), abs=1e-6
            )
    assert json.loads(json.dumps(found)) == found
    assert asked.compare("happiness", ["resnet18"])["answers"][0]["covered"] is None


def test_what_is_named_often_is_asked_once(asked: Endpoints) -> None:
    once = asked.compare("happiness", [NET])
    assert asked.compare("happiness", [NET, "resnet18"] * 1000) == once
    curves = asked.robustness("happiness", [NET] * 1000, ["upper"] * 1000, steps=2)
    assert [each["occluder"] for each in curves] == ["upper"]


def test_another_face_of_a_picture_is_another_answer(asked: Endpoints) -> None:
    first, second = (asked.compare(encoded(), [NET], face=n)["answers"][0] for n in (1, 2))
    assert first["clean"]["probabilities"] != second["clean"]["probabilities"]
    assert refusal(asked.compare, encoded(), [NET], face=3) == (
        "The picture shows 2 faces, so there is no face 3."
    )


def test_nothing_is_known_of_a_picture_afterwards(
    asked: Endpoints, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[FaceCrop] = []
    monkeypatch.setattr(studio, "forget", forgotten.append)
    asked.embed(encoded(), NET)
    asked.embed("happiness", NET)  # a sample stays
    refusal(asked.embed, encoded(), "no-such")
    assert len(forgotten) == 2


def test_heatmaps_as_arrays_and_as_pictures(asked: Endpoints, studio: Studio) -> None:
    found = asked.explain("happiness", NET, cover="upper")
    row = studio.compare(
        Selection(studio.sample("happiness"), Cover("upper", 0.7, 7), (NET,))
    ).rows[0]
    assert row.clean.heatmap is not None
    assert np.allclose(found["clean"]["values"] or 0, row.clean.heatmap.values, atol=1e-5)
    assert (found["target"], found["leakage"]) == (row.clean.prediction.top, row.leakage_share)
    drawn = asked.explain("happiness", NET, target="anger", form="png")
    assert (drawn["target"], drawn["covered"], drawn["clean"]["values"]) == ("anger", None, None)
    png = base64.b64decode(str(drawn["clean"]["png"]).partition(",")[2])
    assert Image.open(io.BytesIO(png)).format == "PNG"


def test_attention_block_by_block(asked: Endpoints, studio: Studio) -> None:
    found = asked.attention("happiness", ATTENTIVE)
    views = studio.attention(ATTENTIVE, studio.sample("happiness")).views
    assert [each["module"] for each in found["blocks"]] == [view.block.module for view in views]
    for block, view in zip(found["blocks"], views, strict=True):
        if isinstance(view, AttentionMap):
            assert block["map"] is not None and block["map"]["values"] is not None
            assert np.shape(block["map"]["values"]) == view.heatmap.values.shape
        else:
            assert block["map"] is None and len(block["weights"]) > 1
    assert asked.attention("happiness", NET)["blocks"] == []


def test_curves_have_so_many_steps(asked: Endpoints) -> None:
    curves = asked.robustness("happiness", [NET], ["upper", "sunglasses"], steps=3)
    assert [each["occluder"] for each in curves] == ["upper", "sunglasses"]
    assert [len(each["probabilities"]) for each in curves] == [3, 3]


def test_feature_vectors(asked: Endpoints) -> None:
    clean, covered = asked.embed("happiness", NET), asked.embed("happiness", NET, "lower", 1.0)
    assert len(clean["features"]) == len(covered["features"]) == 512
    assert clean["layer"] == model_entry("resnet18").feature_layer
    assert clean["features"] != covered["features"]


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("compare", ("happiness", ["no-such"]), "There is no trained model named 'no-such'"),
        ("compare", ("happiness", [NET], "hat"), "There is no occluder named 'hat'"),
        ("compare", ("happiness", [NET], "painted"), "There is no occluder named 'painted'"),
        ("compare", ("happiness", []), "at least one model"),
        ("compare", ("happiness", NET), "models: Input should be a valid list."),
        ("compare", ("happiness", [NET], "upper", 1.5), "amount: Input should be less than"),
        ("compare", ("happiness", [NET], "upper", 0.5, -1), "seed: Input should be greater"),
        ("compare", ("joy", [NET]), "base64 of its file, an uploaded file, or one of the samples"),
        ("compare", ("aGk=", [NET]), "is no picture that can be read"),
        ("compare", ("data:text/plain,x", [NET]), "sent no picture"),
        ("faces", ({"url": "https://example.org/a.png"},), "named by its path"),
        ("explain", ("happiness", NET, "x-ray"), "There is no explainer named 'x-ray'"),
        ("explain", ("happiness", NET, "none"), "needs a heatmap method"),
        ("compare", ("happiness", [NET], "upper", 0.5, 7, 9), "there is no face 9"),
        ("attention", ("happiness", NET, "gif"), "form: Input should be 'array' or 'png'."),
        ("robustness", ("happiness", [NET], ["upper"], 9), "steps: Input should be less than"),
        ("robustness", ("happiness", [NET], []), "at least one occluder"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    asked: Endpoints, name: str, given: tuple[Any, ...], sentence: str
) -> None:
    said = refusal(getattr(asked, name), *given)
    assert sentence in said
    assert "\n" not in said
