"""Peak memory of picture files: `python -m tests.memory.reading FILE...`.

Looks for faces in each file, as the page does with an upload, and prints as a line of JSON its
name, how many megabytes (10^6 bytes) the process took at its peak above what it had at rest, what
it had at rest above that before the first file, seconds, and what was found or said.
"""

import ctypes
import gc
import json
import sys
import time
from pathlib import Path

import numpy as np

from ferstudio.errors import ImageError
from ferstudio.studio.faces import FaceFinder
from tests.drawn_face import drawn_face


def status_mb(name: str) -> float:
    """Return a size that Linux tells of this process, in megabytes."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition(f"{name}:")[2].split()[0]) * 1024 / 1e6


def settle() -> None:
    """Give back what isn't used, and forget the peak so far."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", "ascii")


def main() -> None:
    """Read the files that are named."""
    finder = FaceFinder()
    finder.find(drawn_face(256))
    finder.find(np.zeros((300, 400, 3), np.uint8))
    first_mb = status_mb("VmRSS")
    for file in map(Path, sys.argv[1:]):
        settle()
        resting_mb = status_mb("VmRSS")
        began = time.monotonic()
        try:
            search = finder.find_in(file)
            said = f"{search.image.shape[1]} x {search.image.shape[0]}, {len(search.faces)} faces"
            del search
        except ImageError as error:
            said = str(error)
        seconds = time.monotonic() - began
        row = {
            "file": file.name,
            "peak_mb": status_mb("VmHWM") - resting_mb,
            "kept_mb": resting_mb - first_mb,
            "elapsed_s": seconds,
            "said": said,
        }
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
