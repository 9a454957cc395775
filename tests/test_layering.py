"""Which way imports go: downward through the levels, never up, never sideways."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LEVELS = (
    {
        f"ferstudio.{name}"
        for name in (
            "types",
            "labels",
            "errors",
            "files",
            "jpeg_scans",
            "picture_files",
            "video_files",
            "python_version",
            "reported",
            "results",
            "intervals",
            "pauses",
            "console",
            "interruptions",
            "distributed",
            "system_memory",
            "threads",
            "registry",
        )
    },
    {"ferstudio.regions"},
    {"ferstudio.models", "ferstudio.preprocess", "ferstudio.guidance", "ferstudio.pixel_order"},
    {"ferstudio.faces", "ferstudio.occlusion", "ferstudio.explain", "ferstudio.features"},
    {"ferstudio.studio"},
    {"ferstudio.sentences"},
    {"ferstudio.charts", "ferstudio.plots", "ferstudio.lessons"},
    {"ferstudio.report"},
    {"ferstudio.study", "ferstudio.keep"},
    {"ferstudio.api"},
    {"ferstudio.ui", "ferstudio.cli", "training"},
    {"app", "ferstudio.__main__"},
)
"""Units, lowest level first. A unit may import itself and every lower level."""

SPOKEN_BY_ALL = LEVELS[0]
"""These few may also import one another."""

FORBIDDEN = {("ferstudio.models", "ferstudio.regions")}
"""Downward, but forbidden all the same: networks know nothing of faces."""

CONFINED = {
    "av": {"ferstudio.video_files"},
    "gradio": {"ferstudio.ui", "app"},
    "mediapipe": {"ferstudio.faces"},
    "pytorch_grad_cam": {"ferstudio.explain"},
}
"""Libraries that only these units may import."""

LIGHT = ("ferstudio.models", "ferstudio.preprocess", "ferstudio.regions", "ferstudio.occlusion")


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    module_name(file): file
    for file in [
        *sorted(ROOT.glob("app.py")),
        *sorted((ROOT / "ferstudio").rglob("*.py")),
        *sorted((ROOT / "training").rglob("*.py")),
    ]
}


def unit(module: str) -> str:
    """Return the unit a module belongs to: its package, or itself."""
    depth = 2 if module.startswith("ferstudio.") else 1
    return ".".join(module.split(".")[:depth])


def level(module: str) -> int:
    for number, units in enumerate(LEVELS):
        if unit(module) in units:
            return number
    raise AssertionError(f"{module} has no level; give {unit(module)} one in {__file__}")


def tab(module: str) -> str:
    """Return the tab of the page that a module belongs to; "" for none."""
    _, _, rest = module.partition("ferstudio.ui.tabs.")
    return rest.split(".")[0]


def imports(source: str) -> Iterator[str]:
    """Yield every module that a source imports, also inside functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative imports hide the level"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in FILES else str(node.module)


def violations(module: str, source: str) -> list[str]:
    """Return what is wrong with the imports of `module`, one sentence each."""
    found = []
    for imported in imports(source):
        library = imported.split(".")[0]
        if unit(module) not in CONFINED.get(library, {unit(module)}):
            found.append(f"{module} imports {library}, which is confined")
        if library not in {"ferstudio", "training", "app"} or imported == "ferstudio":
            continue
        same = unit(module) == unit(imported) or {unit(module), unit(imported)} <= SPOKEN_BY_ALL
        if not same and level(imported) >= level(module):
            found.append(f"{module} imports {imported}, which isn't below it")
        if (unit(module), unit(imported)) in FORBIDDEN:
            found.append(f"{module} imports {imported}, which it shouldn't know")
        if tab(module) and tab(imported) not in {"", tab(module)}:
            found.append(f"{module} imports {imported}, which is another tab's")
        if module.startswith("training.data.") and imported.startswith("training.augment"):
            found.append(f"{module} imports {imported}, which builds on it")
        if library == "training" and module.startswith("ferstudio"):
            found.append(f"{module} imports training, which isn't shipped with it")
    return found


@pytest.mark.parametrize("module", [name for name in FILES if name != "ferstudio"])
def test_imports_go_downward(module: str) -> None:
    assert level(module) >= 0
    assert violations(module, FILES[module].read_text("utf-8")) == []


def test_the_package_itself_does_no_work() -> None:
    body = ast.parse(FILES["ferstudio"].read_text("utf-8")).body
    done = [node for node in body if not isinstance(node, ast.FunctionDef)]
    assert not any(isinstance(part, ast.Call) for node in done for part in ast.walk(node))
    imported = {node.module for node in body if isinstance(node, ast.ImportFrom)}
    assert imported == {"typing"}  # the rest for type checkers, and when it is named


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("ferstudio.models.resnet", "from ferstudio.studio import results"),
        ("ferstudio.models.resnet", "from ferstudio import preprocess"),
        ("ferstudio.models.resnet", "import ferstudio.regions"),
        ("ferstudio.regions", "from ferstudio.preprocess import warp"),
        ("ferstudio.occlusion.bars", "from ferstudio.faces import detector"),
        ("ferstudio.studio.pool", "import gradio as gr"),
        ("ferstudio.ui.page", "from mediapipe.python import solutions"),
        ("ferstudio.ui.tabs.live.tab", "from ferstudio.ui.tabs.compare import words"),
        ("training.train", "def late():\n    import pytorch_grad_cam"),
        ("training.data.crops", "from training.augment.occlusion import cover"),
        ("ferstudio.cli", "from training.data.table import load_split"),
        ("ferstudio.cli", "from ferstudio.ui import theme"),
    ],
)
def test_a_wrong_import_is_seen(module: str, source: str) -> None:
    assert len(violations(module, source)) >= 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("ferstudio.preprocess", "from ferstudio.regions import anchor_points"),
        ("ferstudio.types", "from ferstudio.errors import UsageError"),
        ("ferstudio.studio.pool", "from ferstudio.studio import results"),
        ("ferstudio.ui.tabs.live.tab", "from ferstudio.ui.tabs.live import words"),
        ("ferstudio.ui.page", "from ferstudio.ui.tabs.live.tab import LiveTab"),
        ("training.prepare", "from ferstudio.faces import detector"),
        ("app", "import gradio\nfrom ferstudio.ui import page"),
    ],
)
def test_a_right_import_passes(module: str, source: str) -> None:
    assert violations(module, source) == []


@pytest.mark.slow
def test_training_and_models_import_without_the_heavy_libraries() -> None:
    wanted = [name for name in FILES if unit(name) in {*LIGHT, "ferstudio", "training"}]
    script = f"""
import importlib, sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {set(CONFINED)!r}:
            raise ImportError(name + " is blocked")

sys.meta_path.insert(0, Block())
for name in {wanted!r}:
    importlib.import_module(name)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
