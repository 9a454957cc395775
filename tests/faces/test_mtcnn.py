from importlib import resources

import numpy as np
import pytest

from ferstudio.faces.mtcnn import JUDGED_PX, WEIGHTS_FILE, Mtcnn
from ferstudio.faces.pyramid import Pyramid
from ferstudio.faces.samples import list_samples, read_sample
from ferstudio.preprocess import FRAMING_XY
from ferstudio.regions import anchor_points
from tests.faces.scenes import backdrop
from training.data.scenes import paste_sample


@pytest.fixture(scope="module")
def mtcnn() -> Mtcnn:
    return Mtcnn()


def aligned_samples() -> np.ndarray:
    return np.concatenate(
        [
            Pyramid(read_sample(sample.emotion)).squares(
                np.array([[0, 0, 256, 256]], np.float32), JUDGED_PX
            )
            for sample in list_samples()
        ]
    )


def test_the_weights_come_with_their_licence() -> None:
    folder = resources.files("ferstudio.faces")
    assert folder.joinpath(WEIGHTS_FILE).is_file()
    assert "MIT License" in folder.joinpath("MTCNN_LICENSE").read_text("utf-8")


def test_aligned_faces_are_faces_with_their_anchors_in_the_framing(mtcnn: Mtcnn) -> None:
    logits, anchors = mtcnn.judge(aligned_samples())
    assert logits.shape == (8,)
    assert (logits > 3).all()
    np.testing.assert_allclose(anchors, np.broadcast_to(FRAMING_XY, (8, 3, 2)), atol=0.08)


def test_faces_upside_down_and_empty_squares_are_less_likely(mtcnn: Mtcnn) -> None:
    upright, _ = mtcnn.judge(aligned_samples())
    turned, _ = mtcnn.judge(np.ascontiguousarray(aligned_samples()[:, ::-1]))
    assert (turned < upright).all()
    empty, _ = mtcnn.judge(np.full((1, JUDGED_PX, JUDGED_PX, 3), 128, np.uint8))
    assert empty[0] < 0


@pytest.mark.parametrize("side_px", [60, 120, 400])
def test_a_face_is_proposed_where_it_is(mtcnn: Mtcnn, side_px: int) -> None:
    picture = backdrop(600, 800)
    landmarks = paste_sample(picture, "happiness", 300, 150, side_px)
    first = mtcnn.propose(Pyramid(picture), 32)[0]
    expected = anchor_points(landmarks)
    eyes_px = np.linalg.norm(expected[1] - expected[0])
    assert np.linalg.norm(first.anchors_xy_px - expected, axis=1).max() < 0.25 * eyes_px
    assert 0.7 < first.score <= 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (400, 300)])
def test_nothing_is_proposed_where_nothing_is(mtcnn: Mtcnn, shape: tuple[int, int]) -> None:
    assert mtcnn.propose(Pyramid(np.full((*shape, 3), 128, np.uint8)), 24) == []
