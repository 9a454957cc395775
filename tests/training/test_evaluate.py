import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ferstudio.errors import DataError
from ferstudio.explain import explainer
from ferstudio.models import LoadedModel, load_weights, model_entry
from ferstudio.models.weights import WeightsCard, write_weights
from ferstudio.occlusion import occluder
from ferstudio.occlusion.guided import GREY
from ferstudio.preprocess import normalise
from ferstudio.ranking import ranks
from ferstudio.types import FaceCrop
from tests.studio_parts import write_ensemble
from training.augment.occlusion import aligned_landmarks, cover, draw_overlay
from training.data.cache import load_split
from training.data.crops import face_crops
from training.data.subsets import read_subset
from training.data.table import FaceTable
from training.data.targets import evaluation_labels
from training.evaluate import main
from training.evaluation.evaluate import evaluate_split
from training.evaluation.protocols import Protocol, split_batches
from training.evaluation.scores import confusion_matrix
from training.recipes import get_recipe

SPEC = get_recipe("resnet18.ferplus").input


class Brightness(nn.Module):
    """Answers by the brightness of the picture's left or right part: right on the made-up data."""

    def __init__(self, columns: slice, classes: int = 8) -> None:
        super().__init__()
        self.columns = columns
        self.classes = classes

    def forward(self, x: Tensor) -> Tensor:
        level = (x[:, 0, :, self.columns] * SPEC.std[0] + SPEC.mean[0]).mean(dim=(1, 2)) * 255
        centres = 19.5 + 25 * torch.arange(8.0)
        return -((level[:, None] - centres) ** 2)[:, : self.classes]


def card(labels: str = "ferplus") -> WeightsCard:
    return WeightsCard(
        model="resnet18",
        tag="test",
        files=("x",),
        sha256=("x",),
        labels=labels,
        input=SPEC,
        metrics=(),
        recipe={},
        data="made up",
        commit="unknown",
        licence="MIT",
        params=0,
    )


@pytest.fixture
def oracle() -> LoadedModel:
    return LoadedModel(model_entry("resnet18"), card(), Brightness(slice(None)))


def test_a_perfect_model_scores_one(oracle: LoadedModel, table: FaceTable) -> None:
    result = evaluate_split(oracle, table, Protocol(), split="valid")
    assert (result.n, result.correct, result.accuracy) == (64, 64, 1.0)
    assert result.macro_recall == result.macro_f1 == 1
    assert np.trace(result.confusion) == 64
    assert sum(scores["n"] or 0 for scores in result.per_class.values()) == 64


def test_occluders_are_on_the_faces(oracle: LoadedModel, table: FaceTable) -> None:
    upper = [
        evaluate_split(oracle, table, Protocol(occlude="upper", amount=a), split="valid")
        for a in (0.0, 0.5, 1.0)
    ]
    assert upper[0].accuracy == 1
    assert upper[0].accuracy > upper[1].accuracy > upper[2].accuracy
    again = evaluate_split(oracle, table, Protocol(occlude="upper", amount=0.5), split="valid")
    assert again.confusion == upper[1].confusion


def shown(table: FaceTable, model: LoadedModel, protocol: Protocol) -> Tensor:
    """Return the faces (N, 1, S, S) in [0, 1] that a network is shown."""
    (batch,) = split_batches(table, model, protocol)
    return batch[:, :1] * SPEC.std[0] + SPEC.mean[0]


@pytest.mark.parametrize("name", ["blur", "noise", "jpeg"])
def test_pictures_are_degraded_themselves(oracle: LoadedModel, table: FaceTable, name: str) -> None:
    few = table.select(np.arange(6))
    clean = shown(few, oracle, Protocol())
    found = shown(few, oracle, Protocol(occlude=name, amount=0.5, seed=3))
    for row, (before, after) in enumerate(zip(clean, found, strict=True)):
        grey = (before[0] * 255).round().byte().numpy()
        crop = FaceCrop(np.stack([grey] * 3, axis=2), None, np.eye(2, 3))
        expected = occluder(name).occlude(crop, 0.5, np.random.default_rng([3, row])).crop.image
        np.testing.assert_allclose(after[0] * 255, expected[:, :, 0], atol=0.01)
        assert not np.array_equal(grey, expected[:, :, 0])


