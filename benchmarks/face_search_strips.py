"""`python -m benchmarks.face_search_strips`: P-Net over a picture in strips of several sizes.

Per size, for a 10-megapixel picture: the processor's seconds and the megabytes (10^6 bytes) that a
search for faces of 40 pixels takes at its peak above what it began with. Linux only.
"""

import argparse
import time
from unittest.mock import patch

import numpy as np
import torch

from ferstudio.faces import mtcnn
from ferstudio.faces.pyramid import Pyramid
from tests.memory.reading import settle, status_mb

STRIPS_PX = (30_000, 60_000, 100_000, 200_000, 300_000, 100_000_000)
RUNS = 7
MIN_FACE_PX = 40.0


def main() -> None:
    """Print a line per size of the strips: the median of several searches."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--threads", type=int, default=1, help="threads of the networks (%(default)s)"
    )
    torch.set_num_threads(parser.parse_args().threads)
    pyramid = Pyramid(np.full((2739, 3652, 3), 90, np.uint8))
    networks = mtcnn.Mtcnn()
    for strip_px in STRIPS_PX:
        seconds, peaks_mb = [], []
        with patch.object(mtcnn, "_STRIP_PX", strip_px):
            for _ in range(RUNS):
                settle()
                resting_mb, began = status_mb("VmRSS"), time.process_time()
                networks.propose(pyramid, MIN_FACE_PX)
                seconds.append(time.process_time() - began)
                peaks_mb.append(status_mb("VmHWM") - resting_mb)
        print(
            f"{strip_px:>11,} px: {np.median(seconds):.3f} s, {np.median(peaks_mb):.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
