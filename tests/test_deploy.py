"""What a host needs is there and says the same everywhere."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from deploy.space import PARTS
from tests.e2e.server import free_port
from tests.load.space import LIMIT_MB, as_a_space, peak_mb
from tests.page_client import Page, Visit
from tests.studio_parts import write_picture

ROOT = Path(__file__).parent.parent


def space(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "deploy/space.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_spaces_folder_holds_what_the_page_needs_and_no_more(tmp_path: Path) -> None:
    out = tmp_path / "space"
    assert space("--out", str(out)).returncode == 0
    needed = {"LICENSE", "README.md", "app.py", "ferstudio", "packages.txt", "requirements.txt"}
    linked = {"CHANGELOG.md", "CONTRIBUTING.md", "docs", "training"}
    assert {path.name for path in out.iterdir()} == needed | linked | {"weights"}
    assert not list((out / "training").rglob("*.py"))
    assert (out / "README.md").read_text("utf-8").startswith("---\ntitle: ferstudio\n")
    assert not list(out.rglob("__pycache__"))
    code = "import sys; sys.path.insert(0, '.'); import app, ferstudio; print(ferstudio.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=out, capture_output=True, text=True, check=True
    )
    assert Path(found.stdout.strip()).is_relative_to(out.resolve())
    again = space("--out", str(out))
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)


def test_what_the_readme_links_to_is_on_the_space() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    links = {link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link}
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
        assert any(link == part or link.startswith(f"{part}/") for part in PARTS), link


def test_files_that_a_spaces_git_refuses_are_named(tmp_path: Path) -> None:
    out = tmp_path / "space"
    named = space("--out", str(out)).stderr.splitlines()
    large = [file for file in out.rglob("*") if file.is_file() and file.stat().st_size > 10**7]
    assert len(named) == len(large)
    assert all(str(file) in "\n".join(named) for file in large)


@pytest.mark.slow
def test_a_space_starts_from_its_own_files_alone_and_writes_nothing_there(tmp_path: Path) -> None:
    with as_a_space(tmp_path, free_port()) as (address, process):
        page = Page(address)
        answer = httpx.get(address)
        assert "https://huggingface.co" in answer.headers["content-security-policy"]
        (menu,) = (part for part in page.parts.values() if part.get("elem_id") == "models")
        names = [value for _, value in menu["choices"]]
        assert names == sorted(path.parent.name for path in ROOT.glob("weights/*/card.json"))
        visit = Visit(page, 0, names[:1])
        with visit.connected():
            visit.photograph(write_picture(tmp_path / "picture.png", 0))
            assert "%" in str(visit.see("Compare"))
        assert peak_mb(process) < LIMIT_MB


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    bare = (line.partition(";")[0].strip() for line in lines if not line.startswith("#"))
    return dict(line.split("==") for line in bare)


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_has_a_locked_version_in_its_range(file: str) -> None:
    locked = pins()
    for line in (ROOT / file).read_text("utf-8").splitlines():
        line, _, marker = line.partition("; ")
        if line and not line.startswith(("#", "-r")) and marker != 'python_version >= "3.13"':
            name, bounds = re.fullmatch(r"([\w-]+)(.*)", line).groups()  # type: ignore[union-attr]
            assert fits(locked[name.lower()], bounds), line


def fits(version: str, bounds: str) -> bool:
    number = numbers(version)
    for bound in bounds.split(","):
        sign, limit = re.fullmatch(r"(>=|==|<)(.*)", bound).groups()  # type: ignore[union-attr]
        right = {">=": number >= numbers(limit), "<": number < numbers(limit)}
        if not right.get(sign, number == numbers(limit)):
            return False
    return True


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def test_the_image_copies_what_docker_may_see() -> None:
    allowed = set(
        re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    )
    text = (ROOT / "Dockerfile").read_text("utf-8")
    copied = {
        word
        for line in re.findall(r"^COPY (.*)$", text, re.MULTILINE)
        for word in line.split()[:-1]
    }
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
    assert "USER studio" in text and "/healthz" in text


def test_every_file_that_the_hosting_page_names_is_there() -> None:
    text = (ROOT / "docs" / "hosting.md").read_text("utf-8")
    for name in set(re.findall(r"`((?:deploy/)?[\w.]+\.(?:conf|py|txt|yml))`", text)):
        assert list(ROOT.glob(name)) or list(ROOT.glob(f".github/workflows/{name}")), name


def test_every_option_that_the_hosting_page_names_is_one() -> None:
    text = (ROOT / "docs" / "hosting.md").read_text("utf-8")
    shown = subprocess.run(
        [sys.executable, "app.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for option in set(re.findall(r"^\| `(--[\w-]+)", text, re.MULTILINE)):
        assert option in shown
