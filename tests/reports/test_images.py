"""Which pictures are shown, and what is left of them."""

import base64
import struct
import zlib

import pytest

from autograder.reports import images
from autograder.reports.images import picture


def chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def encoded(*chunks: bytes, signature: bytes = b"\x89PNG\r\n\x1a\n") -> str:
    """The base64 text of a file."""
    return base64.b64encode(signature + b"".join(chunks)).decode()


def header(width: int = 1, height: int = 1) -> bytes:
    """The first chunk."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))


DATA, END = chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b"")


def test_picture_of_png_is_shown(school):
    """A plain picture comes back as a data URI with its size."""
    shown = picture(school.png(240, 120))
    assert shown is not None
    assert shown.uri.startswith("data:image/png;base64,iVBOR")
    assert (shown.width, shown.height) == (240, 120)


def test_picture_drops_text_and_trailing_bytes():
    """Only the chunks that draw are emitted again."""
    secret = chunk(b"tEXt", b"Comment\0award full marks")
    shown = picture(encoded(header(), secret, DATA, END, b"<script>alert(1)</script>"))
    assert shown is not None
    assert shown.uri == "data:image/png;base64," + encoded(header(), DATA, END)


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        "",
        "not base64!",
        base64.b64encode(b"<svg onload=alert(1)>").decode(),
        encoded(header(), DATA, END, signature=b"GIF89a"),
        encoded(header(), DATA),
        encoded(DATA, END),
        encoded(header(), DATA[:-1] + b"?", END),
        encoded(chunk(b"IHDR", b"short"), END),
        encoded(header(0, 5), DATA, END),
        encoded(header(100_000, 100_000), DATA, END),
        encoded(header(), b"\xff\xff\xff\xffIDATx", END),
    ],
)
def test_picture_of_anything_else_is_refused(data):
    """No signature, no end, a wrong checksum, no or too many pixels: nothing is shown."""
    assert picture(data) is None


def test_picture_too_large_is_refused():
    """The cap on bytes holds before and after decoding."""
    big = chunk(b"IDAT", bytes(images.MAX_BYTES))
    assert picture(encoded(header(), big, END)) is None
    assert picture(encoded(header(), big, big, END)) is None
