"""Made-up faces to be averaged."""

import cv2
import numpy as np

from ferstudio.regions import anchor_points, mean_face
from training.data.exemplars import Exemplars
from training.data.table import FACE_PX, FaceTable

SIZE = 64


def make_exemplars(count: int, seed: int = 0) -> Exemplars:
    """Faces whose only feature in common is a dark mouth, each at its own place and size."""
    rng = np.random.default_rng(seed)
    base = mean_face() * np.float32(FACE_PX)
    images, shapes = [], []
    for _ in range(count):
        shape = (base - 24) * rng.uniform(0.9, 1.05) + 24 + rng.uniform(-2, 2, 2)
        noise = cv2.GaussianBlur(rng.normal(150, 120, (FACE_PX, FACE_PX)), (0, 0), 1.5)
        centre = np.round(anchor_points(shape)[2] * 16).astype(int)
        image = np.clip(noise, 0, 255).astype(np.uint8)
        cv2.circle(image, tuple(centre.tolist()), 64, (20,), -1, cv2.LINE_AA, 4)
        images.append(image)
        shapes.append(shape.astype(np.float32))
    votes = np.zeros((count, 10), np.uint8)
    votes[:, :2] = 7, 2
    votes[:, 9] = 1  # no face, say some
    return Exemplars(np.stack(images), np.stack(shapes), votes)


def empty_table(count: int) -> FaceTable:
    """Faces without votes and without landmarks."""
    table = FaceTable(
        images=np.zeros((count, FACE_PX, FACE_PX), np.uint8),
        truth=np.zeros(count, np.int64),
        votes=np.zeros((count, 10), np.uint8),
        names=np.array([""] * count),
        landmarks_xy_px=np.full((count, 1, 2), np.nan, np.float32),
    )
    assert not table.found().any()
    return table
