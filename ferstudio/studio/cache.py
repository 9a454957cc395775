"""Values kept in memory up to a limit: shared by all threads, each made once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Generic, TypeVar

import numpy as np
from torch import nn

from ferstudio.errors import UsageError
from ferstudio.models.black_box import BlackBox
from ferstudio.pauses import TurnLock

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(slots=True, eq=False)
class _Slot(Generic[Value]):
    """The place of one value; its lock is held while that value is being made."""

    lock: TurnLock = field(default_factory=TurnLock)
    made: tuple[Value] | None = None
    failed: bool = False
    size: int = 0
    used_s: float = 0.0


class LimitedCache(Generic[Key, Value]):
    """Values by key, up to a limit of all together; the least recently used one goes first.

    Whoever asks for a value that is being made waits for that one making; values of different keys
    are made at the same time. What can't be made is tried again by the next who asks. A value
    larger than the whole limit is handed over and not kept.
    """

    def __init__(
        self,
        limit: int,
        size_of: Callable[[Value], int],
        *,
        keep_s: float | None = None,
    ) -> None:
        """Begin without any.

        Args:
            limit: of the sizes of all values together.
            size_of: says how large a value is, in bytes say; called once for each.
            keep_s: seconds after its last use at which a value goes, whether or not anybody asks
                for another; None keeps it until its place is needed.

        Raises:
            UsageError: if nothing could be kept.
        """
        if limit < 1:
            raise UsageError(f"A cache needs room for something, not {limit}.")
        self._limit = limit
        self._size_of = size_of
        self._keep_s = keep_s
        self._lock = threading.Lock()
        self._slots: OrderedDict[Key, _Slot[Value]] = OrderedDict()
        self._timer: threading.Timer | None = None

    @property
    def size(self) -> int:
        """Of all kept values together."""
        with self._lock:
            return sum(slot.size for slot in self._slots.values())

    def kept(self) -> list[Key]:
        """Return the keys of what is kept, the least recently used first."""
        with self._lock:
            return [key for key, slot in self._slots.items() if slot.made is not None]

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of `key`, made by `make` where it isn't kept.

        `make` may ask for other keys, never for its own.
        """
        while True:
            with self._lock:
                slot = self._slots.setdefault(key, _Slot())
                self._touch(key, slot)
            with slot.lock:
                if slot.failed:
                    continue
                if slot.made is None:
                    try:
                        value = make()
                    except BaseException:
                        slot.failed = True
                        self._remove(key, slot)
                        raise
                    slot.made = (value,)
                    self._admit(key, slot, value)
                return slot.made[0]

    def peek(self, key: Key) -> Value | None:
        """Return the value of `key`, None where it isn't kept; that counts as use."""
        with self._lock:
            slot = self._slots.get(key)
            if slot is None or slot.made is None:
                return None
            self._touch(key, slot)
            return slot.made[0]

    def put(self, key: Key, value: Value) -> None:
        """Keep a value that was made elsewhere, in the place of what was there."""
        slot: _Slot[Value] = _Slot(made=(value,))
        with self._lock:
            self._slots[key] = slot
            self._touch(key, slot)
        self._admit(key, slot, value)

    def values(self, which: Callable[[Key], bool]) -> list[Value]:
        """Return the kept values of all keys of which `which` is true; that is no use of them."""
        with self._lock:
            made = [slot.made for key, slot in self._slots.items() if which(key)]
        return [each[0] for each in made if each is not None]

    def drop(self, which: Callable[[Key], bool]) -> None:
        """Forget the values of all keys of which `which` is true, and those that are being made."""
        with self._lock:
            for key in [key for key in self._slots if which(key)]:
                del self._slots[key]

    def _touch(self, key: Key, slot: _Slot[Value]) -> None:
        slot.used_s = time.monotonic()
        self._slots.move_to_end(key)

    def _remove(self, key: Key, slot: _Slot[Value]) -> None:
        with self._lock:
            if self._slots.get(key) is slot:
                del self._slots[key]

    def _admit(self, key: Key, slot: _Slot[Value], value: Value) -> None:
        """Count a value that was made, unless its key was dropped meanwhile; make room for it."""
        size = self._size_of(value)
        with self._lock:
            if self._slots.get(key) is not slot:
                return
            slot.size = size
            if size > self._limit:
                del self._slots[key]
                return
            self._touch(key, slot)
            taken = sum(each.size for each in self._slots.values())
            for other in [other for other in self._slots if other != key]:
                if taken <= self._limit:
                    break
                if self._slots[other].made is not None:
                    taken -= self._slots.pop(other).size
            self._wake_up_later()

    def _wake_up_later(self) -> None:
        """Have the values looked through when the first of them is due; called under the lock."""
        if self._keep_s is None or self._timer is not None or not self._slots:
            return
        first_s = min(slot.used_s for slot in self._slots.values())
        wait_s = max(0.0, first_s + self._keep_s - time.monotonic())
        self._timer = threading.Timer(wait_s, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def _expire(self) -> None:
        """Let go what wasn't used for too long."""
        with self._lock:
            self._timer = None
            last_s = time.monotonic() - (self._keep_s or 0.0)
            for key, slot in list(self._slots.items()):
                if slot.made is not None and slot.used_s <= last_s:
                    del self._slots[key]
            self._wake_up_later()


def module_bytes(module: nn.Module) -> int:
    """Return the bytes of a network's parameters and buffers, shared ones counted once.

    Of a black box they are those of its file.
    """
    if isinstance(module, BlackBox):
        return module.stored_bytes
    tensors = [*module.parameters(), *module.buffers()]
    storages = {each.untyped_storage().data_ptr(): each.untyped_storage() for each in tensors}
    return sum(storage.nbytes() for storage in storages.values())


def result_bytes(value: object) -> int:
    """Return the bytes of all arrays in a result, at any depth, each counted once."""
    arrays: dict[int, int] = {}
    _collect(value, arrays)
    return sum(arrays.values())


def _collect(value: object, arrays: dict[int, int]) -> None:
    if isinstance(value, np.ndarray):
        whole = value if value.base is None else value.base
        arrays[id(whole)] = getattr(whole, "nbytes", value.nbytes)
    elif isinstance(value, Mapping):
        for each in value.values():
            _collect(each, arrays)
    elif isinstance(value, (list, tuple)):
        for each in value:
            _collect(each, arrays)
    elif is_dataclass(value):
        for each in fields(value):
            _collect(getattr(value, each.name), arrays)
