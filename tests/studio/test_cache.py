"""A cache stays below its limit, makes each value once, and lets go what isn't used."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from ferstudio.errors import UsageError
from ferstudio.studio.cache import LimitedCache, module_bytes, result_bytes

SHORT_S = 0.15


def cache_of(limit: int, keep_s: float | None = None) -> LimitedCache[str, str]:
    """Return a cache of words, each as large as it has letters."""
    return LimitedCache(limit, len, keep_s=keep_s)


def wait_for(cache: LimitedCache[str, str], kept: list[str]) -> None:
    """Fail unless the cache comes down to some keys within five seconds."""
    end = time.monotonic() + 5
    while cache.kept() != kept:
        assert time.monotonic() < end, cache.kept()
        time.sleep(0.01)


def test_the_least_recently_used_goes_first_and_the_limit_holds() -> None:
    cache = cache_of(6)
    for word in ("aaa", "bbb"):
        cache.get(word, lambda word=word: word)  # type: ignore[misc]
    cache.get("aaa", lambda: pytest.fail("it is kept"))
    cache.get("cc", lambda: "cc")
    assert cache.kept() == ["aaa", "cc"]
    assert cache.size == 5
    cache.put("dddd", "dddd")
    assert cache.kept() == ["cc", "dddd"]
    assert cache.size == 6


def test_what_is_larger_than_the_limit_is_handed_over_and_pushes_nothing_out() -> None:
    cache = cache_of(3)
    cache.put("a", "a")
    assert cache.get("long", lambda: "longer") == "longer"
    assert cache.kept() == ["a"]
    assert cache.peek("long") is None


def test_looking_counts_as_use_and_another_value_takes_the_place() -> None:
    cache = cache_of(2)
    cache.put("a", "a")
    cache.put("b", "b")
    assert cache.peek("a") == "a"
    cache.put("c", "c")
    assert cache.kept() == ["a", "c"]
    cache.put("a", "A")
    assert cache.peek("a") == "A"
    assert cache.size == 2


def test_what_fails_is_tried_again_and_takes_no_place() -> None:
    cache = cache_of(9)

    def fail() -> str:
        raise ValueError("not now")

    with pytest.raises(ValueError, match="not now"):
        cache.get("a", fail)
    assert cache.kept() == []
    assert cache.get("a", lambda: "a") == "a"


def test_eight_threads_make_one_value() -> None:
    cache, made, start = cache_of(9), list[str](), threading.Barrier(8)

    def make() -> str:
        made.append("a")
        time.sleep(0.02)
        return "a"

    def ask(_: int) -> str:
        start.wait()
        return cache.get("a", make)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == ["a"] * 8
    assert made == ["a"]


def test_two_values_are_made_at_the_same_time_and_nobody_else_waits() -> None:
    cache, both = cache_of(9), threading.Barrier(3, timeout=5)
    cache.put("known", "known")

    def make() -> str:
        both.wait()  # breaks unless the other is being made and the known one was read meanwhile
        return "x"

    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(cache.get, key, make) for key in ("a", "b")]
        assert cache.peek("known") == "known"
        assert cache.get("known", lambda: pytest.fail("it is kept")) == "known"
        both.wait()
        assert [each.result() for each in asked] == ["x", "x"]


def test_what_is_dropped_while_it_is_made_isnt_kept() -> None:
    cache = cache_of(9)

    def make() -> str:
        cache.drop(lambda key: key == "a")
        return "a"

    assert cache.get("a", make) == "a"
    assert cache.kept() == []
    assert cache.size == 0


def test_values_go_by_themselves_after_their_last_use() -> None:
    cache = cache_of(9, keep_s=SHORT_S)
    cache.put("a", "a")
    cache.put("b", "b")
    for _ in range(4):  # longer together than a value is kept
        time.sleep(SHORT_S / 2)
        assert cache.peek("b") == "b"
    assert cache.kept() == ["b"]
    wait_for(cache, [])
    cache.put("c", "c")
    wait_for(cache, [])


def test_no_room_is_refused() -> None:
    with pytest.raises(UsageError, match="room for something, not 0"):
        cache_of(0)


@dataclass(frozen=True)
class Result:
    """Something with arrays at several depths."""

    image: NDArray[np.uint8]
    parts: tuple[NDArray[np.float32], ...]
    by_name: MappingProxyType[str, NDArray[np.float32]]
    words: str = "none"


def test_every_array_of_a_result_is_counted_once() -> None:
    image, part = np.zeros((4, 4, 3), np.uint8), np.zeros(10, np.float32)
    result = Result(
        image, (part, part, part[2:5]), MappingProxyType({"a": np.zeros(5, np.float32)})
    )
    assert result_bytes(result) == 48 + 40 + 20
    assert result_bytes([result, result]) == result_bytes(result)
    assert result_bytes(torch.zeros(3, 4)[:2].numpy()) >= 32
    assert result_bytes("words") == 0


def test_shared_weights_are_counted_once() -> None:
    one, other = nn.Linear(3, 4), nn.Linear(3, 4)
    other.weight = one.weight
    assert module_bytes(nn.Sequential(one, other)) == 4 * (12 + 4 + 4)
    assert module_bytes(nn.BatchNorm2d(5)) == 4 * (5 * 4) + 8
