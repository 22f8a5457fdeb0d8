"""Other systems' HTML as our Markdown with mathematics. Nothing of it is passed through: what is not known is text.

    HTML ── html.parser ──▶ small tree, no deeper than 60 ──▶ Markdown, every special sign of a text escaped

Scripts, styles, frames, objects and forms are dropped. Formulas are read from MathJax's delimiters, from Canvas'
equation images and from MathML that carries its TeX. A picture becomes one only if the package holds it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

Pictures = Callable[[str], str | None]
"""The address of a picture → where it lies beside the quiz, or None if it is not here."""

_MOST_DEPTH = 60
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "source", "col", "area", "base", "embed", "wbr", "param"}
)
_DROPPED = {
    **dict.fromkeys(("script", "style", "iframe", "object", "embed", "applet", "form", "svg", "canvas"), True),
    **dict.fromkeys(("audio", "video", "noscript", "template", "head", "link", "meta", "base", "input"), True),
}
_BLOCKS = frozenset(
    {"p", "div", "ul", "ol", "table", "pre", "blockquote", "hr", "h1", "h2", "h3", "h4", "h5", "h6"}
    | {"section", "article", "dl", "dt", "dd", "center", "figure", "figcaption", "body", "html"}
)
_EQUATION = re.compile(r"/equation_images/([^?]+)")
_MATH = re.compile(  # a formula holds no other delimiter, so that a text of nothing but openings is read in one go
    r"\\\(((?:(?!\\[()\[\]]).){1,2000})\\\)|\\\[((?:(?!\\[()\[\]]).){1,2000})\\\]|\$\$((?:(?!\$\$).){1,2000})\$\$",
    re.DOTALL,
)
_SPECIAL = re.compile(  # inside of a word _ means nothing, nor do brackets without an address behind them
    r"[\\`*$]|\](?=[(:]|$)|<(?=[A-Za-z/!?])|~(?=~)|(?<=~)~|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w{1,31};)"
)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>|<!--")
_LINE_START = re.compile(  # headings, quotes, lists; lines under headings and tables; fences
    r"(?m)^([ \t]*)(?:(#(?=#{0,5}(?:\s|$))|>|[-+](?=\s|$)|[-=:|](?=[-=:|\s]*$)|~(?=~~))|([0-9]{1,9})([.)])(?=\s|$))"
)
_HIDDEN = ("Cc", "Cs", "Zl", "Zp")
_NONE = "\ufeff\ufffe\uffff"
_UNSAFE_LINK = re.compile(r"[\x00-\x20<>()\\]")


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[_Node | str] = field(default_factory=list)


class _Tree(HTMLParser):
    """Builds the tree; end tags close the nearest element of their name, and only that."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("body")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("p", "li", "tr", "td", "th") and self.open[-1].tag == tag:
            self.open.pop()  # these may be left open
        node = _Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(node)
        if tag not in _VOID and len(self.open) < _MOST_DEPTH:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open[-1].tag == tag and tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag == tag:
                del self.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def plain(text: str) -> str:
    """Text without what no quiz file may hold: control characters and lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    kept = (
        char for char in text if char in "\n\t" or (unicodedata.category(char) not in _HIDDEN and char not in _NONE)
    )
    return "".join(kept).strip()


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN or char in _NONE


def escaped(text: str) -> str:
    """Plain text as Markdown that shows exactly it; paragraphs stay, runs of spaces do not."""
    paragraphs = re.split(r"\n\s*\n", plain(text))
    return "\n\n".join(_lines(_escape(" ".join(each.split()))) for each in paragraphs if each.strip())


def to_markdown(html: str, lost: list[str], pictures: Pictures = lambda address: None) -> str:
    """The HTML as Markdown; what could not be kept is appended to `lost`."""
    tree = _Tree()
    tree.feed(html)
    tree.close()
    return plain("\n\n".join(_Writer(lost, pictures).blocks(tree.root)))


@dataclass(slots=True)
class _Writer:
    lost: list[str]
    pictures: Pictures

    def blocks(self, node: _Node) -> list[str]:
        """The content as blocks of Markdown; what stands between block elements is a paragraph."""
        done: list[str] = []
        run: list[_Node | str] = []
        for each in [*node.inside, None]:
            if each is not None and (isinstance(each, str) or each.tag not in _BLOCKS):
                run.append(each)
                continue
            if paragraph := self._paragraph(run):
                done.append(paragraph)
            run = []
            if isinstance(each, _Node):
                done.extend(block for block in self._block(each) if block.strip())
        return done

    def _paragraph(self, run: list[_Node | str]) -> str:
        solid = [each for each in run if not (isinstance(each, str) and not each.strip())]
        if len(solid) == 1 and isinstance(solid[0], _Node) and _stands_alone(solid[0]) and (tex := _tex(solid[0])):
            return f"$$\n{tex}\n$$"
        # Text between tags is joined before formulas are looked for, so that one may hold line breaks.
        return _lines(_tidy("".join(self._inline(each) for each in run)))

    def _block(self, node: _Node) -> Iterator[str]:
        match node.tag:
            case "ul" | "ol":
                yield self._list(node)
            case "pre":
                code = _raw(node).strip("\n")
                fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", code)), default=0))
                yield f"{fence}\n{code}\n{fence}"
            case "blockquote":
                inside = "\n\n".join(self.blocks(node))
                yield "\n".join(f"> {line}".rstrip() for line in inside.split("\n"))
            case "hr":
                yield "---"
            case "table":
                yield self._table(node)
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                title = _tidy("".join(map(self._inline, node.inside))).replace("\n", " ")
                yield f"{'#' * int(node.tag[1])} {title}" if title else ""
            case _:
                yield from self.blocks(node)

    def _list(self, node: _Node) -> str:
        rows = []
        items = [each for each in node.inside if isinstance(each, _Node)]
        for number, item in enumerate(items, 1):
            sign = f"{number}. " if node.tag == "ol" else "- "
            body = "\n\n".join(self.blocks(item)).replace("\n", "\n" + " " * len(sign))
            rows.append(re.sub(r"(?m)^ +$", "", sign + body))
        return "\n".join(rows)

    def _table(self, node: _Node) -> str:
        rows = [
            [_tidy("".join(map(self._inline, cell.inside))).replace("\n", " ").replace("|", "\\|") for cell in cells]
            for row in _find(node, "tr")
            if (cells := [*_find(row, "td", "th")])
        ]
        if not rows:
            return _tidy("".join(map(self._inline, node.inside)))
        width = max(map(len, rows))
        lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
        return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])

    def _inline(self, node: _Node | str) -> str:
        if isinstance(node, str):
            return _with_formulas(re.sub(r"\s+", " ", node))
        if node.tag in _DROPPED:
            self.lost.append(f"a <{node.tag}> element was left out")
            return ""
        if tex := _tex(node):
            return f"${tex}$"
        inside = "" if node.tag in ("img", "math") else "".join(map(self._inline, node.inside))
        match node.tag:
            case "br":
                return "\\\n"
            case "strong" | "b":
                return _around("**", inside)
            case "em" | "i":
                return _around("*", inside)
            case "s" | "del" | "strike":
                return _around("~~", inside)
            case "code" | "tt" | "kbd" | "samp":
                return _code(_raw(node))
            case "sub" | "sup":
                self.lost.append("text was set lower or higher (<sub>, <sup>); write it as a formula")
                return f"{'_' if node.tag == 'sub' else '^'}{inside}" if inside.strip() else ""
            case "a":
                return self._link(node.attributes.get("href", ""), inside)
            case "img":
                return self._picture(node.attributes)
            case "math":
                self.lost.append("a formula in MathML without TeX became plain text")
                return _escape(" ".join(_raw(node).split()))
            case _:
                return inside

    def _link(self, address: str, inside: str) -> str:
        if not address.lower().startswith(("http://", "https://", "mailto:")) or _UNSAFE_LINK.search(address):
            if address:
                self.lost.append("a link that does not lead to a web page became plain text")
            return inside
        return f"[{inside.strip() or _escape(address)}]({address})"

    def _picture(self, attributes: dict[str, str]) -> str:
        address = attributes.get("src", "")
        words = _escape(" ".join(attributes.get("alt", "").split()))
        place = self.pictures(address) if address else None
        if place is not None:
            if not words:
                self.lost.append("a description of a picture: there was none, write one")
            return f"![{words or 'Picture'}]({place})"
        shown = address if len(address) < 80 else f"{address[:77]}…"
        self.lost.append(f"a picture is not in the file, and was left out: {shown or 'without an address'}")
        return f"({words})" if words else ""


def _find(node: _Node, *tags: str) -> Iterator[_Node]:
    for each in node.inside:
        if isinstance(each, _Node):
            if each.tag in tags:
                yield each
            else:
                yield from _find(each, *tags)


def _raw(node: _Node) -> str:
    """The text as it stands, line breaks included."""
    parts = (each if isinstance(each, str) else "\n" if each.tag == "br" else _raw(each) for each in node.inside)
    return "".join(parts)


def _stands_alone(formula: _Node) -> bool:
    style = formula.attributes.get("style", "").replace(" ", "").lower()
    return "display:block" in style or formula.attributes.get("display") == "block"


def _tex(node: _Node) -> str:
    """The TeX of an element that is nothing but a formula, or nothing."""
    found = ""
    if node.tag == "img":
        found = node.attributes.get("data-equation-content", "")
        address = _EQUATION.search(node.attributes.get("src", ""))
        if not found and address is not None:
            found = unquote(unquote(address[1]))
        if not found and "equation_image" in node.attributes.get("class", ""):
            found = node.attributes.get("alt", "").removeprefix("LaTeX:")
    elif node.tag == "math":
        notes = (each for each in _find(node, "annotation") if "tex" in each.attributes.get("encoding", "").lower())
        found = next(map(_raw, notes), "")
    return _clean_tex(found)


def _clean_tex(text: str) -> str:
    tex = " ".join(plain(text).split())
    return re.sub(r"(?<!\\)\$", r"\\$", tex)


def _with_formulas(text: str) -> str:
    parts, place = [], 0
    for found in _MATH.finditer(text):
        parts.append(_escape(text[place : found.start()]))
        tex = _clean_tex(found[1] or found[2] or found[3])
        sign = "$" if found[1] is not None else "$$"
        parts.append(f"{sign}{tex}{sign}" if tex else "")
        place = found.end()
    return "".join([*parts, _escape(text[place:])])


def _escape(text: str) -> str:
    """The text with every special sign escaped; what looks like a tag becomes code, since it is meant to be read."""
    parts, place = [], 0
    for found in _TAG.finditer(text):
        parts += [_SPECIAL.sub(r"\\\g<0>", text[place : found.start()]), _code(found[0])]
        place = found.end()
    return "".join([*parts, _SPECIAL.sub(r"\\\g<0>", text[place:])])


def _lines(text: str) -> str:
    """The paragraph with nothing at the start of a line that Markdown would take for a list, a heading or a rule."""
    return _LINE_START.sub(lambda at: f"{at[1]}\\{at[2]}" if at[2] else f"{at[1]}{at[3]}\\{at[4]}", text)


def _tidy(text: str) -> str:
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r"[ \t]+", " ", text))
    return re.sub(r"(\\\n)+$", "", text.strip()).strip()


def _around(sign: str, inside: str) -> str:
    body = inside.strip()
    if not body or body.startswith("*") or body.endswith("*"):
        return inside
    before, after = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :]
    return f"{before}{sign}{body}{sign}{after}"


def _code(text: str) -> str:
    body = " ".join(text.split())
    if not body:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", body)), default=0))
    pad = " " if body.startswith("`") or body.endswith("`") else ""
    return f"{fence}{pad}{body}{pad}{fence}"
