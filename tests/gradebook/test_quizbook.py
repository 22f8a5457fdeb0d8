"""Responses are only added, scores change by a regrade with a reason, and everything can be looked up afterwards."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from autograder.gradebook import (
    Gradebook,
    QuestionScore,
    QuizResponse,
    QuizScore,
    QuizSheet,
    QuizVersion,
    Recorded,
    Replacement,
    StaleRegrade,
)

V1 = QuizVersion("lecture-02", "v1", {"xor": {"options": {"A": "Yes", "B": "Nö \ud800"}}})
V2 = replace(V1, version="v2")
THIRD = Decimal(1) / 3


def sheet(student="ada", response="A;B", **more):
    """A sheet of one answered question and one blank."""
    rows = (QuizResponse("xor", response, **more), QuizResponse("who", "", time="2025-02-03T10:00:00"))
    return QuizSheet(student, rows)


def score(points="1"):
    """A score of two questions, one of which waits for a person."""
    xor = QuestionScore("xor", Fraction(points), Decimal(points), Decimal(1), True)
    questions = (xor, QuestionScore("who", None, None, Decimal(2), None))
    return QuizScore(Decimal(points), Decimal(3), Decimal(2), questions)


def record(book, points="1", version=V1, **more):
    """Record one student's sheet."""
    return book.quizzes.record(version, [(sheet(**more), score(points))])


def regrade(book, points="0", version=V2, **more):
    """Regrade everybody to so many points."""
    new = replacements(book.quizzes.current("lecture-02"), score(points))
    return book.quizzes.regrade(version, new, reason="key was wrong", author="ta", mappings={}, **more)


def replacements(stored, new):
    """The same new score for everybody."""
    return [
        Replacement(one.sheet.student, one.score_id, one.sheet_id, one.score.points != new.points, new)
        for one in stored
    ]


def test_sheet_and_score_come_back_exactly(book):
    """Odd characters, blanks, certainty and amounts that no float holds survive."""
    one = QuizSheet("ada", (QuizResponse("count", "\ud800\0é ;=", 2, "10:00", 3), QuizResponse("w", "")))
    exact = replace(score(), points=THIRD)
    assert book.quizzes.record(V1, [(one, exact)]) == Recorded(("ada",), (), ())
    (found,) = book.quizzes.current("lecture-02")
    assert (found.sheet, found.score, found.version, found.answered) == (one, exact, "v1", "v1")
    assert book.quizzes.outline("lecture-02", "v1") == V1.outline
    assert book.quizzes.quizzes() == ["lecture-02"]


def test_same_responses_in_another_order_are_the_same_sheet(book):
    """A file that was sorted anew adds nothing."""
    record(book)
    turned = QuizSheet("ada", sheet().responses[::-1])
    assert book.quizzes.record(V1, [(turned, score())]) == Recorded((), ("ada",), ())
    assert len(book.quizzes.history("lecture-02", "ada")) == 1


def test_changed_responses_are_added_and_the_first_stay(book):
    """What a student answered first can still be read; the newer sheet counts."""
    record(book, response="A")
    record(book, points="0.5", response="B")
    assert [one.score.points for one in book.quizzes.current("lecture-02")] == [Decimal("0.5")]
    stored = book.quizzes.sheets("lecture-02", "ada")
    assert ['"response":"A"' in stored[0], '"response":"B"' in stored[1], len(stored)] == [True, True, 2]


def test_recording_under_another_key_waits_for_a_regrade(book):
    """A score that was seen does not change because a file was scored again after the key had changed."""
    record(book)
    assert record(book, points="0", version=V2) == Recorded((), (), ("ada",))
    assert [one.score.points for one in book.quizzes.current("lecture-02")] == [Decimal(1)]


