"""`python -m benchmarks.live`: frames per second of the Live tab, from the browser's file to HTML.

Two small networks, Grad-CAM, clean and under a mask, on a film in which a sample face moves about,
near and far. Four ways: faces looked for in each frame and pictures asked about one by one; faces
followed; faces followed and clean and covered asked about at once; the same with half of the
threads for the networks, which is what the page does.
Median frames per second, those of the quickest tenth, which neighbours disturbed least, and the
processor's time a frame: with OMP_NUM_THREADS=1 that is what a frame takes on one quiet core.
"""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferstudio.explain.explainer import Explainer
from ferstudio.faces.pictures import read_picture
from ferstudio.faces.samples import read_sample
from ferstudio.faces.tracking import Track
from ferstudio.models import LoadedModel
from ferstudio.studio.live import LiveQuestion
from ferstudio.studio.look import look
from ferstudio.studio.results import View
from ferstudio.studio.selection import Cover
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from ferstudio.ui.tabs.live.cards import seen

MODELS = ("acsinet.ferplus", "resnet18.ferplus")
FRAMES, WARM_UP = 24, 4
SIZE_PX = (480, 360)
FACES_PX = {"near": 220, "far": 80}


def film(face_px: int) -> list[bytes]:
    """Return the frames of a face that moves from side to side, as JPEG files."""
    face = Image.fromarray(read_sample("happiness")).resize((face_px, face_px))
    frames = []
    for number in range(FRAMES):
        frame, stream = Image.new("RGB", SIZE_PX, (120, 125, 130)), io.BytesIO()
        across = 2 * abs(FRAMES // 2 - number)
        frame.paste(face, (100 + across, 60 + across // 4))
        frame.save(stream, "JPEG", quality=85)
        frames.append(stream.getvalue())
    return frames


def one_by_one(
    model: LoadedModel, crops: Sequence[FaceCrop], method: Explainer | None
) -> tuple[View, ...]:
    """Do what `look_together` does, a pass for each picture."""
    first = look(model, crops[0], method)
    top = first.prediction.top
    return (first, *(look(model, crop, method, top) for crop in crops[1:]))


def timed(studio: Studio, frames: list[bytes], *, followed: bool) -> NDArray[np.float64]:
    """Return seconds of each frame, by the clock and of the processor: (2, frames)."""
    question = LiveQuestion(MODELS, Cover("surgical-mask", 0.7, 7), "grad-cam")
    last: Track | None = None
    taken, worked = [], []
    for number, content in enumerate(frames):
        began, busy = time.perf_counter(), time.process_time()
        frame = studio.live(read_picture(content), question, last)
        seen(frame, number)
        taken.append(time.perf_counter() - began)
        worked.append(time.process_time() - busy)
        last = frame.track if followed else None
        assert frame.track.faces
    return np.array([taken[WARM_UP:], worked[WARM_UP:]])


def with_all_threads() -> AbstractContextManager[object]:
    """Let networks compute with all threads."""
    return patch("ferstudio.studio.studio.half_of_the_threads", nullcontext)


@contextmanager
def apart() -> Iterator[None]:
    """Let networks compute with all threads, and be asked about pictures one by one."""
    with with_all_threads(), patch("ferstudio.studio.live.look_together", one_by_one):
        yield


def main() -> None:
    """Print frames per second of all ways, in turns."""
    studio = Studio("weights")
    ways: dict[str, tuple[bool, Callable[[], AbstractContextManager[object]]]] = {
        "looked for, one by one": (False, apart),
        "followed, one by one": (True, apart),
        "followed, at once": (True, with_all_threads),
        "followed, half of the threads": (True, nullcontext),
    }
    for name, face_px in FACES_PX.items():
        frames = film(face_px)
        found: dict[str, list[NDArray[np.float64]]] = {way: [] for way in ways}
        for _ in range(2):
            for way, (followed, context) in ways.items():
                with context():
                    found[way].append(timed(studio, frames, followed=followed))
        for way, times in found.items():
            clock_s, worked_s = np.concatenate(times, axis=1)
            print(
                f"{name:5} {way:29} {1 / np.median(clock_s):5.1f} frames/s, "
                f"undisturbed {1 / np.quantile(clock_s, 0.1):5.1f}; "
                f"{1000 * np.median(worked_s):4.0f} ms of the processor a frame"
            )


if __name__ == "__main__":
    main()
