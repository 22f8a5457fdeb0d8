"""A made-up class and a parser that says what a page really consists of."""

from __future__ import annotations

import random
import runpy
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

VOID = {"meta", "br", "img"}


@dataclass
class Page(HTMLParser):
    """The elements of a page in order, each with its attributes; `text` is what stands between them."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"doubled attribute in {tag}"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Element and attribute names, without anything that data could fill."""
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.elements]


def parse(html: str) -> Page:
    """The page; fails on elements that are not closed where they should be."""
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


@pytest.fixture
def page():
    """The parser."""
    return parse


@pytest.fixture(scope="session")
def school() -> SimpleNamespace:
    """The module `classroom`."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("classroom.py"))))


@pytest.fixture
def ada(school):
    """One graded submission with failed tests, a failing cell, a repair and a flag."""
    return school.with_error(school.grading("ada", random.Random(3), 0.8))


HOSTILE = (
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "</style></pre></td></table><iframe src=//evil>",
    "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b[31mred\x1b[0m",
    "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\",
    "failed\rpassed",
    "\u202egnp.exe\u202c \u200b\u2066x\u2069\ufeff",
    "\x00\x01\x08\x0b\x0c\x7f\x85\x9b31m\ud800\ufffe",
    "{{ 7*7 }}{% raw %}${7*7}<!-- ]]> &lt; &#x3c;b>",
    "[red]bold[/red] =HYPERLINK(1) -o @x",
    "e" + "\u0301" * 60,
)


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def hostile(request: pytest.FixtureRequest) -> str:
    """One string of those that have broken somebody's page or terminal."""
    return request.param
