"""The shell draws a montage of samples or photographs, in the format that a file's ending says."""

from pathlib import Path

import pytest

from ferstudio.faces.conditions import no_face
from ferstudio.studio import faces as studio_faces
from tests.studio_parts import FakeDetector, write_picture
from tests.test_cli import PNG_MAGIC, run


@pytest.fixture(autouse=True)
def _one_average_face(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_faces, "best_detector", FakeDetector)


def test_a_montage_of_the_samples_is_png_and_svg(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    png, svg = tmp_path / "all.png", tmp_path / "all.svg"
    line = ("analyze", "--montage", png, "--montage", svg, "--models", "acsinet", "--attention")
    status, out, _ = run(capsys, *line, "--weights", shelf)
    assert (status, out.split()) == (0, [str(png), str(svg)])
    assert png.read_bytes().startswith(PNG_MAGIC)
    assert svg.read_text("utf-8").count("<image") == 8 + 8 + 1  # faces, cells, legend


def test_photographs_are_its_columns_and_a_bad_one_is_told(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo, bad = write_picture(tmp_path / "me.png"), tmp_path / "bad.png"
    bad.write_text("text")
    svg = tmp_path / "two.svg"
    line = ("analyze", photo, bad, "--montage", svg, "--models", "resnet18", "--weights", shelf)
    status, _, err = run(capsys, *line)
    assert status == 0 and "bad.png" in err
    assert svg.read_text("utf-8").count("<image") == 1 + 1 + 1


def test_where_no_face_was_found_the_shell_says_so(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    shelf: Path,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(studio_faces, "best_detector", lambda: FakeDetector(faces=0))
    photo, svg = write_picture(tmp_path / "flat.png"), tmp_path / "one.svg"
    line = ("analyze", photo, "--montage", svg, "--models", "resnet18", "--weights", shelf)
    status, _, err = run(capsys, *line)
    assert status == 0 and f"{photo}: {no_face().sentence}" in err


@pytest.mark.parametrize(
    "extra",
    [
        ("--occlude", "sunglasses"),
        ("--face", "all"),
        ("--out", "folder"),
        ("--json",),
        ("--jsonl",),
        ("--explain", "grad-cam", "--explain", "eigen-cam"),
        ("--explain", "grad-cam", "--attention"),
    ],
)
def test_what_a_montage_doesnt_follow_is_refused(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path, extra: tuple[str, ...]
) -> None:
    file = tmp_path / "a.svg"
    status, _, err = run(capsys, "analyze", "--montage", file, "--weights", shelf, *extra)
    assert status == 2 and "a montage of bare faces" in err and extra[0] in err
    assert not file.exists()


def test_refusals_before_anything_is_asked(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    status, _, err = run(capsys, "analyze", "--montage", tmp_path / "a.gif", "--weights", shelf)
    assert status == 2 and ".png, .svg, .pdf" in err
    status, _, err = run(capsys, "analyze", "--weights", shelf)
    assert status == 2 and "needs an IMAGE" in err
