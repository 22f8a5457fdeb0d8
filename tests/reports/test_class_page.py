"""What staff read about a class."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from autograder.reports import class_page
from autograder.reports.tally import Tally
from autograder.results import Grading, Outcome, Verdict

NOW = datetime(2025, 2, 4, 9, 30, tzinfo=UTC)


def test_class_page_puts_undecided_and_rejected_first(school, page):
    """Both lists with their reasons stand before the figures, and say whose fault it is."""
    text = page(class_page(school.classroom(), school.INFO, generated_at=NOW)).text
    places = [
        text.index(part)
        for part in (
            "3 undecided: not the students’ fault",
            "test_ties_by_title could not decide 2 submissions: look at that test first.",
            "The machine ran out of memory three times in this test.",
            "2 rejected: the student’s file",
            "Download the .ipynb file itself.",
            "The class in figures",
            "Tests, the hardest first",
            "Slowest submissions",
            "Everybody",
        )
    ]
    assert places == sorted(places)
    assert "4 February 2025, 09:30 UTC" in text


def test_class_page_of_nobody(school, page):
    """An empty class makes a page without a picture."""
    html = class_page([], school.INFO, generated_at=NOW)
    assert "no submission has been graded yet" in page(html).text
    assert 'class="chart' not in html


def test_class_page_of_one(school, ada, page):
    """One student has a median and no spread."""
    text = page(class_page([ada], school.INFO, generated_at=NOW)).text
    assert "1 submission," in text
    assert "every submission was graded" in text


def test_class_page_of_rejected_only(school, page):
    """All files broken: reasons, no figures; more than a few are folded away."""
    gradings = [school.rejected(f"s{place:02}", f"reason {place}") for place in range(40)]
    html = class_page(gradings, school.INFO, generated_at=NOW)
    text = page(html).text
    assert "40 rejected" in text
    assert "15 more submissions" in text
    assert all(f"reason {place}" in text for place in range(40))
    assert "nothing to draw" in text


def test_class_page_of_five_hundred(school, page):
    """Every one of 500 students is in the table, linked twice."""
    html = class_page(school.classroom(500), school.INFO, generated_at=NOW)
    links = [attributes["href"] for tag, attributes in page(html).elements if tag == "a"]
    assert len({link for link in links if link.startswith("students/")}) == 500
    assert len({link for link in links if link.startswith("staff/")}) == 500


def test_class_page_warns_of_no_isolation(school, ada, page):
    """Results of student code that was not fenced are no grades, and the page says so at the top."""
    loose = replace(ada, report=replace(ada.report, isolation="none"))
    assert "ran without isolation" in page(class_page([loose], school.INFO, generated_at=NOW)).text
    never_ran = replace(ada, report=replace(ada.report, isolation="none", outcome=Outcome.UNDECIDED, questions=()))
    assert "ran without isolation" not in page(class_page([never_ran], school.INFO, generated_at=NOW)).text
    assert "ran without isolation" not in page(class_page([ada], school.INFO, generated_at=NOW)).text


def test_tally_adds_up_exactly(school):
    """Tenths add up without float noise, and undecided points count nowhere."""
    tally = Tally(school.INFO)
    gradings = list(school.classroom())
    for grading in gradings:
        tally.add(grading)
    graded = [grading.report for grading in gradings if grading.report.outcome is Outcome.GRADED]
    assert tally.points() == [report.points for report in graded]
    cosine = tally.questions["cosine"]
    assert cosine.total == sum((report.questions[0].points for report in graded), Decimal(0))
    assert cosine.decided == len(graded)
    hardest = tally.hardest()
    assert [test.rate for test in hardest] == sorted(test.rate for test in hardest)
    assert hardest[0].remark == "hard: most did not pass"


def test_tally_marks_a_test_that_nobody_passes(school, ada):
    """Such a test is suspected itself; one that decided for nobody as well."""
    first, *others = ada.report.questions

    def all_of(verdict: Verdict) -> Grading:
        tests = tuple(replace(test, verdict=verdict) for test in first.tests)
        return replace(ada, report=replace(ada.report, questions=(replace(first, tests=tests), *others)))

    for verdict, remark in (
        (Verdict.FAILED, "nobody passed: is the test right?"),
        (Verdict.UNDECIDED, "decided for nobody: look at the test"),
    ):
        tally = Tally(school.INFO)
        tally.add(all_of(verdict))
        assert tally.tests["test_known_angle"].remark == remark
