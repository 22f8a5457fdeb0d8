"""The table in the terminal."""

from dataclasses import replace
from decimal import Decimal

from rich.console import Console

from autograder.reports import summary_table


def printed(reports) -> str:
    """What a wide terminal shows."""
    console = Console(width=240, color_system=None)
    with console.capture() as capture:
        console.print(summary_table(reports))
    return capture.get()


def test_summary_table_says_the_main_things(school, ada):
    """Student, outcome, points of all, failed tests, and the reason or what is open."""
    points = replace(ada.report, points=Decimal("17.0"))
    text = printed([points, school.rejected("tony", "Not a notebook.").report])
    assert "17 / 20" in text
    assert [row.split("│")[-2].strip() for row in text.splitlines() if "│" in row][:2] == [
        "3 open for a person",
        "imports sklearn, which this assignment does without",
    ]
    assert "rejected" in text
    assert "– / 20" in text
    assert "Not a notebook." in text


def test_summary_table_shows_hostile_text_as_text(ada, hostile):
    """No escape sequence, control character or markup of a student's reaches the terminal."""
    question = ada.report.questions[0]
    tests = tuple(replace(test, id=hostile) for test in question.tests)
    questions = (replace(question, tests=tests),)
    report = replace(ada.report, student=hostile, reason=hostile, flags=(hostile,), questions=questions)
    text = printed([report])
    assert not [sign for sign in text if sign != "\n" and not sign.isprintable()]
    assert len(text.splitlines()) < 30
    if hostile.startswith("[red]"):
        assert "[red]bold[/red]" in text


def test_summary_table_of_nobody():
    """An empty batch has a heading."""
    assert "Student" in printed([])
