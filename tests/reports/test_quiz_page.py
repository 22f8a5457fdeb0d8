"""The page of a quiz says what is in its numbers, names what to look at, and stands alone whatever a text holds."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from autograder.reports.quiz_info import ChoiceView, CurveView, ItemView, ModelView, QuizView
from autograder.reports.quiz_page import quiz_page

NOW = datetime(2025, 2, 4, 9, 30, tzinfo=UTC)
LIMITS = (0.2, 0.9, 0.1)
CHOICES = (
    ChoiceView("A", "Logistic regression", False, 0.25, (0.5, 0.2, 0.05), -0.41),
    ChoiceView("B", "A decision tree", True, 0.7, (0.4, 0.7, 1.0), 0.35),
)
ITEM = ItemView(
    number=1,
    id="xor",
    text="Which of these\ncan represent XOR?",
    kind="single",
    max_points=Decimal(1),
    students=40,
    blank=2,
    missing=3,
    difficulty=0.7,
    difficulty_interval=(0.54, 0.82),
    item_rest=0.35,
    item_rest_interval=(0.04, 0.6),
    item_total=0.5,
    discrimination_d27=0.61,
    efficiency=48.0,
    alpha_if_deleted=0.55,
    thirds=(0.4, 0.7, 1.0),
    choices=CHOICES,
)
TYPED = replace(ITEM, number=2, id="count", kind="numeric", choices=(), difficulty=0.95, flags=("Very easy: look.",))
ODD = replace(ITEM, number=3, id="nobody", difficulty=None, item_rest=None, thirds=(None, None, None), choices=())
QUIZ = QuizView(
    title="Deep learning foundations",
    course_title="LLMs",
    students=40,
    points=tuple(map(Decimal, range(3))) * 13 + (Decimal(2),),
    max_points=Decimal(3),
    sd=0.8,
    alpha=0.61,
    alpha_interval=(0.4, 0.77),
    sem=0.5,
    items=(ITEM, TYPED, ODD),
    left_out=("breakout",),
    judged=True,
    enough=30,
    model=ModelView("2PL", 400, -2466.6534, (CurveView("xor", 0.83, 0.25, 2.77, 0.2, -3.36),), ("count",)),
)


def made(quiz=QUIZ) -> str:
    """The page of a quiz."""
    return quiz_page(quiz, limits=LIMITS, generated_at=NOW)


def test_every_number_stands_in_a_table(page):
    """What the pictures show can be read: shares by thirds, correlations, and students by points."""
    text = " ".join(page(made()).text.split())
    for shown in ("0.35", "0.61", "48 %", "−0.41", "50%", "20%", "5%", "0.54 to 0.82", "2 of them left it blank"):
        assert shown in text, shown
    assert "3 more never met it" in text
    assert "−2466.6534" in text
    assert "0.83 ± 0.25" in text


def test_flagged_questions_come_first_and_lead_to_their_place(page):
    """The list at the top links to each flagged question, and only to those."""
    html = made()
    top = html[html.index('id="attention"') : html.index('id="figures"')]
    assert re.findall(r'href="(#q\d+)"', top) == ["#q2"]
    assert "Very easy: look." in top
    assert "breakout" in top


def test_most_urgent_question_is_named_first(page):
    """The list at the top is not in the order of the quiz but of what is most likely wrong."""
    items = (replace(ITEM, flags=("Unused.",), urgency=4), replace(TYPED, urgency=0), ODD)
    html = made(replace(QUIZ, items=items))
    top = html[html.index('id="attention"') : html.index('id="figures"')]
    assert re.findall(r'href="(#q\d+)"', top) == ["#q2", "#q1"]


def test_flagged_question_has_a_shape_of_its_own(page):
    """The mark of a flagged question is a diamond and the key's curve is the only solid one: colour is not needed."""
    html = made()
    assert html.count('class="flag-mark"') == html.count('class="plain-mark"') == 2  # both sizes of the map
    other = re.findall(r'<path class="other"[^>]*>', html)
    assert other
    assert all("stroke-dasharray" in path for path in other)
    assert all("stroke-dasharray" not in path for path in re.findall(r'<path class="key"[^>]*>', html))
    assert ">B ✓<" in html


def test_small_class_says_why_nothing_is_flagged(page):
    """Below the number that it takes, the page says so instead of praising the questions."""
    quiz = replace(QUIZ, students=12, judged=False, items=(replace(ITEM, flags=()),))
    text = " ".join(page(made(quiz)).text.split())
    assert "12 students are too few to judge a question by. From 30 on" in text


def test_nobody_answered_is_a_page(page):
    """No students: every number is a dash and no picture is drawn from nothing."""
    quiz = replace(
        QUIZ, students=0, points=(), sd=None, alpha=None, alpha_interval=None, sem=None, items=(ODD,), model=None
    )
    text = page(made(quiz)).text
    assert "Nobody answered" in text
    assert "nan" not in text.lower()
    assert "None" not in text.replace("None: no question", "")


def test_page_is_accessible(page):
    """One title, one first heading, no level left out, unique ids, labels that exist, scoped table headings."""
    elements = page(made()).elements
    tags = [tag for tag, _ in elements]
    assert tags.count("h1") == tags.count("main") == 1
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
    assert all(after - before <= 1 for before, after in pairwise([0, *levels]))
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in elements:
        assert set(attributes.get("aria-labelledby", "").split()) <= set(ids)
        assert attributes.get("href", "#content").removeprefix("#") in ids
        assert tag != "th" or attributes["scope"] in {"col", "row"}
        assert tag != "svg" or "role" in attributes or attributes["aria-hidden"] == "true"


def test_hostile_text_adds_no_element(page, hostile):
    """Hostile titles, prompts, ids and choices leave the page's elements as they are and nothing hidden in it."""

    def poisoned(text: str) -> QuizView:
        choices = tuple(replace(choice, id=text, text=text) for choice in CHOICES)
        item = replace(ITEM, id=text, text=text, kind=text, choices=choices, flags=(text,))
        model = ModelView(text, 1, 0.0, (CurveView(text, 1, 1, 1, 1, None),), (text,))
        return replace(QUIZ, title=text, course_title=text, items=(item,), left_out=(text,), model=model)

    html = made(poisoned(hostile))
    assert page(html).shape == page(made(poisoned("harmless"))).shape
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", html)
    assert "<script" not in html


def test_page_loads_nothing(page):
    """The policy of all pages stands before anything that it could forbid."""
    metas = [attributes for tag, attributes in page(made()).elements if tag == "meta"]
    assert metas[1]["content"].startswith("default-src 'none'")
    assert "url(" not in made()
