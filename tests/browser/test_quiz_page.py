"""The page of a quiz on a phone: nothing is wider than the window, and every mark of the map leads to its question."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder.reports.quiz_info import ChoiceView, CurveView, ItemView, ModelView, QuizView
from autograder.reports.quiz_page import quiz_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

TEXT = "A choice with a text that takes more than a line, and anextraordinarilylongwordthatnobodycanbreak"
CHOICES = tuple(ChoiceView(name, TEXT, name == "B", 0.2, (0.1, 0.2, 0.3), -0.25) for name in "ABCDE")
ITEM = ItemView(
    number=1,
    id="a-question-with-a-long-name",
    text=TEXT,
    kind="multiple",
    max_points=Decimal(1),
    students=40,
    blank=1,
    missing=1,
    difficulty=0.5,
    difficulty_interval=(0.3, 0.7),
    item_rest=0.3,
    item_rest_interval=(0.1, 0.5),
    item_total=0.4,
    discrimination_d27=0.5,
    efficiency=50.0,
    alpha_if_deleted=0.6,
    thirds=(0.2, 0.5, 0.8),
    choices=CHOICES,
    flags=("Very hard: less than 20% of the points were earned.",),
)
QUIZ = QuizView(
    title="Deep learning foundations",
    course_title="LLMs",
    students=40,
    points=tuple(map(Decimal, range(20))) * 2,
    max_points=Decimal(20),
    sd=0.8,
    alpha=0.61,
    alpha_interval=(0.4, 0.77),
    sem=0.5,
    items=tuple(replace(ITEM, number=number, flags=ITEM.flags * (number % 2)) for number in range(1, 21)),
    left_out=(),
    judged=True,
    enough=30,
    model=ModelView("2PL", 400, -2466.6534, (CurveView(ITEM.id, 0.83, 0.25, 2.77, 0.2, -3.36),), ()),
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The page on disk."""
    path = tmp_path / "quiz.html"
    path.write_text(quiz_page(QUIZ, limits=(0.2, 0.9, 0.1), generated_at=datetime(2025, 2, 4, tzinfo=UTC)))
    return path


@pytest.mark.parametrize("width", [320, 390, 768, 1200])
def test_page_is_never_wider_than_the_window(page: Page, written: Path, width: int) -> None:
    """WCAG's 320 pixels and more: tables that are wider scroll by themselves."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(written.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 1200])
def test_every_mark_can_be_clicked(page: Page, written: Path, width: int) -> None:
    """Twenty questions at one place have twenty marks, none of which covers another, each a link to its question."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(written.as_uri())
    for number in range(1, 21):
        page.locator(f"svg a:visible[href='#q{number}']").click()
        assert page.url.endswith(f"#q{number}")
