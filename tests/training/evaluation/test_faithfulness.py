import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ferstudio.errors import UsageError
from ferstudio.explain import Explanation, Heatmap
from ferstudio.explain.faithfulness import STEPS, against_random
from ferstudio.intervals import wilson_interval
from ferstudio.models import LoadedModel, ModelEntry, model_entry, registry
from ferstudio.models.card import WeightsCard, is_recorded, read_card, write_card
from ferstudio.models.registry import Head
from ferstudio.preprocess import to_tensor
from ferstudio.regions import region_masks
from ferstudio.types import FaceCrop, InputSpec
from tests.networks import SCORE, predict, write_weights
from tests.training.tiny import Tiny
from training.data.cache import load_split
from training.data.crops import face_crops
from training.data.protocols import evaluation_labels
from training.data.table import FaceTable
from training.evaluation.faithfulness import (
    Faithfulness,
    Share,
    choose_faces,
    compare_faces,
    judge,
    record,
    table_text,
)
from training.evaluation.shown_faces import Protocol, split_batches
from training.faithfulness import main

SPEC = InputSpec(size=24, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))
MOUTH = region_masks(None, SPEC.size)["mouth"]


def card(spec: InputSpec = SPEC) -> WeightsCard:
    return WeightsCard(
        model="resnet18",
        tag="test",
        files=("x",),
        sha256=("x",),
        labels="ferplus",
        input=spec,
        metrics=(SCORE,),
        recipe={},
        data="made up",
        commit="unknown",
        licence="MIT",
        params=0,
    )


class Mouth(nn.Module):
    """Answers "anger" as far as the mouth is bright."""

    def forward(self, x: Tensor) -> Tensor:
        level = x[:, 0][:, torch.from_numpy(MOUTH)].mean(dim=1)
        return torch.eye(8)[4] * 4 * level[:, None]


class Fixed:
    """An explainer of which the map is given."""

    name, title, summary = "fixed", "Fixed", "Is given."
    needs, passes = "ability", 1

    def __init__(self, values: NDArray[np.generic], *, able: bool = True) -> None:
        self.values = values.astype(np.float32)
        self.able = able

    def supports(self, model: LoadedModel) -> bool:
        return self.able

    def explain(self, model: LoadedModel, crop: FaceCrop, target: str | None = None) -> Explanation:
        (prediction,) = predict(model, to_tensor(crop, model.card.input))
        heatmap = Heatmap("fixed", self.values, (SPEC.size, SPEC.size), (0.0, 1.0))
        return Explanation(self.name, target or prediction.top, prediction, (heatmap,), 0.0)


@pytest.fixture
def model() -> LoadedModel:
    return LoadedModel(model_entry("resnet18"), card(), Mouth())


