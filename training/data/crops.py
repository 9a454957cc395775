"""Faces of a prepared cache as the studio's crops."""

import numpy as np
import torch

from ferstudio.preprocess import sample_faces
from ferstudio.types import FaceCrop, InputSpec
from training.data.alignment import aligned_landmarks, alignment_maps
from training.data.table import FaceTable


def face_crops(table: FaceTable, spec: InputSpec) -> list[FaceCrop]:
    """Return the aligned faces of a table as the studio's crops, as large as `spec` can use."""
    size_px = min(spec.size, spec.detail_px or spec.size)
    maps = torch.from_numpy(alignment_maps(table, margin_ratio=spec.margin_ratio))
    faces = torch.from_numpy(table.planes).float() / 255
    pixels = (sample_faces(faces, maps, size_px) * 255).round().clamp(0, 255).byte()
    images = pixels.expand(-1, 3, -1, -1).permute(0, 2, 3, 1).contiguous().numpy()  # (N, S, S, 3)
    return [
        FaceCrop(image, aligned_landmarks(table, row, size_px, spec.margin_ratio), np.eye(2, 3))
        for row, image in enumerate(images)
    ]
