import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ferstudio import cli
from ferstudio.faces.pictures import read_picture
from ferstudio.labels import FERPLUS
from ferstudio.models import LoadedModel, list_models, load_weights
from ferstudio.studio import faces as studio_faces
from ferstudio.studio import pool, sweep_cost
from ferstudio.studio.results import View
from ferstudio.studio.studio import Studio
from ferstudio.types import Face, FaceCrop
from tests.made_videos import write_sound, write_video
from tests.networks import network
from tests.studio_parts import MEASURED, FakeDetector, write_ensemble, write_picture

ROOT = Path(__file__).parent.parent
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _one_average_face(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_faces, "best_detector", FakeDetector)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Return exit status, stdout and stderr of a command."""
    status = cli.main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def analyse(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, Any]]:
    status, out, err = run(capsys, "analyze", *arguments, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


@pytest.mark.slow
def test_models_lists_weights_and_networks_without_any(
    capsys: pytest.CaptureFixture[str], shelf: Path
) -> None:
    status, out, err = run(capsys, "models", "--weights", shelf, "--json")
    assert (status, err) == (0, "")
    rows = {row["name"]: row for row in json.loads(out)}
    untrained = set(list_models()) - {"acsinet", "resnet18"}
    assert set(rows) == {"acsinet.test", "resnet18.test"} | untrained
    keys = {"name", "title", "paper", "params", "weights", "metrics", "size_bytes", "labels"}
    assert all(keys <= set(row) for row in rows.values())
    trained = rows["resnet18.test"]
    assert trained["weights"] == "resnet18.test"
    assert trained["metrics"] == [MEASURED]
    assert trained["size_bytes"] > 10_000_000
    for name in untrained:
        assert rows[name]["weights"] is rows[name]["size_bytes"] is None
        assert rows[name]["params"] == sum(p.numel() for p in network(name).parameters())


def test_models_as_a_table(capsys: pytest.CaptureFixture[str], shelf: Path) -> None:
    status, out, _ = run(capsys, "models", "--weights", shelf)
    lines = out.splitlines()
    (resnet,) = (line for line in lines if line.startswith("resnet18.test"))
    assert status == 0
    assert "ResNet-18" in resnet
    assert "11.2 M" in resnet
    assert "83.7 % on ferplus valid (n 3137; 95 % interval 82.4 to 85.0; " in resnet
    (untrained,) = (line for line in lines if line.startswith("coresnet18 "))
    assert untrained.endswith("no weights yet")


def test_analyze_answers_and_writes_overlays(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo, out = write_picture(tmp_path / "me.png"), tmp_path / "out"
    (found,) = analyse(
        capsys, photo, "--models", "resnet18,acsinet.test", "--occlude", "sunglasses:1",
        "--explain", "grad-cam", "--seed", "3", "--out", out, "--weights", shelf,
    )  # fmt: skip
    assert found["image"] == str(photo)
    assert (found["faces"], found["found"], found["note"]) == (1, True, "")
    assert (found["detector"], found["seed"]) == ("fake", 3)
    assert [result["weights"] for result in found["results"]] == ["resnet18.test", "acsinet.test"]
    for result in found["results"]:
        assert result["labels"] == list(FERPLUS)
        clean, (covered,) = result["clean"], result["occluded"]
        assert (covered["occluder"], covered["amount"]) == ("sunglasses", 1.0)
        assert 0.05 < covered["share"] < 0.6
        assert 0 <= covered["leakage_share"]["grad-cam"] <= 1
        assert clean["leakage_share"] == {}
        assert covered["flipped"] == (covered["top"] != clean["top"])
        for answer in (clean, covered):
            assert list(answer["probabilities"]) == list(FERPLUS)
            assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
            assert answer["probabilities"][answer["top"]] == answer["confidence"]
            assert answer["confidence"] == max(answer["probabilities"].values())
            assert Path(answer["heatmaps"]["grad-cam"]).read_bytes().startswith(PNG_MAGIC)
    assert {file.name for file in out.iterdir()} == {
        "me.clean.png",
        "me.sunglasses.png",
        *(
            f"me.{weights}.test.{face}.grad-cam.png"
            for weights in ("acsinet", "resnet18")
            for face in ("clean", "sunglasses")
        ),
    }
    clean_crop, covered_crop = (read_picture(found["crops"][n]) for n in ("clean", "sunglasses"))
    assert clean_crop.shape == covered_crop.shape
    assert not np.array_equal(clean_crop, covered_crop)


def test_without_a_folder_nothing_is_written(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo, empty = write_picture(tmp_path / "me.png"), tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    (found,) = analyse(
        capsys, photo, "--models", "acsinet", "--explain", "grad-cam", "--weights", shelf
    )
    (result,) = found["results"]
    assert found["crops"] == {"clean": None}
    assert result["clean"]["heatmaps"] == {"grad-cam": None}
    assert result["occluded"] == []
    assert list(empty.iterdir()) == []


def test_none_asks_for_nothing(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo = write_picture(tmp_path / "me.png")
    nothing = ("--occlude", "none", "--explain", "none", "--weights", shelf)
    (found,) = analyse(capsys, photo, "--models", "resnet18", *nothing)
    assert found["results"][0]["occluded"] == []
    assert found["results"][0]["clean"]["heatmaps"] == {}


def test_equal_names_and_repeated_occluders_never_collide(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photos = [write_picture(tmp_path / folder / "me.png", n) for n, folder in enumerate("ab")]
    covers = ["--occlude", "upper:0.3", "--occlude", "upper:0.9", "--occlude", "lower"]
    out = tmp_path / "out"
    rows = analyse(
        capsys, *photos, "--models", "resnet18", *covers, "--explain", "grad-cam", "--out", out,
        "--weights", shelf,
    )  # fmt: skip
    assert [row["image"] for row in rows] == [str(photo) for photo in photos]
    assert [o["amount"] for o in rows[0]["results"][0]["occluded"]] == [0.3, 0.9, 0.7]
    faces = ("clean", "upper-0.3", "upper-0.9", "lower")
    assert {file.name for file in out.iterdir()} == {
        name
        for stem in ("me", "me-2")
        for face in faces
        for name in (f"{stem}.{face}.png", f"{stem}.resnet18.test.{face}.grad-cam.png")
    }


def test_the_same_seed_gives_the_same_output(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo = write_picture(tmp_path / "me.png")

    def output(seed: int) -> list[dict[str, Any]]:
        found = analyse(
            capsys, photo, "--models", "resnet18", "--occlude", "random:0.4", "--seed", seed,
            "--weights", shelf,
        )  # fmt: skip
        return found[0]["results"]

    assert output(1) == output(1)
    assert output(1) != output(2)


@pytest.mark.parametrize(
    ("faces", "words"), [(0, "centred square"), (3, "3 faces were found; the largest is used")]
)
def test_what_was_made_of_the_picture_is_said(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    faces: int,
    words: str,
) -> None:
    monkeypatch.setattr(studio_faces, "best_detector", lambda: FakeDetector(faces))
    photo = write_picture(tmp_path / "me.png")
    status, out, err = run(
        capsys, "analyze", photo, "--models", "resnet18", "--json", "--weights", shelf
    )
    assert status == 0
    assert err.startswith(f"{photo}: ")
    assert words in err
    (found,) = json.loads(out)
    assert (found["faces"], found["found"]) == (faces, faces > 0)
    assert found["note"] in err


def test_what_decides_the_answer_is_in_the_result_and_in_the_table(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo = tmp_path / "dark.png"
    Image.new("RGB", (160, 120), (9, 9, 9)).save(photo)
    asked = ("analyze", photo, "--models", "resnet18", "--weights", shelf)
    _, out, _ = run(capsys, *asked, "--json")
    (found,) = json.loads(out)
    assert [(note["name"], note["chip"]) for note in found["notes"]] == [("dark", "very dark")]
    assert found["notes"][0]["sentence"].endswith(".")
    _, out, _ = run(capsys, *asked)
    assert out.splitlines()[0] == f"{photo} (1 face, very dark)"


def test_analyze_as_a_table(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo = write_picture(tmp_path / "me.png")
    arguments = ("--occlude", "lower", "--explain", "grad-cam", "--weights", shelf)
    status, out, err = run(capsys, "analyze", photo, *arguments)
    heading, _, *rows = out.splitlines()
    assert (status, err) == (0, "")
    assert heading == f"{photo} (1 face)"
    assert len(rows) == 4
    assert rows[0].split()[:2] == ["acsinet.test", "clean"]
    assert rows[3].split()[:2] == ["lower", "0.7"]
    assert "% (grad-cam)" in rows[3]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--models", "vgg"], "'vgg'; choose from: acsinet.test, resnet18.test"),
        (["--models", ","], "--models needs at least one name"),
        (["--occlude", "hat"], "'hat'; choose from: sunglasses"),
        (["--occlude", "upper:2"], "upper must lie in [0, 1], not 2"),
        (["--occlude", "upper:much"], "'much' is no number from 0 to 1"),
        (["--explain", "guess"], "'guess'; choose from: grad-cam"),
        (["--seed", "-1"], "The seed must be a whole number from 0 on"),
        (["--seed", "one"], "argument --seed: invalid int value: 'one'"),
        (["--weights", "no-such-folder"], "no weights folder no-such-folder"),
        (["--out", "me.png/out"], "me.png/out"),
        (["--face", "0"], "largest, all or a number from 1 on, not '0'"),
        (["--face", "left"], "largest, all or a number from 1 on, not 'left'"),
        (["*.tiff"], "No file fits *.tiff"),
        (["empty"], "empty holds no pictures"),
        (["--occlude", "hottest:0.3"], "hottest lies elsewhere for each network"),
        (["--json", "--jsonl"], "--json or --jsonl, not both"),
        (["--fps", "4"], "nothing of photographs follows --fps"),
        (["--attention"], "nothing of photographs follows --attention"),
    ],
)
def test_what_makes_no_sense_ends_in_one_sentence_and_nothing_written(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_picture(tmp_path / "me.png")
    (tmp_path / "empty").mkdir()
    before = sorted(tmp_path.iterdir())
    defaults = ["--weights", str(shelf), "--out", "out"]
    status, out, err = run(capsys, "analyze", *defaults, *arguments, "me.png")
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "words"),
    [("absent.png", "absent.png doesn't exist"), ("renamed.jpg", "renamed.jpg is no picture")],
)
def test_a_bad_photograph_alone_ends_the_command_and_among_others_is_one_line(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    name: str,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_picture(tmp_path / "me.png")
    (tmp_path / "renamed.jpg").write_text("just some text, no picture at all")
    options = ["--models", "resnet18", "--weights", shelf, "--json"]
    status, out, err = run(capsys, "analyze", name, *options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err
    status, out, err = run(capsys, "analyze", name, "me.png", *options)
    bad, good = json.loads(out)
    assert (status, err.count("\n")) == (0, 1)
    assert bad.keys() == {"image", "error"} and bad["image"] == name and words in bad["error"]
    assert good["image"] == "me.png" and len(good["results"]) == 1
    status, out, err = run(capsys, "analyze", name, name + "2", *options)
    assert (status, err.splitlines()[-1]) == (2, "None of the photographs can be answered.")


@pytest.mark.parametrize(
    ("choice", "numbers"), [("largest", [1]), ("all", [1, 2, 3]), ("2", [2]), ("3", [3])]
)
def test_faces_are_chosen_by_size_number_or_all(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    choice: str,
    numbers: list[int],
) -> None:
    monkeypatch.setattr(studio_faces, "best_detector", lambda: FakeDetector(3))
    photo, out = write_picture(tmp_path / "me.png"), tmp_path / "out"
    options = ["--models", "resnet18", "--weights", shelf, "--json", "--out", out]
    _, text, _ = run(capsys, "analyze", photo, "--face", choice, *options)
    found = json.loads(text)
    assert [(row["face"], row["faces"]) for row in found] == [(number, 3) for number in numbers]
    asks_for_a_choice = choice == "largest"
    assert all(("unless you pick another" in row["note"]) is asks_for_a_choice for row in found)
    written = {file.name for file in out.iterdir()}
    assert written == {
        "me.clean.png" if number == 1 else f"me.face-{number}.clean.png" for number in numbers
    }


def test_a_face_that_is_not_there_is_said(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo = write_picture(tmp_path / "me.png")
    options = ["--models", "resnet18", "--weights", shelf]
    status, _, err = run(capsys, "analyze", photo, "--face", "2", *options)
    assert (status, err) == (2, f"{photo}: it shows 1 face, so there is no face 2.\n")
    monkeypatch.setattr(studio_faces, "best_detector", lambda: FakeDetector(0))
    (found,) = json.loads(run(capsys, "analyze", photo, "--face", "all", "--json", *options)[1])
    assert (found["face"], found["found"]) == (None, False)


def test_folders_and_patterns_stand_for_their_pictures(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.png", "sub/c.PNG", "a.jpg", ".hidden.png", "[1].png"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        write_picture(tmp_path / "in" / name)
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    options = ["--models", "resnet18", "--weights", shelf, "--json"]
    images = [row["image"] for row in json.loads(run(capsys, "analyze", "in", *options)[1])]
    assert images == ["in/[1].png", "in/a.jpg", "in/b.png", "in/sub/c.PNG"]
    images = [
        row["image"]
        for row in json.loads(
            run(capsys, "analyze", "in/b*", "in/[1].png", "in/b.png", *options)[1]
        )
    ]
    assert images == ["in/b.png", "in/[1].png"]


def test_lines_of_json_come_one_by_one(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photos = [write_picture(tmp_path / name) for name in ("a.png", "b.png")]
    options = ["--models", "resnet18", "--weights", shelf]
    _, out, _ = run(capsys, "analyze", *photos, "--jsonl", *options)
    _, whole, _ = run(capsys, "analyze", *photos, "--json", *options)
    assert [json.loads(line) for line in out.splitlines()] == json.loads(whole)


def test_each_line_is_out_before_the_next_photograph_is_looked_at(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said_before: list[str] = []

    class Listening(FakeDetector):
        def detect(self, image: NDArray[np.uint8]) -> list[Face]:
            said_before.append(capsys.readouterr().out)
            return super().detect(image)

    monkeypatch.setattr(studio_faces, "best_detector", Listening)
    (tmp_path / "b.png").write_text("no picture")
    photos = [
        write_picture(tmp_path / "a.png"),
        tmp_path / "b.png",
        write_picture(tmp_path / "c.png"),
    ]
    options = ["--models", "resnet18", "--weights", shelf, "--jsonl"]
    status, last, _ = run(capsys, "analyze", *photos, *options)
    nothing, between = said_before
    first, bad = map(json.loads, between.splitlines())
    assert (status, nothing) == (0, "")
    assert (first["image"], len(first["results"])) == (str(photos[0]), 1)
    assert bad.keys() == {"image", "error"} and bad["image"] == str(photos[1])
    assert json.loads(last)["image"] == str(photos[2])


def test_a_batch_loads_each_network_once_and_makes_no_heatmap_unasked(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loads, explained = list[str](), list[str]()
    look = Studio.look

    def counted(folder: Path, *find: Any, **options: Any) -> LoadedModel:
        loads.append(folder.name)
        return load_weights(folder, *find, **options)

    def watched(studio: Studio, model: str, crop: FaceCrop, **asked: Any) -> View:
        explained.append(asked["explainer"])
        return look(studio, model, crop, **asked)

    monkeypatch.setattr(pool, "load_weights", counted)
    monkeypatch.setattr(Studio, "look", watched)
    photos = [write_picture(tmp_path / f"{number}.png", number) for number in range(3)]
    assert len(analyse(capsys, *photos, "--weights", shelf)) == 3
    assert sorted(loads) == ["acsinet.test", "resnet18.test"]
    assert explained == ["none"] * 6


@pytest.mark.slow
def test_who_reads_may_stop_and_a_console_may_lack_signs(shelf: Path) -> None:
    models = [sys.executable, "-m", "ferstudio", "models", "--weights", str(shelf)]
    ran = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$@" | head -c 1', "bash", *models],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    latin = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    shown = subprocess.run(models, cwd=ROOT, capture_output=True, check=True, env=latin)
    assert "VGG16-GCCA ?PD" in shown.stdout.decode("cp1252")
    listed = subprocess.run(
        [*models, "--json"], cwd=ROOT, capture_output=True, check=True, env=latin
    )
    assert "VGG16-GCCA −PD" in {row["title"] for row in json.loads(listed.stdout.decode("ascii"))}


@pytest.mark.parametrize("arguments", [[], ["paint"], ["analyze"], ["models", "--colour"]])
def test_a_wrong_command_line_ends_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("python -m ferstudio")
    assert err.count("\n") == 1


def test_damaged_weights_are_refused_before_anything_is_written(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo, copied = write_picture(tmp_path / "me.png"), tmp_path / "weights"
    shutil.copytree(shelf, copied)
    shard = next((copied / "resnet18.test").glob("*.safetensors"))
    shard.write_bytes(shard.read_bytes()[:-1])
    status, _, err = run(capsys, "analyze", photo, "--weights", copied, "--out", tmp_path / "out")
    assert status == 2
    assert "damaged" in err
    assert not (tmp_path / "out").exists()


def test_no_weights_at_all_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, _, err = run(
        capsys, "analyze", write_picture(tmp_path / "me.png"), "--weights", tmp_path
    )
    assert status == 2
    assert "There are no weights" in err


def test_what_libraries_print_stays_out_of_the_result(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def noisy() -> FakeDetector:
        print("INFO: a delegate was created")
        return FakeDetector()

    monkeypatch.setattr(studio_faces, "best_detector", noisy)
    photo = write_picture(tmp_path / "me.png")
    _, out, err = run(
        capsys, "analyze", photo, "--models", "resnet18", "--json", "--weights", shelf
    )
    assert len(json.loads(out)) == 1
    assert "delegate" in err


@pytest.mark.slow
def test_the_module_runs_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ferstudio", "analyze"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "IMAGE" in done.stderr


def test_bench_of_all_leaves_out_what_no_cam_shows(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep_cost, "OCCLUDERS", ("lower",))
    write_ensemble(tmp_path, shelf)
    status, out, _ = run(capsys, "bench", "--weights", tmp_path, "--runs", "1", "--json")
    assert status == 0
    assert [row["weights"] for row in json.loads(out)] == ["acsinet.test", "resnet18.test"]
    status, _, err = run(capsys, "bench", "--weights", tmp_path, "--models", "ensemble")
    assert status == 2 and "no layer that Grad-CAM could show" in err


@pytest.mark.slow
def test_bench_times_every_network(
    capsys: pytest.CaptureFixture[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_cost, "OCCLUDERS", ("lower",))
    arguments = ("bench", "--weights", shelf, "--models", "acsinet,resnet18.test", "--runs", "1")
    status, out, err = run(capsys, *arguments, "--json")
    assert (status, err) == (0, "")
    rows = json.loads(out)
    assert [row["weights"] for row in rows] == ["acsinet.test", "resnet18.test"]
    for row in rows:
        assert row["runs"] == 1 and row["layer"]
        assert row["ours_per_forward"] == pytest.approx(row["ours_s"] / row["forward_s"])
        assert row["speed_up"] == pytest.approx(row["grad_cam_s"] / row["ours_s"])
        assert row["sweep_per_forward"] == pytest.approx(row["sweep_s"] / row["sweep_forward_s"])
    status, out, _ = run(capsys, *arguments)
    assert status == 0 and "acsinet.test" in out and " x" in out
    assert "study of 2 networks together, 1 occluders at 8 amounts: " in out
    status, _, err = run(capsys, "bench", "--weights", shelf, "--runs", "0")
    assert status == 2 and "at least one run" in err and len(err.splitlines()) == 1


def test_a_video_is_answered_as_one_object_and_its_progress_told(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    clip, out = write_video(tmp_path / "clip.mp4", 1.0), tmp_path / "out"
    status, said, told = run(
        capsys, "analyze", clip, "--models", "resnet18", "--occlude", "scarf:1", "--fps", "2",
        "--seed", "3", "--out", out, "--weights", shelf, "--json",
    )  # fmt: skip
    assert status == 0
    (found,) = json.loads(said)
    assert (found["video"], found["models"], found["seed"]) == (str(clip), ["resnet18.test"], 3)
    assert [frame["time_s"] for frame in found["frames"]] == [0, 0.5]
    assert all(Path(file).is_file() for file in found["files"])
    assert {file.name for file in out.iterdir()} == {Path(file).name for file in found["files"]}
    assert "clip.mp4: 100%" in told


def test_a_film_is_never_written_over_another_video_of_the_command(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    first, second = write_video(tmp_path / "clip.mov", 0.5), write_video(tmp_path / "clip.mp4", 0.5)
    content = second.read_bytes()
    line = ("analyze", first, second, "--models", "resnet18", "--out", tmp_path)
    status, said, told = run(capsys, *line, "--weights", shelf)
    assert (status, said) == (2, "") and "clip.mp4 was given to be asked about" in told
    assert second.read_bytes() == content


def test_a_crop_is_never_written_over_another_photograph_of_the_command(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    first, second = (write_picture(tmp_path / name) for name in ("p.jpg", "p.clean.png"))
    other = write_picture(tmp_path / "q.v2.png")  # nothing is written by such a name
    content = second.read_bytes()
    line = ("analyze", first, second, other, "--models", "resnet18", "--out", tmp_path)
    status, said, told = run(capsys, *line, "--weights", shelf)
    assert (status, said) == (2, "") and "p.clean.png was given to be asked about" in told
    assert second.read_bytes() == content
    status, *_ = run(capsys, *line[:2], other, *line[4:], "--weights", shelf)
    assert status == 0


def test_a_cover_that_is_none_is_the_clean_face(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo = write_picture(tmp_path / "me.png")
    line = ("analyze", photo, "--models", "resnet18", "--occlude", "none:0.3", "--json")
    status, out, _ = run(capsys, *line, "--weights", shelf)
    assert status == 0 and json.loads(out)[0]["results"][0]["occluded"] == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--fps", "0"], "frames a second"),
        (["--explain", "score-cam"], "takes too long for a video"),
        (["--occlude", "scarf", "--occlude", "lower"], "one cover"),
        (["face.png"], "in two commands"),
        (["--face", "2"], "leave out --face"),
        (["--attention"], "nothing of videos follows --attention"),
        (["other.mp4"], "other.mp4 doesn't exist"),
    ],
)
def test_what_a_video_cant_be_asked_is_one_line(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    options: list[str],
    sentence: str,
) -> None:
    clip = write_video(tmp_path / "clip.mp4", 0.5)
    status, _, told = run(
        capsys, "analyze", clip, *options, "--models", "resnet18", "--weights", shelf
    )
    assert status == 2
    assert sentence in told.splitlines()[-1]


def test_sound_alone_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    clip = write_sound(tmp_path / "clip.mp4")
    status, said, told = run(
        capsys, "analyze", clip, "--models", "resnet18", "--weights", shelf, "--json"
    )
    assert (status, said) == (2, "")
    assert told == "clip.mp4 has no pictures, only sound; choose a video.\n"
