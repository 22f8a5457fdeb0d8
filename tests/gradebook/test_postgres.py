"""The same gradebook on PostgreSQL, on a server of the test's own where one is installed."""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from autograder.gradebook import (
    Gradebook,
    QuestionScore,
    QuizResponse,
    QuizScore,
    QuizSheet,
    QuizVersion,
    Replacement,
    StaleRegrade,
)
from autograder.gradebook.tables import metadata
from autograder.results import Outcome

ACCOUNT = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None  # the server refuses to run as root


@pytest.fixture(scope="module")
def url():
    """A new, empty database on a server that listens on a socket in a folder of its own."""
    pytest.importorskip("psycopg")
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="autograder-pg-") as name:
        folder = Path(name)
        if ACCOUNT:
            shutil.chown(folder, ACCOUNT)
        run = {"user": ACCOUNT, "check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
        subprocess.run(["initdb", "-D", folder / "data", "-A", "trust", "-U", "ta", "--no-sync", "-E", "UTF8"], **run)
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        subprocess.run(["pg_ctl", "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start"], **run)
        try:
            folder.chmod(0o755)  # its socket is for the tests, which run under another account
            yield f"postgresql://ta@/postgres?host={folder}"
        finally:
            subprocess.run(["pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"], **run)


def test_processes_that_open_at_once_all_succeed(url):
    """The advisory lock lets one make the schema; the migrations make exactly the tables."""
    code = "import sys; from autograder.gradebook import Gradebook; Gradebook.open(sys.argv[1]).close()"
    started = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(3)]
    assert [process.wait(timeout=120) for process in started] == [0, 0, 0]
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_grading_comes_back_exactly(url, grading):
    """Odd characters, exact amounts, bytes and seeds survive here too."""
    one = grading(assignment="exact")
    with Gradebook.open(url) as book:
        fingerprints = {"test_a": "fa", "test_b": "fb"}
        number = book.record(one, key="k", answers="a", environment="e", fingerprints=fingerprints, data=b"\0x")
        assert book.grading(number) == one
        assert book.content("sha256:1") == b"\0x"
        assert book.stored_verdicts("exact", "a", "e", 7, fingerprints).keys() == {"test_a", "test_b"}
        assert [grade.points for grade in book.grades("exact")] == [one.report.points]
        assert book.seed("exact") == book.seed("exact")


def test_threads_record_the_same_submissions_once(url, grading):
    """Eight threads that grade the same submissions at once store one report for each."""
    with Gradebook.open(url) as book, ThreadPoolExecutor(8) as pool:

        def work(number):
            one = grading(student=f"s{number % 10}", assignment="race", outcome=Outcome.GRADED)
            return book.record(one, key="k", answers="a", environment="e", fingerprints={}, data=b"x")

        assert len(set(pool.map(work, range(80)))) == 10
        assert [len(book.history("race", f"s{number}")) for number in range(10)] == [1] * 10


def test_quiz_scores_and_regrade_come_back(url):
    """Sheets, scores, an update in bulk and the history work here too, with the rows locked while they change."""
    version = QuizVersion("pg-quiz", "v1", {"q": {"options": {}}})

    def score(points):
        return QuizScore(Decimal(points), Decimal(1), Decimal(0), (QuestionScore("q", None, None, Decimal(1), None),))

    with Gradebook.open(url) as book:
        sheets = [QuizSheet(f"s{number}", (QuizResponse("q", "\0\ud800"),)) for number in range(3)]
        assert len(book.quizzes.record(version, [(sheet, score("0.1")) for sheet in sheets]).new) == 3
        stored = list(book.quizzes.current("pg-quiz"))
        assert [one.sheet for one in stored] == sheets
        new = [Replacement(one.sheet.student, one.score_id, one.sheet_id, True, score("1")) for one in stored]
        args = {"reason": "r", "author": "a", "mappings": {}}
        book.quizzes.regrade(replace(version, version="v2"), new, **args)
        assert [one.score.points for one in book.quizzes.current("pg-quiz")] == [1, 1, 1]
        assert [one.changed for one in book.quizzes.regrades("pg-quiz")] == [3]
        with pytest.raises(StaleRegrade):
            book.quizzes.regrade(version, new, **args)


def test_two_regrades_at_once_leave_one(url):
    """Of two processes that regrade from the same scores one writes, the other is told that it is late."""
    version = QuizVersion("pg-race", "v1", {})
    score = QuizScore(Decimal(1), Decimal(1), Decimal(0), ())
    with Gradebook.open(url) as book, ThreadPoolExecutor(4) as pool:
        book.quizzes.record(
            version, [(QuizSheet(f"s{number}", (QuizResponse("q", ""),)), score) for number in range(50)]
        )
        new = [
            Replacement(one.sheet.student, one.score_id, one.sheet_id, False, score)
            for one in book.quizzes.current("pg-race")
        ]

        def regrade(_):
            try:
                return book.quizzes.regrade(version, new, reason="r", author="a", mappings={})
            except StaleRegrade:
                return None

        done = list(pool.map(regrade, range(4)))
        assert len([number for number in done if number is not None]) == 1
        assert len(book.quizzes.regrades("pg-race")) == 1
