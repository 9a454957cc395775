import numpy as np
import pytest

from training.data.backdrops import draw_backdrop


@pytest.mark.parametrize(("width", "height"), [(300, 433), (1001, 640)])
def test_backdrops_follow_the_generator(width: int, height: int) -> None:
    seeds = (1, 1, 2)
    drawn = [draw_backdrop(width, height, np.random.default_rng(seed)) for seed in seeds]
    assert drawn[0].shape == (height, width, 3) and drawn[0].dtype == np.uint8
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


@pytest.mark.parametrize("seed", range(8))
def test_backdrops_are_soft_but_not_flat(seed: int) -> None:
    picture = draw_backdrop(640, 480, np.random.default_rng(seed)).astype(float)
    assert picture.std() > 5
    steps = np.abs(np.diff(picture, axis=1))
    assert steps.max() < 60
    assert steps.mean() < 2
