"""What a detector finds in made pictures: faces found, found in a wrong place, and false ones."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.detector import FaceDetector
from ferstudio.faces.windows import same_face
from ferstudio.regions import anchor_points
from ferstudio.types import Face
from training.data.scenes import Scene

WITHIN = 0.25
"""Of the eyes' distance: so far a found face's anchors may lie from the true ones."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was found in the pictures of one kind and size.

    Attributes:
        kind: as `Scene` has it.
        height_px: as `Scene` has it.
        megapixels: of the largest picture.
        pictures: number of pictures.
        faces: number of faces in them.
        found: faces found in their place.
        wrong: faces found, but turned or shifted.
        false: found where there is none.
        processor_s: processor seconds for the slowest picture.
    """

    kind: str
    height_px: int
    megapixels: float
    pictures: int
    faces: int
    found: int
    wrong: int
    false: int
    processor_s: float

    def with_picture(self, other: "Tally") -> "Tally":
        """Return both together."""
        return Tally(
            self.kind,
            self.height_px,
            max(self.megapixels, other.megapixels),
            self.pictures + other.pictures,
            self.faces + other.faces,
            self.found + other.found,
            self.wrong + other.wrong,
            self.false + other.false,
            max(self.processor_s, other.processor_s),
        )


def tally_faces(detector: FaceDetector, scenes: Iterable[Scene]) -> list[Tally]:
    """Return what a detector finds, by kind, height and size of the picture, in order."""
    found: dict[tuple[str, int, int], Tally] = {}
    for scene in scenes:
        started = time.process_time()
        faces = detector.detect(scene.image)
        one = judged(scene, faces, time.process_time() - started)
        key = (scene.kind, scene.height_px, scene.image.size if scene.height_px else 0)
        found[key] = found[key].with_picture(one) if key in found else one
    return list(found.values())


def judged(scene: Scene, faces: list[Face], processor_s: float = 0.0) -> Tally:
    """Return what was found in one picture."""
    found = wrong = false = 0
    for face in faces:
        near = [points for points in scene.landmarks_xy_px if same_face(face, _boxed(points))]
        found += any(_in_place(face, points) for points in near)
        wrong += bool(near) and not any(_in_place(face, points) for points in near)
        false += not near
    count = len(scene.landmarks_xy_px)
    pixels = scene.image.shape[0] * scene.image.shape[1]
    return Tally(
        scene.kind, scene.height_px, pixels / 1e6, 1, count, found, wrong, false, processor_s
    )


def tally_text(tallies: Iterable[Tally]) -> str:
    """Return tallies as text, a line each."""
    head = ("kind", "px high", "MP", "pictures", "faces", "found", "wrong", "false", "s, most")
    rows = [
        (
            each.kind, each.height_px or "", f"{each.megapixels:.1f}", each.pictures, each.faces,
            each.found, each.wrong, each.false, f"{each.processor_s:.2f}",
        )
        for each in tallies
    ]  # fmt: skip
    return "\n".join(
        f"{kind:14}" + "".join(f"{cell:>9}" for cell in cells) for kind, *cells in (head, *rows)
    )


def _boxed(points: NDArray[np.float32]) -> Face:
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Face((left, top, right, bottom), points, 1.0)


def _in_place(face: Face, points: NDArray[np.float32]) -> bool:
    if face.landmarks_xy_px is None:
        return True
    expected = anchor_points(points)
    eyes_px = float(np.linalg.norm(expected[1] - expected[0]))
    apart = np.linalg.norm(anchor_points(face.landmarks_xy_px) - expected, axis=1).max()
    return bool(apart < WITHIN * eyes_px)