def test_each_network_hides_its_own_hottest_pixels(shelf: Path, table: FaceTable) -> None:
    model, few = load_weights(shelf / "resnet18.test"), table.select(np.arange(6))
    protocol, spec = Protocol(occlude="hottest", amount=0.25), model.card.input
    heats = {
        row: explainer("grad-cam").explain(model, crop).heatmaps[0].values
        for row, crop in enumerate(face_crops(few, spec))
    }
    (clean,) = split_batches(few, model, Protocol())
    (found,) = split_batches(few, model, protocol, heats=heats)
    grey = normalise(torch.full((1, 3, 1, 1), GREY / 255), spec)
    for row, heat in heats.items():
        hidden = torch.from_numpy(ranks(heat, spec.size) < round(0.25 * spec.size**2))
        torch.testing.assert_close(found[row][:, ~hidden], clean[row][:, ~hidden])
        expected = grey[0, :, :, 0].expand(-1, int(hidden.sum()))
        torch.testing.assert_close(found[row][:, hidden], expected)
    result = evaluate_split(model, few, protocol, split="valid")
    with torch.no_grad():
        answers = model.module(found).argmax(dim=1).numpy()
    assert result.n == 6
    assert np.sum(result.confusion, axis=0).tolist() == np.bincount(answers, minlength=8).tolist()


def test_heat_guides_from_the_shell_and_needs_a_layer(
    shelf: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_ensemble(tmp_path, shelf)
    shell = ["--weights-dir", str(tmp_path), "--data", str(cache), "--device", "cpu"]
    covers = ["--occlude", "hottest,chance", "--amount", "0.2"]
    assert main(["--weights", "acsinet.test", *shell, *covers]) == 0
    assert "hottest:0.2" in capsys.readouterr().out
    assert main(["--weights", "ensemble.test", *shell, *covers]) == 2
    assert "no layer whose Grad-CAM could guide a cover" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["random", "surgical-mask"])
def test_things_are_drawn_as_over_a_blank_crop(
    oracle: LoadedModel, table: FaceTable, name: str
) -> None:
    few = table.select(np.arange(6))
    (clean,) = split_batches(few, oracle, Protocol())
    (found,) = split_batches(few, oracle, Protocol(occlude=name, amount=0.7, seed=3))
    overlays = [
        draw_overlay(
            occluder(name),
            aligned_landmarks(few, row, SPEC.size, SPEC.margin_ratio),
            0.7,
            np.random.default_rng([3, row]),
            SPEC.size,
        )
        for row in range(6)
    ]
    faces = clean[:, :1] * SPEC.std[0] + SPEC.mean[0]
    covered = cover(faces, torch.from_numpy(np.stack(overlays)).float() / 255)
    torch.testing.assert_close(found, normalise(covered.expand(-1, 3, -1, -1), SPEC))


def test_random_masks_follow_the_seed(oracle: LoadedModel, table: FaceTable) -> None:
    seeds = (1, 1, 2)
    runs = [
        evaluate_split(oracle, table, Protocol(occlude="random", seed=s), split="valid")
        for s in seeds
    ]
    assert runs[0].confusion == runs[1].confusion != runs[2].confusion


def test_mirrored_averaging_sees_both_halves(table: FaceTable) -> None:
    half_dark = FaceTable(
        images=np.where(np.arange(48) < 24, table.images, 0).astype(np.uint8),
        fer2013=table.fer2013,
        votes=table.votes,
        names=table.names,
        landmarks_xy_px=np.full_like(table.landmarks_xy_px, np.nan),
    )
    left = LoadedModel(model_entry("resnet18"), card(), Brightness(slice(0, 40)))
    plain = evaluate_split(left, half_dark, Protocol(), split="valid")
    averaged = evaluate_split(left, half_dark, Protocol(tta=True), split="valid")
    assert averaged.tta and plain.confusion != averaged.confusion


