"""Pictures from student code: PNG only, taken apart and put together again from the parts that draw.

A PNG is a signature and a row of chunks (length, type, data, checksum). What is kept are the chunks that a decoder
needs for one still picture; text, colour profiles, animation and whatever follows the end are dropped. Size in bytes
and in pixels is capped: a few kilobytes can unfold to gigabytes in the browser of whoever opens the page.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass

MAX_BYTES = 2 * 2**20
MAX_PIXELS = 16 * 10**6
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"sRGB", b"gAMA", b"pHYs", b"IDAT", b"IEND"})


@dataclass(frozen=True, slots=True)
class Picture:
    """A checked PNG as a `data:` URI, with its size in pixels."""

    uri: str
    width: int
    height: int


def picture(encoded: object) -> Picture | None:
    """The picture behind the base64 text of an `image/png` output; None if it is not a PNG or is too large."""
    if not isinstance(encoded, str) or len(encoded) > MAX_BYTES * 3 // 2:
        return None
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(data) > MAX_BYTES or not data.startswith(_SIGNATURE):
        return None
    chunks = _chunks(data)
    if chunks is None:
        return None
    width, height = int.from_bytes(chunks[0][8:12], "big"), int.from_bytes(chunks[0][12:16], "big")
    if not 0 < width * height <= MAX_PIXELS:
        return None
    clean = _SIGNATURE + b"".join(chunk for chunk in chunks if chunk[4:8] in _KEPT)
    return Picture(f"data:image/png;base64,{base64.b64encode(clean).decode('ascii')}", width, height)


def _chunks(data: bytes) -> list[bytes] | None:
    """All chunks, from a header of the right length to the end mark; None if anything does not add up."""
    chunks: list[bytes] = []
    at = len(_SIGNATURE)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunk = data[at : at + 12 + length]
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            return None
        chunks.append(chunk)
        at += len(chunk)
        if chunk[4:8] == b"IEND":
            well_formed = chunks[0][4:8] == b"IHDR" and len(chunks[0]) == 25
            return chunks if well_formed else None
    return None
