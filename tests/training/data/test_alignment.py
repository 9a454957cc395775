"""Aligned faces have eyes and mouth where the studio has them."""

import numpy as np
import torch

from ferstudio.preprocess import FRAMING_XY, sample_faces
from ferstudio.regions import anchor_points
from training.data.alignment import aligned_landmarks, alignment_maps
from training.data.table import FaceTable


def test_alignment_brings_eyes_and_mouth_to_the_framing(table: FaceTable) -> None:
    maps = alignment_maps(table)
    for row in np.flatnonzero(table.found())[:5]:
        landmarks = table.landmarks(int(row))
        assert landmarks is not None
        source = FRAMING_XY @ maps[row][:, :2].T + maps[row][:, 2]
        np.testing.assert_allclose(source, anchor_points(landmarks) / 48, atol=0.03)


def test_faces_without_landmarks_keep_their_frame(table: FaceTable) -> None:
    lost = table.select(~table.found())
    maps = torch.from_numpy(alignment_maps(lost))
    faces = torch.from_numpy(lost.images).unsqueeze(1).float()
    torch.testing.assert_close(sample_faces(faces, maps, 48), faces, atol=1e-2, rtol=0)


def test_faces_without_landmarks_have_none(table: FaceTable) -> None:
    assert aligned_landmarks(table, 0, 64) is None
    found = aligned_landmarks(table, 1, 64)
    assert found is not None and found.shape == (478, 2)
