from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ferstudio.errors import UnknownNameError, UsageError, WeightsError
from ferstudio.explain.explainer import Explanation, list_explainers
from ferstudio.explain.gradient_cams import GradCam
from ferstudio.explain.leakage import leakage_share
from ferstudio.faces.samples import list_samples, sample_landmarks
from ferstudio.labels import FERPLUS
from ferstudio.models import LoadedModel, load_weights
from ferstudio.occlusion.kinds import list_kinds
from ferstudio.occlusion.occluder import Occluded, Occluder, covered_share
from ferstudio.preprocess import to_tensor
from ferstudio.studio import faces as studio_faces
from ferstudio.studio.cache import result_bytes
from ferstudio.studio.compare import compare
from ferstudio.studio.pool import ModelPool
from ferstudio.studio.robustness import RobustnessPlan
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from tests.networks import INPUT, network, write_weights
from tests.studio_parts import MEASURED, FakeDetector, picture


@pytest.fixture(scope="module")
def studio(shelf: Path) -> Studio:
    return Studio(shelf, detector=FakeDetector())


@pytest.fixture
def fickle(shelf: Path, tmp_path: Path, crop: FaceCrop) -> Path:
    """Return weights whose answer to `crop` under the upper bar differs from the clean one."""
    covered = Studio(shelf).cover(Selection(crop, Cover("upper", 1.0))).crop
    module, template = network("resnet18").eval(), load_weights(shelf / "resnet18.test")
    with torch.no_grad():
        clean_logits, covered_logits = (module(to_tensor(c, INPUT))[0] for c in (crop, covered))
        module.get_parameter("fc.bias").sub_((clean_logits + covered_logits) / 2)
    write_weights(tmp_path, replace(template.card, tag="fickle"), module.state_dict())
    return tmp_path


def test_models_are_told_from_their_cards(
    studio: Studio, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ModelPool, "get", None)  # no network may be loaded
    acsinet, resnet = studio.models()
    assert (acsinet.name, resnet.name) == ("acsinet.test", "resnet18.test")
    assert (resnet.model, resnet.title) == ("resnet18", "ResNet-18")
    assert "CVPR 2016" in resnet.paper
    assert resnet.params == sum(p.numel() for p in network("resnet18").parameters())
    assert resnet.labels == FERPLUS
    assert resnet.metrics == (MEASURED,)
    shards = (shelf / "resnet18.test").glob("*.safetensors")
    assert resnet.size_bytes == sum(shard.stat().st_size for shard in shards)


