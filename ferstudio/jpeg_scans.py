"""How a JPEG is laid out in its file, which decides what its decoder has to remember."""

from typing import BinaryIO

_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_START_OF_SCAN, _END = 0xDA, 0xD9
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a length


def stays_whole_in_memory(stream: BinaryIO) -> bool:
    """Return whether a JPEG's decoder holds all of its coefficients, six bytes a pixel, at once.

    It does where a picture comes in several scans: a progressive one, or one whose colours lie one
    after the other. The stream stands where it stood, afterwards.
    """
    place = stream.tell()
    try:
        stream.seek(2)
        return _in_several_scans(stream)
    finally:
        stream.seek(place)


def _in_several_scans(stream: BinaryIO) -> bool:
    components = 0
    while head := stream.read(2):
        if len(head) < 2 or head[0] != 0xFF or head[1] == _END:
            break
        marker = head[1]
        if marker == 0xFF:  # a filling byte
            stream.seek(-1, 1)
            continue
        if marker in _BARE:
            continue
        length = int.from_bytes(stream.read(2), "big")
        if marker == _START_OF_SCAN:
            return stream.read(1)[:1] < bytes([components])
        if marker in _PROGRESSIVE:
            return True
        if marker in _START_OF_FRAME:
            components = (stream.read(6) or b"\0")[-1]
            length -= 6
        stream.seek(max(0, length - 2), 1)
    return True  # nothing that is known: taken for the worse
