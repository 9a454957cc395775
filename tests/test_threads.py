"""Half of the threads, for one thread alone, and only for a while."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from ferstudio.threads import half_of_the_threads


@pytest.fixture
def four_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("four_threads")
def test_networks_have_half_of_the_threads_until_the_end() -> None:
    with half_of_the_threads():
        assert torch.get_num_threads() == 2
        with half_of_the_threads():
            assert torch.get_num_threads() == 1
            with half_of_the_threads():
                assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    assert torch.get_num_threads() == 4


@pytest.mark.usefixtures("four_threads")
def test_other_threads_keep_theirs_even_such_as_begin_meanwhile() -> None:
    with half_of_the_threads(), ThreadPoolExecutor(1) as other:
        assert other.submit(torch.get_num_threads).result() == 4
    with ThreadPoolExecutor(1) as other:
        assert other.submit(_halved).result() == 2
        assert other.submit(torch.get_num_threads).result() == 4


@pytest.mark.usefixtures("four_threads")
def test_threads_come_back_after_an_error() -> None:
    with pytest.raises(ValueError, match="broken"), half_of_the_threads():
        raise ValueError("broken")
    assert torch.get_num_threads() == 4


def _halved() -> int:
    with half_of_the_threads():
        return torch.get_num_threads()
