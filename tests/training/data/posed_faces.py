"""Faces whose heads are turned by known angles."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ferstudio.regions import COMPACT
from tests.training.conftest import make_table
from training.data.head_pose import RIGID, load_face_model
from training.data.table import FaceTable

Array = NDArray[np.float64]


def turned(model: Array, yaw: float, pitch: float, roll: float) -> Array:
    """Return the model, nose to the picture's right by yaw, up by pitch, then rolled."""
    y, p, r = np.radians([-yaw, -pitch, roll])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return model @ (about_z @ about_y @ about_x).T


def as_compact(points: Array) -> Array:
    """Return (N, K, 2) mesh points of which only the rigid ones are set, to (N, P, 2)."""
    full = np.zeros((len(points), len(COMPACT), 2))
    full[:, [COMPACT.index(point) for point in RIGID]] = points
    return full


def pictures(model: Array, angles: Array, seed: int, noise_px: float) -> Array:
    """Return (N, K, 2) pictures of faces with the given yaw and pitch, otherwise random."""
    rng = np.random.default_rng(seed)
    seen = []
    for yaw, pitch in angles:
        solid = turned(model, yaw, pitch, rng.uniform(-40, 40))
        seen.append(rng.uniform(12, 30) * solid[:, :2] + rng.uniform(15, 33, 2))
    return as_compact(np.array(seen) + rng.normal(0, noise_px, (len(angles), len(RIGID), 2)))


def posed_table(angles: Array) -> FaceTable:
    landmarks = pictures(load_face_model(), angles, seed=0, noise_px=0)
    return replace(make_table(len(angles)), landmarks_xy_px=landmarks.astype(np.float32))
