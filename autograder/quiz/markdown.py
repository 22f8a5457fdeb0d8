"""Texts of quizzes: Markdown with tables, mathematics between dollar signs and pictures; no HTML of the author's own.

`faults` says what is wrong with a text, `render` makes HTML out of it. HTML in a text is shown as text, and what comes
out passes a list of allowed tags besides. Mathematics stays TeX, inside of `<span class="math">`, escaped: a page that
wants it typeset does that. Pictures lie in the folder quizzes/<id>/ and are named from quizzes/: `<id>/net.png`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from autograder.errors import AutograderError

try:
    from mdit_py_plugins.dollarmath import dollarmath_plugin
except ImportError:
    dollarmath_plugin = None  # type: ignore[assignment]

PICTURES = (".png", ".svg", ".jpg", ".jpeg", ".gif", ".webp")
MISSING = "mathematics needs the package mdit-py-plugins; in the project's folder: pip install -e '.[quiz]'"
_TAGS = {
    "p", "br", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "h3", "h4", "h5", "h6", "hr",
    "table", "thead", "tbody", "tr", "th", "td", "span", "div", "img", "a", "sub", "sup", "s",
}  # fmt: skip
_ATTRIBUTES = {"span": {"class"}, "div": {"class"}, "img": {"src", "alt", "title"}, "a": {"href"}, "ol": {"start"}}
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>|<!--")
_COMMAND = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
_PAIRED = re.compile(r"\\(begin|end)\{([^{}]*)\}")


class MarkdownMissing(AutograderError):
    """A text cannot be read without the extra `quiz`."""


def faults(text: str, home: Path) -> Iterator[tuple[str, str]]:
    """(what is wrong, what to do) in a text whose pictures lie below `home`, named from the folder around it."""
    for token in _tokens(text):
        match token.type:
            case "math_inline" | "math_block" | "math_inline_double":
                yield from _mathematics(token.content)
            case "image":
                yield from _picture(str(token.attrGet("src") or ""), token.content, home)
            case "link_open" if not str(token.attrGet("href") or "").startswith(("https://", "http://", "mailto:")):
                yield f"the link leads to “{str(token.attrGet('href'))[:40]}”", "write a whole address: https://…"
            case "text" if (found := _TAG.search(token.content)) is not None:
                remedy = "write Markdown, or put it in `backquotes` if it is meant to be read"
                yield f"the text contains HTML: {found[0][:20]}", remedy
    if any(token.type == "text" and _loose_dollar(token.content) for token in _tokens(text.replace("\\$", ""))):
        yield "a `$` has no partner", "close the formula, or write `\\$` for the sign"


def render(text: str, picture: Callable[[str], str] | None = None) -> str:
    """The text as safe HTML. `picture`: a picture's path in the quiz → its address on the page; without it, none."""
    tokens = _reader().parse(text)
    for token in _flat(tokens):
        if token.type == "image":
            source = unquote(str(token.attrGet("src") or ""))
            address = picture(source) if picture is not None and _is_local(source) else ""
            token.attrSet("src", address)
    html: str = _reader().renderer.render(tokens, _reader().options, {})
    schemes = {"https", "http", "mailto", "data"}
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=schemes, attribute_filter=_filtered)


def plain(text: str) -> str:
    """The text in one line without its marks, for tables on a terminal."""
    parts = [
        token.content or " " * (token.block or token.type.endswith("break"))
        for token in _tokens(text)
        if token.type != "inline" and not token.children
    ]
    return " ".join("".join(parts).split())


def _filtered(tag: str, attribute: str, value: str) -> str | None:
    if value.startswith("data:") and not (tag == "img" and value.startswith("data:image/")):
        return None
    return value


def new_reader(*, xhtml: bool = False, **mathematics: Any) -> MarkdownIt:
    """A reader of the Markdown that quizzes are written in; `mathematics`: how its plugin treats formulas.

    Raises MarkdownMissing.
    """
    if dollarmath_plugin is None:
        raise MarkdownMissing(MISSING)
    reader = MarkdownIt("commonmark", {"html": False, "xhtmlOut": xhtml}).enable(["table", "strikethrough"])
    return reader.use(dollarmath_plugin, allow_digits=False, **mathematics)


@cache
def _reader() -> MarkdownIt:
    return new_reader(renderer=_tex)


def _tex(content: str, options: dict[str, Any]) -> str:
    return content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _tokens(text: str) -> Iterator[Token]:
    return _flat(_reader().parse(text))


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


def _loose_dollar(text: str) -> bool:
    """Whether a dollar sign is left over: one before a price, as in $5, is none that began a formula."""
    return bool(re.search(r"\$(?!\s?\d)", text))


def _mathematics(tex: str) -> Iterator[tuple[str, str]]:
    """Braces and environments of a formula are balanced; `\\left` has its `\\right`."""
    depth = 0
    for sign in re.sub(r"\\.", "", tex):
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            break
    shown = tex.strip()[:40]
    if depth:
        yield f"the braces of the formula “{shown}” are not balanced", "close every { with a }"
    commands = _COMMAND.findall(tex)
    if commands.count("left") != commands.count("right"):
        yield f"a \\left or \\right of the formula “{shown}” has no partner", "write both: \\left( … \\right)"
    opened: list[str] = []
    for word, name in _PAIRED.findall(tex):
        if word == "begin":
            opened.append(name)
        elif not opened or opened.pop() != name:
            opened.append(name)
            break
    if opened:
        yield f"\\begin{{{opened[-1]}}} and \\end of the formula “{shown}” do not match", "close what was begun"


def _is_local(source: str) -> bool:
    path = PurePosixPath(source)
    return bool(source) and ":" not in source and not path.is_absolute() and ".." not in path.parts


def _picture(source: str, alt: str, home: Path) -> Iterator[tuple[str, str]]:
    path = unquote(source)
    if not alt.strip():
        yield f"the picture {path[:60]} has no description", "write what it shows: ![a network of two layers](net.png)"
    if not _is_local(path):
        yield f"the picture {path[:60]} is not in the quiz's folder", f"put it there and write {home.name}/net.png"
    elif not path.lower().endswith(PICTURES):
        yield f"the picture {path[:60]} is of no known kind", f"use one of {', '.join(PICTURES)}"
    elif not (home.parent / path).is_file():
        yield f"there is no picture {path[:60]}", f"put it into {home.name}/, or correct the name"
    elif not (home.parent / path).resolve().is_relative_to(home.resolve()):
        yield f"the picture {path[:60]} is outside of {home.name}/", f"copy it into {home.name}/"
