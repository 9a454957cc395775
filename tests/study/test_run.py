"""Whole studies: their files are the same however often they are stopped, and by how many made."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ferstudio import cli
from ferstudio.errors import UsageError
from ferstudio.studio.robustness import RobustnessPlan, even_amounts
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.study.answers import PART_FACES, Asker
from ferstudio.study.faces import study_faces
from ferstudio.study.findings import Findings, read_findings
from ferstudio.study.run import parts_of, run_study
from tests.studio_parts import FakeDetector
from tests.study.studied import small_plan, write_faces, zipped

ROOT = Path(__file__).parents[2]
COUNT = 2 * PART_FACES + 3


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_faces(tmp_path_factory.mktemp("study") / "faces", COUNT)


@pytest.fixture(scope="module")
def studio(shelf: Path) -> Studio:
    return Studio(shelf, detector=FakeDetector())


def content(folder: Path) -> dict[str, bytes]:
    return {
        each.relative_to(folder).as_posix(): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }


def study(studio: Studio, faces: Path, out: Path, **options: int) -> Findings:
    return run_study(studio, study_faces(faces), small_plan(**options), out, lambda *_: None)


def test_answers_are_those_of_the_studio(studio: Studio, faces: Path, tmp_path: Path) -> None:
    found = study(studio, faces, tmp_path / "out", judged=2)
    with (tmp_path / "out" / "answers.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == found.faces == COUNT
    row = rows[9]
    asked = study_faces(faces)
    search = studio.find_faces_in(asked.read(asked.faces[9]))
    selection = Selection(
        studio.crop(search.image, None), Cover(seed=int(row["seed"])), ("resnet18.test",)
    )
    *_, robust = studio.robustness(RobustnessPlan(selection, ("upper",), even_amounts(2)))
    sweep = robust.sweeps[0][0]
    assert sweep is not None
    assert (row["file"], row["label"]) == (asked.faces[9].name, asked.faces[9].label)
    assert (row["clean"], row["upper:0.5"], row["upper:1"]) == (sweep.clean.top, *sweep.answers)
    assert found.maps[0].n == 2
    flips = sum(each["upper:1"] != each["clean"] for each in rows)
    assert found.rows[2].flips == flips


class StoppedError(Exception):
    """Ends a study as a kill would."""


def test_a_stopped_study_ends_with_the_same_bytes(
    studio: Studio, faces: Path, tmp_path: Path
) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    study(studio, faces, whole)

    def stop(done: int, total: int, kept: bool) -> None:
        if not kept:
            raise StoppedError

    for _ in parts_of(COUNT):
        with pytest.raises(StoppedError):
            run_study(studio, study_faces(faces), small_plan(), stopped, stop)
    (stopped / "parts" / "000001.npz").write_bytes(b"cut short")
    told: list[tuple[int, int, bool]] = []
    run_study(studio, study_faces(faces), small_plan(), stopped, lambda *each: told.append(each))
    assert told == [(8, COUNT, True), (16, COUNT, False), (COUNT, COUNT, True)]
    assert content(stopped) == content(whole)
    assert set(content(whole)) == {"study.json", "study.csv", "answers.csv"}


def test_a_study_that_is_done_is_read_again(
    studio: Studio, faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = study(studio, faces, tmp_path)
    monkeypatch.setattr(Asker, "ask", lambda *_: pytest.fail("asked again"))
    assert study(studio, faces, tmp_path) == first


def test_another_study_is_left_alone(studio: Studio, faces: Path, tmp_path: Path) -> None:
    study(studio, faces, tmp_path)
    before = content(tmp_path)
    with pytest.raises(UsageError, match="holds another study"):
        study(studio, faces, tmp_path, judged=1)
    assert content(tmp_path) == before


def test_a_part_of_another_study_is_left_alone(studio: Studio, faces: Path, tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        run_study(studio, study_faces(faces), small_plan(judged=1), tmp_path, stop)
    before = content(tmp_path)
    with pytest.raises(UsageError, match="holds a part of another study"):
        study(studio, faces, tmp_path)
    assert content(tmp_path) == before


def test_pictures_that_cant_be_read_are_counted(studio: Studio, tmp_path: Path) -> None:
    folder = write_faces(tmp_path / "faces", 3)
    (folder / "anger" / "broken.png").write_bytes(b"no picture")
    (folder / "anger" / "empty.png").write_bytes(b"")
    found = study(studio, folder, tmp_path / "out")
    assert (found.faces, found.unread) == (3, 2)
    rows = (tmp_path / "out" / "answers.csv").read_text().splitlines()
    assert [row.split(",")[:3] for row in rows if "broken" in row] == [
        ["anger/broken.png", "anger", "unread"]
    ]


def test_no_readable_picture_is_one_sentence(studio: Studio, tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"no picture")
    with pytest.raises(UsageError, match="None of the 1 pictures of faces can be read"):
        study(studio, folder, tmp_path / "out")
    assert not (tmp_path / "out" / "study.json").exists()


def test_the_command_says_what_it_found(
    shelf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = zipped(write_faces(tmp_path / "faces", 4), tmp_path / "four.zip")
    words = [*arguments(file, tmp_path / "out", shelf), "--models", "all", "--faithfulness", "1"]
    assert cli.main(words) == 0
    said = capsys.readouterr().out
    assert said.startswith("4 faces of four.zip.\n")
    assert said.count("resnet18.test") == said.count("acsinet.test") == 2
    assert cli.main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (
        read_findings((tmp_path / "out" / "study.json").read_bytes()).to_json()
        == read_findings(json.dumps(told).encode()).to_json()
    )
    assert told["command"].startswith("python -m ferstudio study four.zip --models acsinet.test,")


def arguments(faces: Path, out: Path, shelf: Path) -> list[str]:
    return [
        "study", str(faces), "--models", "resnet18", "--occluders", "upper", "--steps", "2",
        "--faithfulness", "0", "--crop", "whole", "--out", str(out), "--weights", str(shelf),
    ]  # fmt: skip


def started(*command: str) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_three_times_and_shared_by_two_processes(shelf: Path, tmp_path: Path) -> None:
    faces = write_faces(tmp_path / "faces", 6 * PART_FACES)
    assert started("ferstudio", *arguments(faces, tmp_path / "whole", shelf)).wait() == 0
    moments = random.Random(7)
    for kill in range(1, 4):
        running = started("ferstudio", *arguments(faces, tmp_path / "killed", shelf))
        while len(list((tmp_path / "killed" / "parts").glob("*.npz"))) < kill:
            assert running.poll() is None, "it ended before it was killed"
            time.sleep(0.01)
        time.sleep(moments.random() / 5)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert not (tmp_path / "killed" / "study.json").exists()
    assert started("ferstudio", *arguments(faces, tmp_path / "killed", shelf)).wait() == 0
    two = ("torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "ferstudio")
    assert started(*two, *arguments(faces, tmp_path / "two", shelf)).wait() == 0
    assert content(tmp_path / "killed") == content(tmp_path / "whole")
    assert content(tmp_path / "two") == content(tmp_path / "whole")
