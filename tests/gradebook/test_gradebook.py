"""What is recorded comes back exactly, once, and the newest counts."""

import gc
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from autograder.gradebook import Current, Gradebook
from autograder.results import Grading, Outcome, Report


def test_grading_comes_back_exactly(book, record, grading):
    """Amounts that no float holds, odd characters, notebooks and seconds survive."""
    one = grading()
    number = record(one)
    assert book.grading(number) == one
    assert book.report(number) == one.report
    assert book.find_current("cosine", "ada", "sha256:1", "k") == one
    assert list(book.latest("cosine")) == [one.report]
    assert book.assignments() == ["cosine"]


def test_evidence_may_be_empty(book, record, grading):
    """A rejected submission has a report and nothing behind it."""
    one = Grading(Report("cosine", "ada", ("ada",), "sha256:1", Outcome.REJECTED, Decimal(3), reason="not a notebook"))
    assert book.grading(record(one)) == one
    assert book.find_current("cosine", "ada", "sha256:1", "k") == one


def test_unknown_report_is_a_key_error(book):
    """A number that was never given out is refused by both readers."""
    for read in (book.report, book.grading):
        with pytest.raises(KeyError):
            read(99)


def test_recording_twice_counts_once(book, record, grading):
    """The same submission and key give the same report, whatever the second run says."""
    first = record(grading())
    assert record(grading(points="0.2")) == first
    assert len(book.history("cosine", "ada")) == 1
    assert book.report(first).points == Decimal("0.3")


def test_fresh_adds_to_the_history(book, record, grading):
    """A fresh grading of the same key is kept beside the first and counts."""
    first, second = record(grading()), record(grading(points="0.2"), fresh=True)
    assert [(entry.report_id, entry.current) for entry in book.history("cosine", "ada")] == [
        (first, False),
        (second, True),
    ]
    assert [report.points for report in book.latest("cosine")] == [Decimal("0.2")]


def test_a_regrade_keeps_what_was_reported(book, record, grading):
    """Another key adds a report; the old one is still in the history."""
    record(grading(points="0.2"), key="before")
    record(grading(points="0.3"), key="after")
    assert [(entry.key, entry.report.points) for entry in book.history("cosine", "ada")] == [
        ("before", Decimal("0.2")),
        ("after", Decimal("0.3")),
    ]
    assert book.find_current("cosine", "ada", "sha256:1", "before") is None


def test_going_back_to_an_earlier_submission_makes_its_report_current(book, record, grading):
    """The submission that was graded last counts, and its stored report is used again."""
    first = record(grading(submission="sha256:1"))
    record(grading(submission="sha256:2"))
    assert record(grading(submission="sha256:1")) == first
    assert book.current_keys("cosine") == {"ada": Current("sha256:1", "k", first)}


def test_undecided_is_tried_again_and_then_replaced(book, record, grading):
    """An undecided report is stored but is never a reason to skip a submission; a later one does not undo a verdict."""
    record(grading(outcome=Outcome.UNDECIDED))
    assert book.current_keys("cosine") == {}
    assert book.current_ids("cosine") == {"ada": 1}
    assert book.find_current("cosine", "ada", "sha256:1", "k") is None
    assert [report.outcome for report in book.latest("cosine")] == [Outcome.UNDECIDED]
    number = record(grading())
    assert record(grading(outcome=Outcome.UNDECIDED)) == number
    assert book.current_keys("cosine")["ada"].report_id == number


def _verdicts(book, *, assignment="cosine", answers="a1", environment="env", seed=7, **fingerprints):
    fingerprints = fingerprints or {"test_a": "fa", "test_b": "fb"}
    return book.stored_verdicts(assignment, answers, environment, seed, fingerprints)


def test_stored_verdicts_hold_while_all_they_depend_on_does(book, record, grading):
    """They are found for the same answers, whoever gave them, with detail and seconds."""
    one = grading()
    record(one)
    found = _verdicts(book)
    assert found.keys() == {"test_a", "test_b"}
    assert found["test_b"].result == one.report.questions[0].tests[1]
    assert (found["test_b"].detail, found["test_b"].seconds) == (one.evidence.details["test_b"], 0.2)
    assert found["test_a"].detail is None


