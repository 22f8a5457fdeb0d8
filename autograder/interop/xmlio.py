"""XML of strangers, read without a DTD, entities or network; and XML of ours, written. Nobody else imports lxml.

    bytes ── our own decoding (no declared encoding but a few) ──▶ text ── no DOCTYPE ──▶ lxml, hardened ──▶ elements

The decoding is ours so that the look for a DOCTYPE sees what the parser will see. A document type can stand only
before the root element, so that is where it is looked for; an entity cannot be declared anywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from autograder.errors import AutograderError
from autograder.interop.carried import broken

if TYPE_CHECKING:
    from lxml.etree import _Element

    Element: TypeAlias = _Element
else:
    Element = Any

try:
    from lxml import etree
except ImportError:  # the extra is not installed; said when XML is needed
    etree = None  # type: ignore[assignment]

MOST_BYTES = 50 * 2**20
_ENCODINGS = {
    "utf-8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
}
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(r"""<\?xml\b[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SKIPPED = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def parse(data: bytes, name: str) -> Element:
    """The root element of a document. CourseError if it is malformed, too large, or has a document type."""
    library = _library()
    if len(data) > MOST_BYTES:
        raise broken(name, f"the file has more than {MOST_BYTES >> 20} MiB", "export fewer questions at once")
    text = _decoded(data, name)
    declaration = _DECLARATION.match(text)
    body = text[declaration.end() :] if declaration else text
    _refuse_document_type(body, name)
    parser = library.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: Element = library.fromstring(body.encode(), parser)
    except library.XMLSyntaxError as error:
        remedy = "export the file again, or mend it"
        raise broken(name, f"the XML is malformed: {str(error)[:200]}", remedy, error.lineno) from None
    if root.getroottree().docinfo.doctype:
        raise broken(name, "the XML declares a document type", "remove the line that begins with <!DOCTYPE")
    return root


def _library() -> Any:
    if etree is None:
        raise AutograderError("This format needs lxml. Install it in the project's folder: pip install -e '.[quiz]'")
    return etree


def _decoded(data: bytes, name: str) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        found = _ENCODING.search(data[:200].decode("latin-1"))
        declared = found[1].lower() if found else "utf-8"
        if declared not in _ENCODINGS:
            raise broken(name, f"the encoding {declared} is not read", "save the file as UTF-8")
        encoding = _ENCODINGS[declared]
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise broken(name, f"the text is not {encoding}: byte {error.start}", "save the file as UTF-8") from None


def _refuse_document_type(body: str, name: str) -> None:
    place = 0
    while found := _SKIPPED.match(body, place):
        place = found.end()
    if body[place : place + 2] == "<!":
        remedy = "remove the lines from <!DOCTYPE to the end of it: definitions and entities in a file are not followed"
        raise broken(name, "the XML declares a document type (DTD)", remedy, body.count("\n", 0, place) + 1)


# ---- reading


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, *names: str) -> Iterator[Element]:
    """The children with one of these names, in any namespace; all children if no name is given."""
    return (child for child in element if not names or local(child) in names)


def child(element: Element | None, *path: str) -> Element | None:
    """The first descendant along a path of names, or None."""
    for name in path:
        if element is None:
            return None
        element = next(children(element, name), None)
    return element


def below(element: Element, *names: str) -> Iterator[Element]:
    """All descendants with one of these names, in document order."""
    return (each for each in element.iter() if isinstance(each.tag, str) and local(each) in names)


def text_of(element: Element | None, *path: str) -> str:
    """The text along a path, what stands in children included; empty if there is no such element."""
    found = child(element, *path) if path else element
    return "" if found is None else "".join(str(part) for part in found.itertext())


def markup_of(element: Element) -> str:
    """The content of an element as markup: text that is escaped markup already stays as it is."""
    if not len(element):
        return element.text or ""
    parts = [element.text or ""]
    parts += [str(_library().tostring(each, encoding="unicode")) for each in element]
    return "".join(parts)


# ---- writing


def root(tag: str, namespace: str | None = None, **attributes: str) -> Element:
    """A new root element, in a default namespace if one is given."""
    name = f"{{{namespace}}}{tag}" if namespace else tag
    made: Element = _library().Element(name, attributes, nsmap={None: namespace} if namespace else None)
    return made


def add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """A new child in its parent's namespace; characters that XML does not know are left out."""
    space = str(parent.tag).rpartition("}")[0]
    made: Element = _library().SubElement(parent, f"{space}}}{tag}" if space else tag, attributes)
    if text is not None:
        made.text = _FORBIDDEN.sub("", text)
    return made


def add_markup(parent: Element, markup: str) -> None:
    """Append well-formed XHTML that we wrote ourselves, in its parent's namespace."""
    space = str(parent.tag).rpartition("}")[0].removeprefix("{")
    wrapped = f'<x xmlns="{space}">{_FORBIDDEN.sub("", markup)}</x>'
    library = _library()
    inner = library.fromstring(wrapped, library.XMLParser(resolve_entities=False, no_network=True))
    if inner.text:
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + inner.text
        else:
            parent.text = (parent.text or "") + inner.text
    parent.extend(list(inner))


def to_bytes(element: Element) -> bytes:
    """The document, indented, with its declaration."""
    library = _library()
    return bytes(library.tostring(element, xml_declaration=True, encoding="UTF-8", pretty_print=True))
