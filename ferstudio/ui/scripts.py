"""The page's JavaScript, all of it in `static/`."""

from importlib import resources


def script(*names: str) -> str:
    """Return what the browser runs: the files of these names, one after the other."""
    return "\n".join(static(f"{name}.js") for name in names)


def static(file: str) -> str:
    """Return the text of a file in `static/`."""
    return resources.files("ferstudio.ui").joinpath("static", file).read_text("utf-8")