def test_a_damaged_card_is_left_out_and_the_others_can_be_asked(
    shelf: Path, tmp_path: Path, crop: FaceCrop
) -> None:
    (tmp_path / "resnet18.test").symlink_to(shelf / "resnet18.test")
    for name, text in (("cut.short", '{"model": "resnet18",'), ("foreign.card", "{}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.json").write_text(text)
    studio = Studio(tmp_path, detector=FakeDetector())
    assert [model.name for model in studio.models()] == ["resnet18.test"]
    first, second = studio.damaged()
    assert first.startswith("cut.short is left out: ") and "is not valid JSON" in first
    assert second.startswith("foreign.card is left out: ") and "missing fields" in second
    (row,) = studio.compare(Selection(crop, models=("resnet18.test",))).rows
    assert row.name == "resnet18.test"
    with pytest.raises(WeightsError, match="is not valid JSON"):
        studio.model("cut.short")


def test_menus_follow_the_registries(studio: Studio) -> None:
    assert [choice.name for choice in studio.occluders()] == list_kinds()
    assert [choice.name for choice in studio.explainers()] == list_explainers()
    assert studio.samples() == tuple(sample.emotion for sample in list_samples())
    choices = (*studio.occluders(), *studio.explainers())
    assert all(choice.title and choice.summary for choice in choices)


def test_the_detector_is_made_once_and_late(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[FakeDetector] = []

    def make() -> FakeDetector:
        made.append(FakeDetector(faces=2))
        return made[-1]

    monkeypatch.setattr(studio_faces, "best_detector", make)
    studio = Studio(shelf)
    assert made == []
    assert len(studio.find_faces(picture()).faces) == 2
    assert studio.find_faces(picture()).detector == "fake"
    assert len(made) == 1


def test_a_face_is_cropped_and_no_face_gives_the_centred_square(studio: Studio) -> None:
    image = picture()
    search = studio.find_faces(image)
    assert studio.crop(image, search.faces[0]).landmarks_xy_px is not None
    square = studio.crop(image, None)
    assert square.landmarks_xy_px is None
    scale = 120 / square.size
    np.testing.assert_allclose(square.to_source, [[scale, 0, 20], [0, scale, 0]])


def test_a_sample_stays_as_it_is_and_has_its_stored_landmarks(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = picture(1, 128, 128)
    monkeypatch.setattr(studio_faces, "read_sample", {"fear": image}.__getitem__)
    studio = Studio(shelf, detector=FakeDetector())
    sample = studio.sample("fear")
    assert studio.sample("fear") is sample
    np.testing.assert_array_equal(sample.image, image)
    assert sample.landmarks_xy_px is not None
    np.testing.assert_array_equal(sample.landmarks_xy_px, sample_landmarks("fear"))
    np.testing.assert_array_equal(sample.to_source, np.eye(2, 3))


def test_rows_come_in_the_order_asked(studio: Studio, crop: FaceCrop) -> None:
    found = studio.compare(Selection(crop, Cover("sunglasses"), ("resnet18", "acsinet.test")))
    assert [row.name for row in found.rows] == ["resnet18.test", "acsinet.test"]
    assert [row.title for row in found.rows] == ["ResNet-18", "ACSI-Net"]
    assert all(row.elapsed_s > 0 for row in found.rows)


def test_a_model_that_is_named_often_is_asked_once(studio: Studio, crop: FaceCrop) -> None:
    names = ("resnet18", "resnet18.test", "acsinet") * 700
    rows = studio.compare(Selection(crop, models=names)).rows
    assert [row.name for row in rows] == ["resnet18.test", "acsinet.test"]


def test_a_comparison_holds_what_was_covered(studio: Studio, crop: FaceCrop) -> None:
    selection = Selection(crop, Cover("sunglasses", 1.0), ("resnet18",))
    found = studio.compare(selection)
    row = found.rows[0]
    assert found.selection is selection
    assert 0.05 < found.share < 0.6
    assert found.share == covered_share(found.mask, crop)
    np.testing.assert_array_equal(found.covered.image[~found.mask], crop.image[~found.mask])
    assert (found.covered.image[found.mask] != crop.image[found.mask]).any()
    assert row.clean.seen.shape == row.covered.seen.shape == (INPUT.size, INPUT.size, 3)
    assert row.clean.seen.dtype == np.uint8
    assert (row.clean.seen[:, :, 0] == row.clean.seen[:, :, 2]).all()  # the spec asks for grey
    assert not np.array_equal(row.clean.seen, row.covered.seen)
    assert row.covered.heatmap is not None
    assert row.leakage_share == leakage_share(row.covered.heatmap, found.mask)


def test_a_row_explains_another_emotion_on_both_faces(studio: Studio, crop: FaceCrop) -> None:
    selection = Selection(crop, Cover("sunglasses", 1.0), ("resnet18",))
    (row,) = studio.compare(selection).rows
    other = next(name for name in row.clean.prediction.labels if name != row.explained)
    told = studio.explain_row(row, selection, other)
    assert (row.explained, told.explained) == (row.clean.prediction.top, other)
    covered = studio.cover(selection).crop
    for view, face in ((told.clean, crop), (told.covered, covered)):
        expected = studio.look("resnet18", face, explainer="grad-cam", target=other)
        assert view.heatmap is not None and expected.heatmap is not None
        np.testing.assert_allclose(view.heatmap.raw(), expected.heatmap.raw(), atol=1e-5)
    assert told.clean.prediction.top == row.clean.prediction.top
    assert studio.explain_row(row, selection, other) is told
    assert studio.compare(selection).rows[0].explained == row.explained


def test_without_a_cover_both_sides_are_the_same(studio: Studio, crop: FaceCrop) -> None:
    found = studio.compare(Selection(crop, models=("resnet18", "acsinet")))
    assert found.covered is crop
    assert (found.share, found.flips) == (0.0, 0)
    assert not found.mask.any()
    assert all(row.covered is row.clean and row.leakage_share is None for row in found.rows)


def test_both_heatmaps_explain_the_answer_to_the_clean_face(
    fickle: Path, crop: FaceCrop, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Explanation] = []
    explain = GradCam.explain

    def spy(
        self: GradCam,
        model: LoadedModel,
        crop: FaceCrop,
        target: str | None = None,
        *,
        attention: bool = False,
    ) -> Explanation:
        seen.append(explain(self, model, crop, target, attention=attention))
        return seen[-1]

    monkeypatch.setattr(GradCam, "explain", spy)
    found = Studio(fickle).compare(Selection(crop, Cover("upper", 1.0), ("resnet18",)))
    row = found.rows[0]
    assert row.flipped
    assert found.flips == 1
    assert [each.target for each in seen] == [row.clean.prediction.top] * 2
    assert row.covered.heatmap is seen[1].heatmaps[0]
    assert row.covered.prediction.top != seen[1].target


def test_no_explainer_gives_the_same_answers_without_heatmaps(
    studio: Studio, crop: FaceCrop
) -> None:
    with_heat = studio.compare(Selection(crop, Cover("lower"), ("acsinet",)))
    without = studio.compare(Selection(crop, Cover("lower"), ("acsinet",), NONE))
    row = without.rows[0]
    assert row.clean.heatmap is row.covered.heatmap is None
    assert row.leakage_share is None
    other = with_heat.rows[0]
    for one, same in [(row.clean, other.clean), (row.covered, other.covered)]:
        np.testing.assert_allclose(
            one.prediction.logits, same.prediction.logits, rtol=1e-4, atol=1e-5
        )


def test_an_unsupported_model_is_answered_without_heatmap(
    studio: Studio, crop: FaceCrop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GradCam, "supports", lambda self, model: False)
    row = studio.compare(Selection(crop, Cover("lower"), ("resnet18",))).rows[0]
    assert row.covered.heatmap is None
    assert row.leakage_share is None
    assert row.clean.prediction.probabilities.sum() == pytest.approx(1)


def test_a_seed_decides_everything_random(studio: Studio, crop: FaceCrop) -> None:
    def cover(seed: int) -> bytes:
        return studio.cover(Selection(crop, Cover("random", 0.3, seed))).crop.image.tobytes()

    assert cover(1) == cover(1)
    assert len({cover(seed) for seed in range(5)}) > 1


def test_looking_once_is_what_compare_shows(studio: Studio, crop: FaceCrop) -> None:
    row = studio.compare(Selection(crop, models=("resnet18",))).rows[0]
    view = studio.look("resnet18", crop, explainer="grad-cam")
    np.testing.assert_array_equal(view.seen, row.clean.seen)
    np.testing.assert_allclose(view.prediction.logits, row.clean.prediction.logits, rtol=1e-4)
    assert studio.look("resnet18", crop).heatmap is None


def test_progress_names_the_models_and_ends_at_one(studio: Studio, crop: FaceCrop) -> None:
    said: list[tuple[float, str]] = []
    compare(
        Selection(crop, Cover("lower"), ("resnet18.test", "acsinet.test"), NONE),
        studio._pool.get,
        studio._covers,
        lambda share, message: said.append((share, message)),
    )
    assert said == [
        (0.0, "Loading resnet18.test"),
        (0.0, "Asking ResNet-18"),
        (0.5, "Loading acsinet.test"),
        (0.5, "Asking ACSI-Net"),
        (1.0, "Done"),
    ]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"models": ("vgg",)}, UnknownNameError, "'vgg'; choose from: acsinet.test, resnet18"),
        ({"models": ()}, UsageError, "at least one model"),
        ({"cover": Cover("hat")}, UnknownNameError, "'hat'; choose from: .*sunglasses"),
        ({"explainer": "guess"}, UnknownNameError, "'guess'; choose from: .*grad-cam"),
    ],
)
def test_what_makes_no_sense_is_refused(
    studio: Studio, crop: FaceCrop, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        studio.compare(replace(Selection(crop, models=("resnet18",)), **change))


def test_a_missing_weights_folder_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no weights folder"):
        Studio(tmp_path / "absent")


class Counted:
    """Counts how often a network is asked for a heatmap, and how often a cover is drawn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.explained = self.drawn = 0
        explain, occlude = GradCam.explain, Occluder.occlude

        def explaining(own: GradCam, *args: Any, **options: Any) -> Explanation:
            self.explained += 1
            return explain(own, *args, **options)

        def drawing(own: Occluder, *args: Any) -> Occluded:
            self.drawn += 1
            return occlude(own, *args)

        monkeypatch.setattr(GradCam, "explain", explaining)
        monkeypatch.setattr(Occluder, "occlude", drawing)


def test_what_was_found_isnt_asked_again_whoever_asks(
    shelf: Path, crop: FaceCrop, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, counted = Studio(shelf), Counted(monkeypatch)
    selection = Selection(crop, Cover("lower", 0.5), ("resnet18", "acsinet"))
    found = studio.compare(selection)
    assert (counted.explained, counted.drawn) == (4, 1)
    same = replace(selection, crop=replace(crop, image=crop.image.copy()), one_scale=False)
    again = studio.compare(same)
    assert again.selection is same
    assert again.rows is found.rows
    assert studio.cover(same) is studio.cover(selection)
    assert (counted.explained, counted.drawn) == (4, 1)
    studio.compare(replace(selection, models=("resnet18",)))
    assert (counted.explained, counted.drawn) == (6, 1)
    studio.compare(selection.covered_by(Cover("lower", 0.6)))
    assert (counted.explained, counted.drawn) == (10, 2)


def test_a_slow_method_says_what_it_will_cost_and_is_capped(
    shelf: Path, crop: FaceCrop, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(shelf)
    slow = Selection(crop, Cover("lower"), ("resnet18", "acsinet"), "score-cam-full")
    assert studio.foreseen_s(slow) is None
    quick = studio.compare(replace(slow, explainer="grad-cam"))
    once_s = sum(row.elapsed_s for row in quick.rows)
    assert studio.foreseen_s(slow) == pytest.approx(2 * 2048 * once_s)
    assert studio.foreseen_s(replace(slow, cover=Cover(), explainer=NONE)) == pytest.approx(once_s)
    monkeypatch.setattr("ferstudio.studio.compare.MOST_PASSES", 5000)  # of 10,000: two are too many
    with pytest.raises(UsageError, match="up to 4,096 times: choose at most 1 model"):
        studio.compare(slow)


def test_every_answer_is_kept(shelf: Path, crop: FaceCrop) -> None:
    studio, selection = Studio(shelf), Selection(crop, Cover("lower", 0.5), ("resnet18",))
    *_, examined = studio.examine("resnet18", selection)
    (again,) = studio.examine("resnet18.test", selection)
    assert again is examined
    assert studio.attention("acsinet", crop) is studio.attention("acsinet.test", crop)
    plan = RobustnessPlan(selection, ("lower", "upper"), (0.5, 1.0))
    *_, studied = studio.robustness(plan)
    (known,) = studio.robustness(replace(plan, selection=selection.covered_by(Cover("hand"))))
    assert known is studied
    *_, other = studio.examine("resnet18", replace(selection, target="fear"))
    assert other is not examined


def test_heat_is_made_once_however_much_of_the_picture_it_hides(
    shelf: Path, crop: FaceCrop, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, counted = Studio(shelf), Counted(monkeypatch)
    asked = Selection(crop, Cover("hottest"), ("resnet18", "acsinet"))
    for amount in (0.2, 0.3, 0.4, 0.2):
        studio.cover(asked.covered_by(Cover("hottest", amount)))
    assert (counted.explained, counted.drawn) == (1, 3)
    studio.cover(asked, "acsinet")
    assert counted.explained == 2


def test_a_study_keeps_no_picture_and_its_film_is_that_of_compare(
    studio: Studio, crop: FaceCrop
) -> None:
    plan = RobustnessPlan(Selection(crop, Cover(seed=3), ("resnet18",)), ("random", "hottest"))
    *_, found = studio.robustness(plan)
    assert result_bytes(replace(found, plan=found.plan.of(()))) < result_bytes(crop) + 10_000
    for name in plan.occluders:
        film = studio.film(plan, name)
        (sweep,) = found.under(name)
        assert [each.share for each in film] == sweep.shares.tolist()
        assert film[3] is studio.cover(plan.selection.covered_by(plan.cover(name, 0.5)))


def test_a_visitors_face_is_forgotten_and_a_sample_stays(
    shelf: Path, crop: FaceCrop, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(shelf, detector=FakeDetector())
    sample = studio.sample("fear")
    asked = [Selection(face, Cover("lower"), ("resnet18",)) for face in (crop, sample)]
    for each in asked:
        studio.compare(each)
        studio.forget(each.crop)
    hidden = studio.cover(asked[0]).crop
    looked_into = studio.attention("acsinet", hidden)
    studio.forget(crop)
    assert studio.attention("acsinet", hidden) is not looked_into
    counted = Counted(monkeypatch)
    studio.compare(asked[1])
    assert (counted.explained, counted.drawn) == (0, 0)
    studio.compare(asked[0])
    assert (counted.explained, counted.drawn) == (2, 1)


def test_results_stay_below_their_limit(shelf: Path, crop: FaceCrop) -> None:
    one = Selection(crop, Cover("lower"), ("resnet18",))
    size = result_bytes(Studio(shelf).compare(one))
    studio = Studio(shelf, result_bytes=int(2.5 * size))
    for seed in range(4):
        studio.compare(one.covered_by(Cover("random", seed=seed)))
        assert studio._works.memory.size_bytes <= 2.5 * size
    assert studio._works.memory.size_bytes > size
