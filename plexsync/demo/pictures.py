"""Pictures for the simulations: small, of one colour, and real."""

from __future__ import annotations

import struct
import zlib

#: Pixels of the pictures made here, wide and high.
SIZE = (16, 9)


def png(red: int, green: int, blue: int) -> bytes:
    """A PNG of ``SIZE``, all of it in one colour.

    :param red: 0 to 255, as the other two.
    """
    width, height = SIZE
    # PNG, sections 5 and 11.2: each row starts with its filter (0: none); 8 bits a channel, colour type 2 (RGB).
    rows = (b"\0" + bytes((red, green, blue)) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
