"""What a student reads."""

from dataclasses import replace
from decimal import Decimal

from autograder.reports import student_page
from autograder.results import Evidence, Grading, Outcome, Verdict


def test_student_page_shows_points_hints_and_own_error(ada, school, page):
    """Points without noise, hints of failed tests only, the line of the cell that failed."""
    text = page(student_page(ada, school.INFO)).text
    assert f"{ada.report.points.normalize():f} of 20 points" in text
    for question in ada.report.questions:
        for test in question.tests:
            if test.message:
                assert (test.message in text) == (test.verdict is Verdict.FAILED)
    assert "It stopped in line 2 of that cell:" in text
    assert 'recommend("Allien", films)' in text
    assert "KeyError: 'Allien'" in text


def test_student_page_of_pending_points_says_so(ada, school, page):
    """Points that wait for a person are neither lost nor given."""
    text = page(student_page(ada, school.INFO)).text
    assert "3 more points are open: a person reads your written answers and adds them." in text
    assert school.ANSWER in text


def test_student_page_of_rejected_says_what_to_do(school, page):
    """The reason is shown, and no points."""
    text = page(student_page(school.rejected("ada", "Download the .ipynb file itself."), school.INFO)).text
    assert "Not graded yet" in text
    assert "What to do: Download the .ipynb file itself." in text
    assert "of 20 points" not in text


def test_student_page_of_undecided_blames_nobody_and_shows_no_total(ada, school, page):
    """The sentence stands at the top and at the test; the reason stays with staff; no test of it is called failed."""
    spoilt = school.undecided(ada, "test_ties_by_title", "KeyError in the hidden test")
    text = page(student_page(spoilt, school.INFO)).text
    sentence = "The grader could not decide this; it costs you nothing and staff have been told."
    assert text.count(sentence) == 2
    assert "KeyError in the hidden test" not in text
    assert "of 20 points" not in text


def test_student_page_without_any_evidence(ada, school, page):
    """A report whose evidence is gone still makes a page."""
    assert "Report for ada" in page(student_page(Grading(ada.report, Evidence()), school.INFO)).text


def test_student_page_of_points_that_are_null_everywhere(ada, school, page):
    """Questions and tests without points are open, not zero."""
    questions = tuple(
        replace(q, points=None, tests=tuple(replace(t, points=None, verdict=Verdict.UNDECIDED) for t in q.tests))
        for q in ada.report.questions
    )
    report = replace(ada.report, outcome=Outcome.UNDECIDED, points=None, questions=questions)
    text = page(student_page(Grading(report), school.INFO)).text
    assert "4 open" in text
    assert "0 of" not in text


def test_student_page_of_zero_max_points(ada, school, page):
    """An assignment worth nothing divides by nothing."""
    report = replace(ada.report, points=Decimal(0), max_points=Decimal(0))
    assert "0 of 0 points" in page(student_page(Grading(report), school.INFO)).text
