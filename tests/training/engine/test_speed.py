import time

import pytest
import torch

from ferstudio.models.counts import count_network
from training.engine.speed import matrix_peak, speed_text, step_operations

CPU = torch.device("cpu")


def test_the_peak_is_what_products_reach() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    start = time.perf_counter()
    peak = matrix_peak(CPU, seconds=0.1)
    assert 0.1 <= time.perf_counter() - start < 20
    assert torch.equal(torch.get_rng_state(), before)  # a training's chances stay what they were
    left, right = torch.randn(512, 512), torch.randn(512, 512)
    start = time.perf_counter()
    for _ in range(5):
        torch.matmul(left, right)
    float32 = 5 * 2 * 512**3 / (time.perf_counter() - start)
    assert peak > 0.1 * float32
    start = time.perf_counter()
    assert matrix_peak(CPU, seconds=0.1) == peak  # measured once
    assert time.perf_counter() - start < 0.05


def test_a_step_is_three_forward_passes_of_two_operations_each() -> None:
    counted = count_network("resnet18", num_classes=7, size_px=64).multiply_adds
    assert step_operations("resnet18", num_classes=7, size_px=64) == 6 * counted
    assert counted > 100e6


@pytest.mark.parametrize(
    ("peak", "expected"),
    [
        (240e9, "170 images/s, 12 % of 240 GFLOP/s"),
        (1.446e12, "170 images/s, 12 % of 1446 GFLOP/s"),
        (790e12, "170 images/s, 12 % of 790 TFLOP/s"),
    ],
)
def test_the_speed_in_words(peak: float, expected: str) -> None:
    assert speed_text(170.3, 0.121, peak) == expected
