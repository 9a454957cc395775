"""Whole results that the studio found lately: shared by all visitors, gone soon after their use."""

import hashlib
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from numpy.typing import NDArray

from ferstudio.occlusion.painted import Layer
from ferstudio.studio.cache import LimitedCache, result_bytes
from ferstudio.studio.selection import Cover
from ferstudio.types import FaceCrop

RESULT_BYTES = 128 * 2**20
"""Of all results together; a comparison of five models takes about 2 MB."""

KEEP_S = 300.0
"""Seconds after its last use at which a result goes: it may be of a visitor's own picture."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ResultKey:
    """What a result answers, by value: it holds no picture.

    Attributes:
        face: digest of the crop that was asked about (see `face_digest`).
        kind: which of the studio's answers it is.
        about: everything else that the answer depends on.
    """

    face: bytes
    kind: str
    about: tuple[Hashable, ...] = ()


class ResultMemory:
    """Results by their keys, up to a number of bytes."""

    def __init__(self, limit_bytes: int = RESULT_BYTES, keep_s: float = KEEP_S) -> None:
        """Begin without any.

        Raises:
            UsageError: if nothing could be kept.
        """
        self._kept: LimitedCache[ResultKey, Any] = LimitedCache(
            limit_bytes, result_bytes, keep_s=keep_s
        )

    @property
    def size_bytes(self) -> int:
        """Of the arrays in all kept results."""
        return self._kept.size

    def once(self, key: ResultKey, make: Callable[[], Result]) -> Result:
        """Return the result of a key, made where it isn't kept."""
        answer: Result = self._kept.get(key, make)
        return answer

    def peek(self, key: ResultKey) -> Any | None:
        """Return the kept result of a key; None where there is none."""
        return self._kept.peek(key)

    def put(self, key: ResultKey, result: object) -> None:
        """Keep a result that was found."""
        self._kept.put(key, result)

    def known(self, crop: FaceCrop, kind: str) -> list[Any]:
        """Return the kept answers of one kind about a face."""
        face = face_digest(crop)
        return self._kept.values(lambda asked: (asked.face, asked.kind) == (face, kind))

    def forget(self, crop: FaceCrop) -> None:
        """Drop all answers about a face, also those that are being found."""
        face = face_digest(crop)
        self._kept.drop(lambda key: key.face == face)


def face_digest(crop: FaceCrop) -> bytes:
    """Return 16 bytes that tell a crop's pixels, landmarks and place from all others."""
    digest = _digest(crop.image)
    if crop.landmarks_xy_px is not None:
        digest.update(crop.landmarks_xy_px.tobytes())
    digest.update(crop.to_source.tobytes())
    return digest.digest()


def cover_value(cover: Cover) -> tuple[Hashable, ...]:
    """Return all that a cover says, its own layer by content; others' layers don't count."""
    own = (layer for layer in cover.layers if layer.name == cover.name)
    return (cover.name, cover.amount, cover.seed, layers_value(own))


def layers_value(layers: Iterable[Layer]) -> tuple[Hashable, ...]:
    """Return layers by their names and contents."""
    return tuple((each.name, each.pixels.shape, _digest(each.pixels).digest()) for each in layers)


def _digest(array: NDArray[Any]) -> "hashlib.blake2b":
    return hashlib.blake2b(array.tobytes(), digest_size=16)