@pytest.fixture
def lit(table: FaceTable) -> FaceTable:
    """Return 16 faces in the framing of the crops, dim but for the mouth."""
    few, mouth = table.select(np.arange(16)), region_masks(None, 48)["mouth"]
    return replace(
        few,
        images=np.where(mouth, 230, few.images // 4).astype(np.uint8),
        landmarks_xy_px=np.full_like(few.landmarks_xy_px, np.nan),
    )


def test_a_true_map_wins_on_nearly_every_face(model: LoadedModel, lit: FaceTable) -> None:
    result = judge(model, Fixed(MOUTH), lit, split="valid", seed=1)
    assert (result.weights, result.explainer, result.split) == ("resnet18.test", "fixed", "valid")
    assert (result.n, result.seed, result.steps) == (16, 1, STEPS)
    for share in (result.deletion, result.insertion, result.both):
        assert share.wins >= 14
        assert share.share == share.wins / 16
        assert share.ci95 == wilson_interval(share.wins, 16)
    assert result.deletion_area < result.random_deletion_area
    assert result.insertion_area > result.random_insertion_area
    false = judge(model, Fixed(~MOUTH), lit, split="valid", seed=1)
    assert max(false.deletion.wins, false.insertion.wins, false.both.wins) <= 2


def test_a_flat_map_wins_nowhere(model: LoadedModel, table: FaceTable) -> None:
    flat = Fixed(np.zeros((SPEC.size, SPEC.size)))  # its random map is as flat: both in one order
    result = judge(model, flat, table.select(np.arange(4)), split="valid")
    assert (result.deletion.wins, result.insertion.wins, result.both.wins) == (0, 0, 0)
    assert result.deletion_area == result.random_deletion_area


def test_every_face_is_compared_by_its_own_seed(model: LoadedModel, table: FaceTable) -> None:
    crops, method = face_crops(table.select(np.arange(3)), SPEC), Fixed(MOUTH)
    found = compare_faces(model, method, crops, seed=5, steps=4)
    for row, crop in enumerate(crops):
        explanation = method.explain(model, crop)
        rng = np.random.default_rng([5, row])
        heatmap, target = explanation.heatmaps[0], explanation.target
        expected = against_random(model, crop, heatmap, target, rng=rng, steps=4)
        assert found[row].gain == expected.gain
        assert found[row].target == explanation.prediction.top
    again = compare_faces(model, method, crops, seed=5, steps=4)
    assert [each.gain for each in again] == [each.gain for each in found]
    other = compare_faces(model, method, crops, seed=6, steps=4)
    assert [each.gain for each in other] != [each.gain for each in found]


def test_faces_are_chosen_by_seed_among_those_with_a_label(table: FaceTable) -> None:
    votes = table.votes.copy()
    votes[:10] = 0
    some = FaceTable(table.images, table.truth, votes, table.names, table.landmarks_xy_px)
    names = [choose_faces(some, "ferplus", 20, seed).names.tolist() for seed in (0, 0, 1)]
    assert names[0] == names[1] != names[2]
    assert len(set(names[0])) == 20
    assert not set(names[0]) & set(table.names[:10])
    assert names[0] == sorted(names[0])
    assert len(choose_faces(some, "ferplus", 500, 0)) == 54
    assert len(choose_faces(some, "fer2013", 500, 0)) == 64


@pytest.mark.parametrize(("size_px", "detail_px"), [(64, 0), (64, 40)])
def test_crops_give_networks_what_evaluation_gives_them(
    size_px: int, detail_px: int, table: FaceTable
) -> None:
    spec = InputSpec(size_px, SPEC.mean, SPEC.std, detail_px=detail_px)
    few = table.select(np.arange(12))
    smooth = FaceTable(
        np.linspace(20, 220, 48 * 48).reshape(1, 48, 48).repeat(12, 0).astype(np.uint8),
        few.truth, few.votes, few.names, few.landmarks_xy_px,
    )  # fmt: skip
    model = LoadedModel(model_entry("resnet18"), card(spec), nn.Identity())
    (expected,) = split_batches(smooth, model, Protocol())
    crops = face_crops(smooth, spec)
    assert {crop.size for crop in crops} == {detail_px or size_px}
    given = torch.cat([to_tensor(crop, spec) for crop in crops])
    difference = (given - expected).abs() * spec.std[0]
    assert difference.mean() < 0.005
    assert [crop.landmarks_xy_px is None for crop in crops] == (~smooth.found()).tolist()


def test_what_cant_be_judged_is_refused(model: LoadedModel, table: FaceTable) -> None:
    with pytest.raises(UsageError, match="no faces"):
        judge(model, Fixed(MOUTH), table.select(np.arange(0)), split="valid")
    with pytest.raises(UsageError, match="Fixed can't explain resnet18.test"):
        judge(model, Fixed(MOUTH, able=False), table, split="valid")


def result_of(weights: str = "resnet18.test", wins: int = 3) -> Faithfulness:
    share = Share(wins, wins / 4, wilson_interval(wins, 4))
    return Faithfulness(
        weights, "grad-cam", "valid", 4, 0, STEPS, share, share, share, 0.3, 0.4, 0.6, 0.5, 9.0
    )


def test_a_table_has_a_line_for_each_network() -> None:
    lines = table_text([result_of("a.b"), result_of("c.d", wins=1)]).splitlines()
    assert len(lines) == 3
    assert lines[1].split()[:4] == ["a.b", "4", "75.0", "%"]
    assert lines[2].split()[:4] == ["c.d", "4", "25.0", "%"]


@pytest.fixture
def weights_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def build(num_classes: int) -> nn.Module:
        torch.manual_seed(0)
        return Tiny(num_classes, 6)

    entry = ModelEntry("tiny", build, "Tiny", "tiny", "none", {"bn1": 2}, "avgpool", Head("fc"))
    monkeypatch.setitem(registry._entries, "tiny", entry)
    write_weights(tmp_path / "weights", replace(card(), model="tiny"), build(8).state_dict())
    return tmp_path / "weights"


def test_a_result_is_written_on_the_card(weights_dir: Path) -> None:
    folder = weights_dir / "tiny.test"
    before = read_card(folder)
    record(folder, result_of("tiny.test", wins=1))
    record(folder, result_of("tiny.test", wins=3))
    after = read_card(folder)
    (entry,) = json.loads((folder / "card.json").read_text())["explanations"]
    assert entry["explainer"] == "grad-cam"
    assert entry["deletion"] == {"wins": 3, "share": 0.75, "ci95": list(wilson_interval(3, 4))}
    assert not {"weights", "elapsed_s"} & set(entry)
    for item in fields(WeightsCard):
        if item.name not in ("explanations", "made"):
            assert getattr(after, item.name) == getattr(before, item.name)


def test_findings_of_other_weights_go_and_those_of_these_stay(weights_dir: Path) -> None:
    folder = weights_dir / "tiny.test"
    other = replace(result_of(), explainer="face-parts")
    record(folder, other)
    record(folder, result_of())
    assert [row["explainer"] for row in read_card(folder).explanations] == [
        "face-parts",
        "grad-cam",
    ]
    assert is_recorded(folder, read_card(folder), "explanations")
    write_card(folder, replace(read_card(folder), made={"explanations": "of other weights"}))
    record(folder, result_of())
    assert [row["explainer"] for row in read_card(folder).explanations] == ["grad-cam"]


def test_the_command_writes_what_it_found(
    weights_dir: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "out.json"
    arguments = ["--weights", "all", "--weights-dir", str(weights_dir), "--data", str(cache)]
    assert main([*arguments, "--faces", "5", "--json", str(file), "--device", "cpu"]) == 0
    (row,) = json.loads(file.read_text())
    assert (row["weights"], row["explainer"], row["n"]) == ("tiny.test", "grad-cam", 5)
    assert set(row["deletion"]) == {"wins", "share", "ci95"}
    assert "tiny.test" in capsys.readouterr().out
    sweep = [*arguments, "--explainer", "face-parts", "--json", str(file)]
    assert main([*sweep, "--faces", "900"]) == 0
    (row,) = json.loads(file.read_text())
    judged = evaluation_labels(load_split(cache, "valid"), "ferplus") >= 0
    assert (row["explainer"], row["n"]) == ("face-parts", judged.sum())


def test_the_command_refuses(
    weights_dir: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*arguments: str) -> str:
        assert main(["--weights-dir", str(weights_dir), "--data", str(cache), *arguments]) == 2
        message = capsys.readouterr().err.strip()
        assert len(message.splitlines()) == 1
        return message

    assert "tiny.test" in refused("--weights", "nothing")
    assert "grad-cam" in refused("--weights", "all", "--explainer", "lime")
    assert "--faces" in refused("--weights", "all", "--faces", "0")
    assert "no 'test' split" in refused("--weights", "all", "--split", "test")
    (tmp_path / "empty").mkdir()
    assert "no weights" in refused("--weights", "all", "--weights-dir", str(tmp_path / "empty"))
