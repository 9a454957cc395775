"""Made pictures with sample faces at known places, and made pictures without anybody in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.samples import list_samples, read_sample, sample_landmarks
from training.data.backdrops import draw_backdrop

UPRIGHT_PX = (40, 64, 107, 160, 400)
"""Heights of upright faces, from forehead to chin, in large pictures."""

LARGE_PX = (4000, 3000)
"""Width and height of a picture of 12 megapixels."""

SMALL_PX = (640, 480)

_FOREHEAD, _CHIN = 10, 152
_OCTAVES = 6  # of the texture, each with cells half as large as the one before
_TEXTURE_LEVELS = 40.0  # largest standard deviation of an octave


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A made picture and the faces in it.

    Attributes:
        kind: what is asked of it: "upright", "turned by 90", ..., "nobody".
        height_px: of its faces, from forehead to chin; 0 without any.
        image: (H, W, 3) uint8 RGB.
        landmarks_xy_px: (478, 2) float32 mesh points of each face in pixels of the picture.
    """

    kind: str
    height_px: int
    image: NDArray[np.uint8]
    landmarks_xy_px: tuple[NDArray[np.float32], ...]


def scenes(count: int, seed: int = 0) -> Iterator[Scene]:
    """Yield `count` pictures of each kind and size, the same ones for the same seed."""
    rng = np.random.default_rng(seed)
    for height_px in UPRIGHT_PX:
        for _ in range(count):
            yield _scene("upright", height_px, textured(*LARGE_PX, rng), rng)
    for quarters in (0, 1, 2, 3):
        kind = f"turned by {90 * quarters}" if quarters else "upright"
        for _ in range(count):
            upright = _scene(kind, 200, textured(*SMALL_PX, rng), rng)
            yield turned(upright, quarters)
    for number in range(count):
        yield Scene("nobody", 0, textured(*(LARGE_PX if number % 4 == 0 else SMALL_PX), rng), ())


def paste_sample(
    picture: NDArray[np.uint8], emotion: str, left: int, top: int, side_px: int
) -> NDArray[np.float32]:
    """Paste a sample's face, in an oval, into a picture; return its (478, 2) landmarks there."""
    sample = read_sample(emotion)
    method = cv2.INTER_AREA if side_px < len(sample) else cv2.INTER_CUBIC
    face = cv2.resize(sample, (side_px, side_px), interpolation=method)
    oval = np.zeros((side_px, side_px), np.float32)
    centre, axes = (side_px // 2, side_px // 2), (int(0.44 * side_px), int(0.49 * side_px))
    cv2.ellipse(oval, centre, axes, 0, 0, 360, (1.0,), cv2.FILLED)
    opacity = cv2.GaussianBlur(oval, (0, 0), 0.02 * side_px)[:, :, None]
    part = picture[top : top + side_px, left : left + side_px]
    part[:] = (part * (1 - opacity) + face * opacity).astype(np.uint8)
    scale = np.float32(side_px / len(sample))
    return sample_landmarks(emotion) * scale + np.array([left, top], np.float32)


def textured(width_px: int, height_px: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 RGB: a backdrop with texture at all sizes, and nobody."""
    picture = draw_backdrop(width_px, height_px, rng)
    relief = np.zeros((height_px, width_px), np.float32)
    levels = rng.uniform(0, _TEXTURE_LEVELS)
    for octave in range(_OCTAVES):
        cells = 2 ** (octave + 3)
        noise = rng.standard_normal((cells, cells), np.float32) * np.float32(levels / (octave + 1))
        relief += cv2.resize(noise, (width_px, height_px), interpolation=cv2.INTER_CUBIC)
    return (picture + relief[:, :, None]).clip(0, 255).astype(np.uint8)


def turned(scene: Scene, quarters: int) -> Scene:
    """Return a scene turned counterclockwise by quarters, as `np.rot90` does."""
    points: Sequence[NDArray[np.float32]] = scene.landmarks_xy_px
    width = scene.image.shape[1]
    for _ in range(quarters):
        points = [np.stack([each[:, 1], width - each[:, 0]], axis=1) for each in points]
        width = scene.image.shape[0] + scene.image.shape[1] - width
    image = np.ascontiguousarray(np.rot90(scene.image, quarters))
    return Scene(scene.kind, scene.height_px, image, tuple(points))


def _scene(
    kind: str, height_px: int, picture: NDArray[np.uint8], rng: np.random.Generator
) -> Scene:
    """Return a picture with one face at a random place."""
    emotion = str(rng.choice([sample.emotion for sample in list_samples()]))
    points = sample_landmarks(emotion)
    own_px = float(np.linalg.norm(points[_CHIN] - points[_FOREHEAD]))
    side_px = round(height_px / own_px * len(read_sample(emotion)))
    height, width = picture.shape[:2]
    left, top = rng.integers(0, width - side_px), rng.integers(0, height - side_px)
    landmarks = paste_sample(picture, emotion, int(left), int(top), side_px)
    return Scene(kind, height_px, picture, (landmarks,))
