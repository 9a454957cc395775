"""Work on many items, shared out to processes."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ferstudio.interruptions import deaf_to_interruptions, left_tidy

Item = TypeVar("Item")
Made = TypeVar("Made")


@contextmanager
def shared_out(
    work: Callable[[Item], Made], items: Iterable[Item], workers: int, *, chunk: int
) -> Iterator[Iterable[Made]]:
    """Give what `work` makes of each item, in order.

    Args:
        work: a function of a module, which other processes can import.
        items: what it is given.
        workers: how many processes; 0 for this one alone.
        chunk: so many items are handed over together.
    """
    if not workers:
        yield map(work, items)
        return
    with left_tidy():
        with deaf_to_interruptions():
            pool = multiprocessing.get_context("spawn").Pool(workers)
        with pool:
            yield pool.imap(work, items, chunksize=chunk)
