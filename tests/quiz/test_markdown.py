"""Texts of quizzes: what is refused, what is rendered, and that nothing of a stranger's runs."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.quiz.markdown import faults, plain, render


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a quiz's pictures, with one in it and one beside it."""
    folder = tmp_path / "q"
    folder.mkdir()
    (folder / "net.png").write_bytes(b"\x89PNG")
    (tmp_path / "other.png").write_bytes(b"\x89PNG")
    (folder / "out.png").symlink_to(tmp_path / "other.png")
    return folder


@pytest.mark.parametrize(
    "text",
    ["plain", "![a net](q/net.png)", "$x^2$ and $\\frac{a}{b}$", "it costs $5", "a \\$ sign", "$$\nx\n$$", "`<b>`",
     "x < 3 > 2",
     "| a | b |\n|---|---|\n| 1 | 2 |", "[site](https://example.org)", "$\\left( x \\right)$", "$\\{x\\}$",
     "$\\begin{pmatrix}1\\\\2\\end{pmatrix}$", "a_b and 2*3*4", "```\nx = 1\n```"],
)  # fmt: skip
def test_good_text_has_no_fault(home: Path, text: str) -> None:
    """What authors write every day."""
    assert not list(faults(text, home))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<b>bold</b>", "HTML"), ("<script>x</script>", "HTML"), ("<!-- x -->", "HTML"),
        ("![](q/net.png)", "no description"),
        ("![a](net.png)", "no picture net.png"), ("![a](q/no.png)", "no picture"),
        ("![a](../other.png)", "not in the quiz"),
        ("![a](other.png)", "outside"), ("![a](q/out.png)", "outside"),
        ("![a](https://x.org/a.png)", "not in the quiz"),
        ("![a](/etc/passwd.png)", "not in the quiz"), ("![a](q/net.exe)", "no known kind"), ("$\\frac{a}{b$", "braces"),
        ("$}{$", "braces"), ("$\\left( x$", "no partner"), ("$\\begin{a}x\\end{b}$", "do not match"),
        ("$x", "no partner"),
        ("[a](javascript:alert)", ""), ("[a](notes.md)", "whole address"),
    ],
)  # fmt: skip
def test_bad_text_is_told(home: Path, text: str, words: str) -> None:
    """With a remedy; a link to a script is no link at all."""
    found = list(faults(text, home))
    if not words:
        assert "<a" not in render(text)
        return
    assert [message for message, remedy in found if remedy and words in f"{message} {remedy}"]


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](data:text/html,hi)",
    "![x](javascript:alert(1))", "$</span><script>alert(1)</script>$", '![x"onerror="a](q/net.png)', "<svg/onload=a>",
    "[x](https://a\"onclick=\"b)", "`<script>`", "<iframe src=//x>", "![x](data:image/svg+xml;base64,AAAA)",
]  # fmt: skip


class Collector(HTMLParser):
    """The tags of a page and their attributes, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.mark.parametrize("text", HOSTILE)
def test_rendered_text_runs_nothing(text: str) -> None:
    """No script, no handler, no foreign scheme leaves the renderer as markup."""
    page = Collector()
    page.feed(render(text, lambda path: path))
    assert not page.tags & {"script", "iframe", "svg", "object", "style"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]
    assert not [value for _, value in page.attributes if value.lower().startswith(("javascript:", "data:text"))]


@given(st.text(max_size=80))
def test_any_text_is_rendered(text: str) -> None:
    """And has no script in it."""
    assert "<script" not in render(text).lower()


def test_mathematics_and_pictures_are_rendered() -> None:
    """TeX stays, escaped, in a span; a picture has the address that the page gives it, else none."""
    assert '<span class="math inline">a&lt;b</span>' in render("$a<b$")
    assert 'src="pictures/1.png"' in render("![two](q/net.png)", lambda path: "pictures/1.png")
    assert 'src=""' in render("![two](q/net.png)")
    assert "<table>" in render("| a |\n|---|\n| 1 |")


def test_plain_text_has_no_marks() -> None:
    """One line for a terminal."""
    assert plain("Some *marks*, `code` and $x^2$\n\nin two lines") == "Some marks, code and x^2 in two lines"
