"""The schema is made by migrations, agrees with the tables, and is checked on opening."""

import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from autograder.errors import CourseError, InfrastructureError
from autograder.gradebook import Gradebook, queries
from autograder.gradebook.schema import HEAD, REVISIONS, alembic_config
from autograder.gradebook.tables import metadata


def test_migrations_make_exactly_the_tables(book, path):
    """alembic finds nothing to add, change or drop."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_revisions_are_the_scripts():
    """The list that opening checks is the list of migrations, oldest first."""
    scripts = ScriptDirectory.from_config(alembic_config())
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == REVISIONS
    assert scripts.get_current_head() == HEAD


def test_migrations_go_down_again(book, path):
    """The oldest schema can be taken away without a trace."""
    from alembic import command

    engine = sa.create_engine(f"sqlite:///{path}")
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_tables_compile_for_postgresql():
    """No column type, constraint or lock belongs to SQLite alone."""
    dialect = postgresql.dialect()
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
    assert "FOR UPDATE" in str(queries.SUBMISSION.compile(dialect=dialect))


def test_opening_a_current_gradebook_does_not_import_alembic(book, path):
    """Start-up time counts: alembic is for upgrades."""
    code = (
        "import sys; from autograder.gradebook import Gradebook; Gradebook.open(sys.argv[1]).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], timeout=120).returncode == 0


def test_newer_schema_is_refused_with_a_remedy(path):
    """A gradebook of a later version is left alone."""
    Gradebook.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(CourseError, match=r"schema 9999, this program knows 0001 to .*newer autograder") as caught:
        Gradebook.open(path)
    assert len(caught.value.problems) == 1


def test_processes_that_open_at_once_all_succeed(path):
    """The first one makes the schema, the others wait and find it."""
    code = (
        "import sys; from autograder.gradebook import Gradebook\n"
        "sys.stdin.read()\n"
        "with Gradebook.open(sys.argv[1]) as book: print(book.seed('cosine'))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for process in started:
        process.stdin.close()
    seeds = set()
    for process in started:
        seeds.add(process.stdout.read())
        process.stdout.close()
        assert process.wait(timeout=120) == 0
    assert len(seeds) == 1


def test_a_killed_upgrade_never_happened(path, monkeypatch):
    """An upgrade that stops half-way leaves no table, and the next opening makes them all."""
    from alembic import command

    real = command.upgrade

    def dies(config, revision):
        real(config, revision)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "upgrade", dies)
    with pytest.raises(KeyboardInterrupt):
        Gradebook.open(path)
    monkeypatch.undo()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()
    with Gradebook.open(path) as book:
        assert book.assignments() == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://localhost/x", "mysql is not supported"),
        ("sqlite://", "memory is lost"),
        ("post gres://:x", "give a path"),
    ],
)
def test_unusable_url_is_the_callers_fault(url, words):
    """A URL that names no gradebook is refused with what may be given."""
    with pytest.raises(CourseError, match=words):
        Gradebook.open(url)


def test_passwords_are_not_told():
    """The message about a database that cannot be reached hides its password."""
    with pytest.raises((CourseError, InfrastructureError)) as caught:
        Gradebook.open("postgresql://me:geheim@127.0.0.1:1/none?connect_timeout=1")
    assert "geheim" not in str(caught.value)
