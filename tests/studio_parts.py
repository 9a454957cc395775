"""What studio and shell need in tests: small weights, a picture and a detector that needs none."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load
from torch import Tensor

from ferstudio.models.card import WeightsCard, read_card, write_card
from ferstudio.regions import mean_face
from ferstudio.types import Face
from tests.networks import card, network, write_weights

MEASURED = {
    "labels": "ferplus",
    "protocol": "unique majority",
    "split": "valid",
    "occlude": "none",
    "amount": 0.0,
    "n": 3137,
    "accuracy": 0.8371,
    "ci95": [0.8238, 0.8496],
}


def write_network(parent: Path, model: str, tag: str = "test") -> WeightsCard:
    """Write seeded, untrained weights as `parent/model.tag` and return their card."""
    module = network(model)
    params = sum(parameter.numel() for parameter in module.parameters())
    measured = replace(card(model, tag=tag, params=params), metrics=(MEASURED,))
    return write_weights(parent, measured, module.state_dict())


def stored_tensors(folder: Path) -> dict[str, Tensor]:
    """Return all tensors of a weights folder as they are stored, int8 and scales apart."""
    files = read_card(folder).files
    return {
        name: each for file in files for name, each in load((folder / file).read_bytes()).items()
    }


def write_ensemble(parent: Path, shelf: Path) -> Path:
    """Link the networks of `shelf` into `parent`, join them to `ensemble.test` there; return it."""
    members = sorted(folder.name for folder in shelf.iterdir())
    for name in members:
        (parent / name).symlink_to(shelf / name)
    folder = parent / "ensemble.test"
    folder.mkdir()
    joined = replace(card("ensemble"), files=(), sha256=(), members=tuple(members))
    write_card(folder, joined)
    return folder


def picture(seed: int = 0, height: int = 120, width: int = 160) -> NDArray[np.uint8]:
    """Return a smooth random (H, W, 3) uint8 RGB picture."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def write_picture(file: Path, seed: int = 0) -> Path:
    """Write `picture(seed)` and return the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(file), picture(seed)[:, :, ::-1])
    return file


class FakeDetector:
    """Finds so many average faces, each smaller than the one before, in every picture."""

    name = "fake"
    gives_landmarks = True

    def __init__(self, faces: int = 1) -> None:
        self.faces = faces

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        sides = [min(image.shape[:2]) / (number + 1) for number in range(self.faces)]
        return [_average_face(side_px) for side_px in sides]


def _average_face(side_px: float) -> Face:
    return Face((0.0, 0.0, side_px, side_px), mean_face() * np.float32(side_px), 1.0)
