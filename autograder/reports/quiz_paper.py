"""A quiz as a student sees it, as a page that stands alone: for authors, and for printing.

Its texts come in as HTML that `quiz.markdown` has made safe; characters that could hide or reorder are made visible
here, as on every page.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from autograder.reports.rendering import render
from autograder.reports.sanitise import visible


@dataclass(frozen=True, slots=True)
class OptionView:
    """One choice by its letter on the page; `html` is safe."""

    id: str
    html: str

    @property
    def text(self) -> Markup:
        """The text for the template."""
        return Markup(visible(self.html))


@dataclass(frozen=True, slots=True)
class AskedView:
    """One question; `how` says in words how it is answered, `html` is safe."""

    number: int
    title: str | None
    points: Decimal
    how: str
    html: str
    options: tuple[OptionView, ...] = ()
    rights: tuple[OptionView, ...] = ()
    starter: str | None = None

    @property
    def text(self) -> Markup:
        """The prompt for the template."""
        return Markup(visible(self.html))


@dataclass(frozen=True, slots=True)
class PartView:
    """Questions under a title, or without one; `html` is safe."""

    title: str | None
    html: str
    questions: tuple[AskedView, ...]

    @property
    def text(self) -> Markup:
        """The introduction for the template."""
        return Markup(visible(self.html))


def quiz_paper(course_title: str, title: str, html: str, parts: tuple[PartView, ...]) -> str:
    """The page as text. `html`: the introduction, safe."""
    return render("quiz_paper.html", course_title=course_title, title=title, text=Markup(visible(html)), parts=parts)
