r"""Other systems' HTML as our Markdown, and our Markdown as their HTML."""

from __future__ import annotations

import pytest

from autograder.interop.fromhtml import escaped, to_markdown
from autograder.interop.tohtml import Formulas, to_html, words
from autograder.quiz.markdown import plain, render


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>One</p><p>Two <b>bold</b> and <i>slanted</i></p>", "One\n\nTwo **bold** and *slanted*"),
        ("<div><p>One</p></div>", "One"),
        ("One<br>Two", "One\\\nTwo"),
        ("<ul><li>a</li><li><p>b</p><ol><li>c</li></ol></li></ul>", "- a\n- b\n\n  1. c"),
        ("<pre>a &lt; b\n  c</pre>", "```\na < b\n  c\n```"),
        ("<p>Use <code>a*b</code></p>", "Use `a*b`"),
        ("<h2>Title</h2>text", "## Title\n\ntext"),
        ("<blockquote><p>Said</p></blockquote>", "> Said"),
        ('<a href="https://x.org/a">here</a>', "[here](https://x.org/a)"),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>x|y</td></tr></table>",
            "| a | b |\n| --- | --- |\n| 1 | x\\|y |",
        ),
        ("<p>5 &lt; 6 &amp; 7&nbsp;&gt; 2</p>", "5 < 6 & 7 > 2"),
        ("* no list", "\\* no list"),
        ("<p>1. no list</p><p># no title</p><p>- none</p>", "1\\. no list\n\n\\# no title\n\n\\- none"),
        ("a | b<br>--- | ---", "a | b\\\n\\--- | ---"),
        ("0.5 of [0, 1] -1", "0.5 of [0, 1] -1"),
        ("costs $5 or $6", "costs \\$5 or \\$6"),
        ("a_b _c_ &amp;amp; [x](y)", "a_b \\_c\\_ \\&amp; [x\\](y)"),
        ("the tag &lt;b&gt;", "the tag `<b>`"),
        ("<p>never closed <b>bold", "never closed **bold**"),
    ],
)
def test_markup_becomes_markdown(html: str, markdown: str) -> None:
    """What HTML shows, Markdown shows; what only looks like Markdown is escaped."""
    lost: list[str] = []
    assert to_markdown(html, lost) == markdown
    assert not lost


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (r"<p>Let \(x &lt; 1\) and \[y^2\]</p>", "Let $x < 1$ and $$y^2$$"),
        ("<p>$$a_1*b$$</p>", "$$a_1*b$$"),
        (
            '<img class="equation_image" data-equation-content="\\frac{1}{2}" src="/equation_images/x">',
            "$\\frac{1}{2}$",
        ),
        ('<img class="equation_image" src="/equation_images/x%255E2?scale=1">', "$x^2$"),
        ('<img class="equation_image" alt="LaTeX: a+b" src="/x">', "$a+b$"),
        (
            '<math><semantics><mi>x</mi><annotation encoding="application/x-tex">x_1</annotation></semantics></math>',
            "$x_1$",
        ),
    ],
)
def test_formulas_are_found(html: str, markdown: str) -> None:
    """MathJax's delimiters, Canvas' equation images, and MathML that carries its TeX."""
    lost: list[str] = []
    assert to_markdown(html, lost) == markdown
    assert not lost


@pytest.mark.parametrize(
    ("html", "left", "said"),
    [
        ("a<script>alert(1)</script>b", "ab", "<script>"),
        ("a<style>p {}</style>b", "ab", "<style>"),
        ('a<iframe src="https://x.org"></iframe>b', "ab", "<iframe>"),
        ('<a href="javascript:alert(1)">x</a>', "x", "link"),
        ('<img src="https://x.org/p.png" alt="a net">', "(a net)", "p.png"),
        ('<p onclick="alert(1)">x</p>', "x", ""),
        ("<math><mi>x</mi></math>", "x", "MathML"),
        ("x<sub>1</sub>", "x_1", "<sub>"),
    ],
)
def test_what_cannot_be_kept_is_said(html: str, left: str, said: str) -> None:
    """Scripts, frames, strange links and pictures from elsewhere are left out with a sentence."""
    lost: list[str] = []
    assert to_markdown(html, lost) == left
    assert said in " ".join(lost)
    assert bool(lost) == bool(said)


def test_deep_and_wide_markup_is_read() -> None:
    """A hundred thousand open elements are neither a crash nor a long wait: they are text 60 deep."""
    assert to_markdown("<div>" * 100_000 + "x", []) == "x"
    assert to_markdown("<b>" * 1_000 + "x" + "</b>" * 1_000, [])
    assert to_markdown("\\(" * 20_000, [])


SHOWN = r"""Let *x* be **5** and $a_1 < \frac{b}{2}$, `code <b>`.

$$
\sum_i x_i
$$

| a | b |
| --- | --- |
| 1 | 2 |

- one
- two

```
for x in y:
```"""


@pytest.mark.parametrize("formulas", Formulas)
def test_markdown_comes_back(formulas: Formulas) -> None:
    """Everything that our Markdown has, formulas in lines and alone, tables, lists and code, comes back as it was."""
    lost: list[str] = []
    back = to_markdown(to_html(SHOWN, formulas), lost)
    assert not lost
    assert render(back).replace(" ", "") == render(SHOWN).replace(" ", "") or formulas is Formulas.MATHJAX
    assert plain(back).replace("$$", "").split() == plain(SHOWN).split()


def test_html_of_an_author_is_text() -> None:
    """HTML in our Markdown reaches the other system escaped."""
    assert "<script>" not in to_html("a <script>alert(1)</script>", Formulas.CANVAS)
    assert "javascript" not in to_html("[x](javascript:alert(1))", Formulas.CANVAS).replace(
        "[x](javascript:alert(1))", ""
    )


def test_words_have_no_markup() -> None:
    """For fields that take plain text."""
    assert words("The **best** `x`\nof $a$") == "The best x of a"
    assert escaped("a*b\nc\n\n- d") == "a\\*b c\n\n\\- d"
