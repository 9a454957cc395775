"""The files of a Hugging Face Space: `python deploy/space.py --out DIR` or `--push USER/NAME`.

`--out` copies them, to look at or to push with git, which refuses files over 10 MB there; `--push`
uploads them, whatever their size, with the token that HF_TOKEN holds.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PARTS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "docs",
    "training/README.md",
    "training/EXPERIMENTS.md",
    "app.py",
    "packages.txt",
    "requirements.txt",
    "ferstudio",
    "weights",
)
"""All that the page needs, and what README.md links to; its head tells the Space how to run it."""

GIT_BYTES = 10_000_000
"""Above this a Space's git refuses a file."""


def copy_parts(out: Path) -> list[Path]:
    """Copy the Space's files into a new folder; return those that its git would refuse."""
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, out / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, out / name)
    files = (file for file in sorted(out.rglob("*")) if file.is_file())
    return [file for file in files if file.stat().st_size > GIT_BYTES]


def push(space: str) -> None:
    """Upload the Space's files; what is there and isn't among them goes."""
    from huggingface_hub import HfApi

    with tempfile.TemporaryDirectory() as folder:
        copy_parts(Path(folder))
        HfApi().upload_folder(
            folder_path=folder, repo_id=space, repo_type="space", delete_patterns=["*"]
        )


def main() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="deploy/space.py", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, help="a folder that isn't there yet")
    where.add_argument("--push", metavar="USER/NAME", help="a Space that is there already")
    options = parser.parse_args()
    if options.push:
        push(options.push)
        return 0
    if options.out.exists():
        print(f"{options.out} is there already; name a new folder.", file=sys.stderr)
        return 2
    for file in copy_parts(options.out):
        print(f"{file} has over 10 MB: push with --push, not with git.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