def test_what_was_open_is_decided_later_without_a_regrade(book):
    """The same sheet whose code was run, or whose answer was read, gets its points; other points need a regrade."""
    record(book)
    decided = replace(score("2.5"), pending=Decimal(0))
    assert book.quizzes.record(V1, [(sheet(), decided)]) == Recorded(("ada",), (), ())
    assert [one.score.points for one in book.quizzes.current("lecture-02")] == [Decimal("2.5")]
    assert book.quizzes.record(V1, [(sheet(), replace(decided, points=Decimal(1)))]) == Recorded((), (), ("ada",))
    assert record(book) == Recorded((), (), ("ada",))  # less is known than before: nothing is taken away
    assert [one.score.points for one in book.quizzes.current("lecture-02")] == [Decimal("2.5")]
    assert len(book.quizzes.sheets("lecture-02", "ada")) == 1


def test_regrade_keeps_history_with_reason_and_author(book):
    """Both scores stay, the new one counts, and the regrade says who, why and how many changed."""
    record(book)
    record(book, student="grace", points="0")
    number = regrade(book)
    (entry,) = book.quizzes.regrades("lecture-02")
    assert (entry.id, entry.reason, entry.author, entry.changed, entry.version) == (
        number,
        "key was wrong",
        "ta",
        1,
        "v2",
    )
    past, now = book.quizzes.history("lecture-02", "ada")
    assert (past.score.points, past.regrade, past.current) == (Decimal(1), None, False)
    assert (now.score.points, now.regrade, now.current) == (Decimal(0), number, True)
    assert len(book.quizzes.sheets("lecture-02", "ada")) == 1


def test_regrade_on_stale_scores_writes_nothing(book):
    """Scores that were recorded between dry run and commit are not overwritten."""
    record(book)
    old = list(book.quizzes.current("lecture-02"))
    record(book, response="B")
    with pytest.raises(StaleRegrade):
        book.quizzes.regrade(V2, replacements(old, score("0")), reason="r", author="a", mappings={})
    assert book.quizzes.regrades("lecture-02") == []
    assert book.quizzes.outline("lecture-02", "v2") is None


def test_threads_that_regrade_at_once_leave_one(book):
    """Of several regrades from the same scores one is written; the others are told that they are late."""
    book.quizzes.record(V1, [(sheet(f"s{number}"), score()) for number in range(50)])
    new = replacements(book.quizzes.current("lecture-02"), score("0"))

    def work(_):
        try:
            return book.quizzes.regrade(V2, new, reason="r", author="a", mappings={})
        except StaleRegrade:
            return None

    with ThreadPoolExecutor(4) as pool:
        assert len([number for number in pool.map(work, range(4)) if number is not None]) == 1
    assert len(book.quizzes.regrades("lecture-02")) == 1


def test_more_students_than_a_page_are_all_read(book):
    """Reading in pages skips nobody and repeats nobody."""
    names = [f"s{number:04}" for number in range(1203)]
    book.quizzes.record(V1, [(sheet(name), score()) for name in names])
    assert [one.sheet.student for one in book.quizzes.current("lecture-02")] == names


def test_quizzes_do_not_mix(book):
    """A student's sheets of two quizzes stand apart."""
    record(book)
    record(book, version=replace(V1, quiz="lecture-05"))
    assert book.quizzes.quizzes() == ["lecture-02", "lecture-05"]
    regrade(book)
    assert [one.version for one in book.quizzes.current("lecture-05")] == ["v1"]


def test_empty_quiz_has_no_scores(book):
    """Reading what was never recorded gives nothing and fails nowhere."""
    assert list(book.quizzes.current("nothing")) == []
    assert book.quizzes.outline("nothing", "v") is None
    assert book.quizzes.regrades("nothing") == book.quizzes.history("nothing", "ada") == []


def test_older_gradebook_gets_the_tables(path):
    """A gradebook of the first schema keeps what it has and takes quizzes."""
    import sqlalchemy as sa
    from alembic import command

    from autograder.gradebook.schema import alembic_config

    with Gradebook.open(path) as book:
        seed = book.seed("cosine")
    engine = sa.create_engine(f"sqlite:///{path}")
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    engine.dispose()
    with Gradebook.open(path) as book:
        assert record(book).new == ("ada",)
        assert book.seed("cosine") == seed
