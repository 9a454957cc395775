"""Files that are only what others begin with: heads without pixels, pointers without tensors."""

import struct
import zlib


def png_of_size(width: int, height: int) -> bytes:
    """Return the head of a PNG of a size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + body


def lfs_pointer() -> bytes:
    """Return what Git leaves in place of a large file that nobody fetched."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n".encode()


def jpeg_of_size(width: int, height: int, *, frame: int = 0xC0, scan: int = 3) -> bytes:
    """Return the head of a JPEG of a size.

    Args:
        width: in pixels.
        height: in pixels.
        frame: low byte of the marker of its frame: 0xC0 is baseline, 0xC2 progressive.
        scan: how many of its three colours are in its first scan.
    """
    colours = b"".join(bytes((number, 0x11, 0)) for number in (1, 2, 3))
    framed = struct.pack(">BBHBHHB", 0xFF, frame, 17, 8, height, width, 3) + colours
    scanned = b"".join(bytes((number, 0)) for number in (1, 2, 3)[:scan])
    start = struct.pack(">BBHB", 0xFF, 0xDA, 6 + 2 * scan, scan) + scanned + bytes((0, 63, 0))
    comment = b"\xff\xfe\x00\x04hi"
    return b"\xff\xd8" + comment + framed + start + b"\xff\xd9"