@pytest.mark.parametrize("change", [{"answers": "x"}, {"environment": "x"}, {"seed": 8}, {"assignment": "x"}])
def test_stored_verdicts_do_not_outlive_a_change(book, record, grading, change):
    """Other answers, another environment, seed or assignment: nothing is used again."""
    record(grading())
    assert _verdicts(book, **change) == {}


def test_one_changed_test_leaves_the_others_stored(book, record, grading):
    """Only the test whose fingerprint changed has to run, and changing it back finds its old verdict."""
    record(grading())
    assert _verdicts(book, test_a="fa", test_b="new").keys() == {"test_a"}
    record(grading(), key="k2", fingerprints={"test_a": "fa", "test_b": "new"})
    assert _verdicts(book, test_a="fa", test_b="fb").keys() == {"test_a", "test_b"}


def test_undecided_verdicts_are_never_used_again(book, record, grading):
    """Of an undecided report only the decided verdicts are found."""
    record(grading(outcome=Outcome.UNDECIDED))
    assert _verdicts(book).keys() == {"test_a"}


def test_seed_is_drawn_once_and_can_be_set(book, path):
    """Every process meets the same seed, per assignment."""
    drawn = book.seed("cosine")
    assert 0 <= drawn < 2**31
    with Gradebook.open(path) as other:
        assert other.seed("cosine") == drawn
        other.set_seed("cosine", 2**40)
        other.set_seed("other", 5)
    assert (book.seed("cosine"), book.seed("other")) == (2**40, 5)


def test_submitted_bytes_are_kept_once(book, record, grading):
    """Bytes given on receipt or with the report come back, and a copy by somebody else is stored once."""
    data = b"\0notebook" * 100
    assert book.receive("cosine", "ada", "sha256:1", data, file_name="a\udc80.ipynb", submitted_at="2025-02-03") == 1
    record(grading(student="bob"), data=data, file_name="b.ipynb")
    record(grading())
    assert book.content("sha256:1") == data
    assert book.content("sha256:2") is None
    assert book.receive("cosine", "ada", "sha256:1") == 1


@pytest.mark.parametrize("student", ["", "a\0b", "a\udc80"])
def test_student_id_that_no_database_holds_is_refused(record, grading, student):
    """An empty id, a NUL or an undecodable file name is a ValueError before anything is written."""
    with pytest.raises(ValueError, match="not text that can be stored"):
        record(grading(student=student))


def test_hostile_ids_are_kept_as_they_are(book, record, grading):
    """Quotes, line breaks, bidi marks and formulas are only text."""
    ids = sorted(["'; DROP TABLE reports; --", "a\nb", "\u202eada", "=1+1", "-o", "é"])
    for student in ids:
        record(grading(student=student))
    assert [report.student for report in book.latest("cosine")] == ids


def test_threads_record_at_once(book, record, grading):
    """Eight threads write and read; every report is there, once."""

    def work(number):
        record(grading(student=f"s{number % 40:02}", submission=f"sha256:{number % 80}"))
        return len(book.current_keys("cosine"))

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(work, range(160))) <= 40
    assert len(book.current_keys("cosine")) == 40
    assert sum(len(book.history("cosine", f"s{number:02}")) for number in range(40)) == 80


def test_lists_are_read_in_pages(book, record, grading):
    """A class larger than a page is listed whole, in order, in the memory of a page."""
    students = [f"s{number:04}" for number in range(450)]
    for student in students:
        record(grading(student=student))
    assert [report.student for report in book.latest("cosine")] == students
    assert [grade.student for grade in book.grades("cosine")] == students
    gc.collect()
    tracemalloc.start()
    try:
        assert sum(1 for _ in book.latest("cosine")) == 450
        listed = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        assert len(list(book.latest("cosine"))) == 450
        assert listed < tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_list_left_half_read_holds_nothing(path, grading):
    """Closing a gradebook while a list is half read leaves no connection open."""
    with Gradebook.open(path) as book:
        book.record(grading(), key="k", answers="a", environment="e", fingerprints={})
        reports = book.latest("cosine")
        next(reports)
    reports.close()
    gc.collect()
