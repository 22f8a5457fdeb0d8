"""Our Markdown as the HTML that other systems take: well-formed, no raw HTML, formulas in each system's own way."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from autograder.quiz.markdown import new_reader

Pictures = Callable[[str], str]
"""The path of a picture as the author wrote it → its address in the other system."""


class Formulas(StrEnum):
    """How a system takes formulas: as Canvas' pictures, or between MathJax's delimiters."""

    CANVAS = "canvas"
    MATHJAX = "mathjax"


def to_html(markdown: str, formulas: Formulas, pictures: Pictures = str, *, inline: bool = False) -> str:
    """The text as XHTML; `inline` leaves out the paragraph around a text that is one paragraph."""
    reader = _reader()
    tokens = reader.parse(markdown)
    _prepare(tokens, formulas, pictures)
    if inline and [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]:
        tokens = tokens[1:2]
    return str(reader.renderer.render(tokens, reader.options, {})).strip()


def pictures_in(markdown: str) -> tuple[str, ...]:
    """The paths of the pictures in a text, in order, each once."""
    found: list[str] = []
    _prepare(_reader().parse(markdown), Formulas.MATHJAX, lambda path: found.append(path) or path)  # type: ignore[func-returns-value]
    return tuple(dict.fromkeys(found))


def is_plain(markdown: str) -> bool:
    """Whether a text is one paragraph of nothing but words."""
    tokens = _reader().parse(markdown)
    inside = [inner.type for token in tokens for inner in token.children or ()]
    return len(tokens) <= 3 and set(inside) <= {"text"}


def words(markdown: str) -> str:
    """The text without its markup, on one line, for titles and for fields that take no markup; formulas stay TeX."""
    tokens = _reader().parse(markdown)
    return " ".join("".join(_words(token.children or [token])) for token in tokens if token.content).strip()


def _words(tokens: Sequence[Token]) -> list[str]:
    spaces = {"softbreak": " ", "hardbreak": " "}
    return [
        spaces.get(token.type, token.content.strip("\n") if token.type != "image" else token.content)
        for token in tokens
    ]


def _reader() -> MarkdownIt:
    reader = new_reader(xhtml=True, allow_labels=False, double_inline=True)
    for kind in ("math_inline", "math_inline_double", "math_block"):
        reader.add_render_rule(kind, _formula)
    return reader


def _prepare(tokens: Sequence[Token], formulas: Formulas, pictures: Pictures) -> None:
    for token in tokens:
        if token.type.startswith("math_"):
            token.meta = {"formulas": formulas}
        elif token.type == "image":
            token.attrSet("src", pictures(str(token.attrGet("src") or "")))
        _prepare(token.children or (), formulas, pictures)


def _formula(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    token = tokens[index]
    tex = " ".join(token.content.split())
    display = token.type != "math_inline"
    shown = html.escape(tex)
    if token.meta["formulas"] is Formulas.MATHJAX:
        written = f"\\[{shown}\\]" if display else f"\\({shown}\\)"
        return f"<p>{written}</p>" if token.type == "math_block" else written
    address = f"/equation_images/{quote(quote(tex, safe=''), safe='')}?scale=1"
    style = 'style="display: block; margin: auto" ' if display else ""
    picture = (
        f'<img class="equation_image" title="{shown}" src="{address}" alt="LaTeX: {shown}" '
        f'data-equation-content="{shown}" {style}/>'
    )
    return f"<p>{picture}</p>" if token.type == "math_block" else picture