def test_another_label_set_is_compared_by_shared_names(table: FaceTable) -> None:
    class Fixed(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            logits = torch.zeros(len(x), 8)
            logits[:, 7] = 9  # contempt, which FER2013 lacks
            logits[:, 4] = 5  # anger, FER2013's label 0
            return logits

    model = LoadedModel(model_entry("resnet18"), card(), Fixed())
    result = evaluate_split(model, table, Protocol(labels="fer2013"), split="valid")
    assert result.mapped and result.n == 64
    assert result.correct == int((table.fer2013 == 0).sum())
    assert np.array(result.confusion)[:, 0].sum() == 64


def test_confusion_rows_are_truth() -> None:
    counts = confusion_matrix(np.array([0, 0, 2]), np.array([1, 0, 1]), 3)
    assert counts.tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_macro_scores_leave_out_absent_labels(oracle: LoadedModel, table: FaceTable) -> None:
    few = table.select(np.flatnonzero(table.votes[:, :8].argmax(axis=1) < 2))
    result = evaluate_split(oracle, few, Protocol(), split="valid")
    assert result.macro_recall == 1
    assert result.per_class["fear"] == {"n": 0, "recall": None, "precision": None, "f1": None}


def test_subset_files(table: FaceTable, tmp_path: Path) -> None:
    own = evaluation_labels(table, "ferplus")
    file = tmp_path / "subset.csv"
    file.write_text(f"name,label\n{table.names[3]},7\n{table.names[9]},\n")
    truth = read_subset(file, table, "ferplus")
    assert truth[3] == 7 and truth[9] == own[9] and (truth >= 0).sum() == 2
    file.write_text(f"name\n{table.names[4]}\n")
    assert (read_subset(file, table, "ferplus") >= 0).tolist() == [r == 4 for r in range(64)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("face,label\n", "header"),
        ("name,label\nnobody.png,1\n", "line 2: the split has no face"),
        ("name,label\nfer0000001.png\n", "line 2: 1 columns"),
        ("name,label\nfer0000001.png,8\n", "no index"),
        ("name,label\nfer0000001.png,x\n", "no index"),
    ],
)
def test_bad_subset_files(table: FaceTable, tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "subset.csv"
    file.write_text(text)
    with pytest.raises(DataError, match=complaint):
        read_subset(file, table, "ferplus")


@pytest.fixture
def weights(tmp_path: Path, make_network: Callable[[], nn.Module]) -> Path:
    write_weights(tmp_path / "weights", card(), make_network().state_dict())
    return tmp_path / "weights"


@pytest.fixture
def make_network() -> Callable[[], nn.Module]:
    torch.manual_seed(0)
    return lambda: model_entry("resnet18").build(num_classes=8)


def test_command_writes_the_contract_keys(weights: Path, cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    arguments = ["--weights", "all", "--weights-dir", str(weights), "--data", str(cache)]
    assert main([*arguments, "--occlude", "none,lower", "--json", str(file)]) == 0
    rows = json.loads(file.read_text())
    assert [row["occlude"] for row in rows] == ["none", "lower"]
    wanted = (
        "weights labels split subset occlude amount n correct accuracy ci95 macro_recall macro_f1 "
        "per_class confusion seed elapsed_s images_per_s"
    )
    assert set(wanted.split()) <= set(rows[0])
    assert rows[0]["n"] == (evaluation_labels(load_split(cache, "valid"), "ferplus") >= 0).sum()
    assert rows[0]["weights"] == "resnet18.test"


def test_command_refusals(
    weights: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*arguments: str) -> str:
        assert main(["--weights-dir", str(weights), *arguments]) == 2
        message = capsys.readouterr().err.strip()
        assert len(message.splitlines()) == 1
        return message

    data = ["--data", str(cache)]
    assert "resnet18.test" in refused("--weights", "nothing", *data)
    assert "occluder" in refused("--weights", "all", *data, "--occlude", "hat")
    for wrong in ("2", "-0.1", "0.5,two", "0.5,", "nan"):
        assert "amount" in refused("--weights", "all", *data, f"--amount={wrong}")
    assert "label set" in refused("--weights", "all", *data, "--labels", "raf")
    assert "either" in refused("--weights", "all")
    assert "no 'test' split" in refused("--weights", "all", *data, "--split", "test")
    assert "holds no photographs" in refused("--weights", "all", "--images", str(tmp_path))
    (tmp_path / "empty").mkdir()
    assert "no weights" in refused(
        "--weights", "all", *data, "--weights-dir", str(tmp_path / "empty")
    )
