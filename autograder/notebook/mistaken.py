"""Recognises what people upload in place of a notebook, and says what to do about it."""

from __future__ import annotations

import re

_EXPORT = "In Jupyter or Colab choose File → Download as notebook (.ipynb) and submit that file"

_UNPACK = "Unpack it, and submit the notebook (.ipynb) that is in it"

_ARCHIVES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"PK\x07\x08", "a zip archive in parts"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
)
_OFFICE = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis")  # how such a zip archive begins
_TAR = (257, b"ustar")  # where a tar archive says that it is one
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x93NUMPY", "a NumPy array"),
)
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_HTML = re.compile(rb"\s{0,64}<(?:!doctype html|html|head|body|!--)", re.IGNORECASE)
_XML = re.compile(rb"\s{0,64}<\?xml")
_CONFLICT = re.compile(r"^(?:<{7} |>{7} )", re.MULTILINE)


def mistaken_for(data: bytes) -> str | None:
    """A sentence for the student if the bytes are clearly some other kind of file, else None."""
    head = data[:512].removeprefix(b"\xef\xbb\xbf")
    if not data.strip(b" \t\r\n\0"):
        return f"The file is empty. Save the notebook, then submit it again. {_EXPORT}."
    if any(name in head for name in _OFFICE):
        return f"This is an Office document, not a notebook. {_EXPORT}."
    for magic, what in _ARCHIVES:
        if head.startswith(magic):
            return f"This is {what}, not a notebook. {_UNPACK}."
    if head[_TAR[0] :].startswith(_TAR[1]):
        return f"This is a tar archive, not a notebook. {_UNPACK}."
    for magic, what in _MAGIC:
        if head.startswith(magic):
            return f"This is {what}, not a notebook. {_EXPORT}."
    if _PICKLE.match(head):
        return f"This is a Python pickle, not a notebook. {_EXPORT}."
    if _HTML.match(head):
        return f"This is an HTML page, not a notebook. {_EXPORT}."
    if _XML.match(head):
        return f"This is an XML file, not a notebook. {_EXPORT}."
    if head.startswith(b"version https://git-lfs"):
        return "This is a Git LFS pointer, not the notebook itself. Run 'git lfs pull' and submit the notebook again."
    return None


def has_conflict(text: str) -> bool:
    """Whether the text holds Git's merge-conflict lines."""
    return _CONFLICT.search(text) is not None
