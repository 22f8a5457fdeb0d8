"""Tests read out of source code: what is found, and every way to be wrong."""

from decimal import Decimal
from pathlib import Path

import pytest

from autograder.course import TestSpec, scan_tests
from autograder.errors import Problem
from autograder.results import Visibility

HEAD = """\
import pytest
from autograder.grading import prepared
Q = pytest.mark.question

"""


def scan(folder: Path) -> tuple[dict[str, TestSpec], list[Problem]]:
    problems: list[Problem] = []
    found = scan_tests(folder, Visibility.HIDDEN, problems)
    return {test.id: test for test in found.tests}, problems


def scanned(folder: Path, body: str) -> tuple[dict[str, TestSpec], list[Problem]]:
    (folder / "test_x.py").write_text(HEAD + body, encoding="utf-8")
    return scan(folder)


def test_scan_nothing_runs(tmp_path: Path) -> None:
    """Test files are read and never run."""
    tests, problems = scanned(tmp_path, 'open("ran", "w")\n@pytest.mark.question("q", points=1)\ndef test_a(): ...\n')
    assert (list(tests), problems) == (["test_a"], [])
    assert not Path("ran").exists()


def test_scan_missing_folder(tmp_path: Path) -> None:
    """An assignment may have no hidden or no public tests."""
    assert scan(tmp_path / "none") == ({}, [])


@pytest.mark.parametrize(("text", "points"), [("2", "2"), ("0.1", "0.1"), ("0", "0"), ("1e1", "10"), ("2.50", "2.5")])
def test_scan_points_are_exact(tmp_path: Path, text: str, points: str) -> None:
    """Points are the decimal that the author typed."""
    tests, problems = scanned(tmp_path, f'@pytest.mark.question("q", points={text})\ndef test_a(): ...\n')
    assert not problems
    assert tests["test_a"].points == Decimal(points)


def test_scan_arguments(tmp_path: Path) -> None:
    """Fixtures are the arguments that nothing else fills: no parameters, defaults or hypothesis values."""
    body = """
from hypothesis import given, strategies as st

@pytest.fixture
def vectors(rng): ...

@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize(("a", "b"), [(1, 2)])
@pytest.mark.parametrize("c,d", [(1, 2)])
@pytest.mark.question("q", points=1, hint="long "
    "hint")
def test_a(student, a, b, c, d, *, tmp_path, e=1): ...

@pytest.mark.question("q", points=1, hint=None)
@given(st.integers(), st.integers())
def test_b(reference, x, y): ...

@pytest.mark.parametrize("vectors", [1], indirect=True)
@pytest.mark.question("q", points=1)
def test_c(vectors): ...
"""
    tests, problems = scanned(tmp_path, body)
    assert not problems
    assert tests["test_a"].fixtures == ("student", "tmp_path", "vectors")
    assert tests["test_a"].hint == "long hint"
    assert (tests["test_b"].fixtures, tests["test_b"].hint) == (("reference",), None)
    assert tests["test_c"].fixtures == ("vectors",)


def test_scan_module_marks(tmp_path: Path) -> None:
    """Parameters in `pytestmark` are no fixtures."""
    body = (
        'pytestmark = [pytest.mark.parametrize("n", [1])]\n@pytest.mark.question("q", points=1)\ndef test_a(n): ...\n'
    )
    tests, problems = scanned(tmp_path, body)
    assert not problems
    assert tests["test_a"].fixtures == ()


def test_scan_fixtures_of_the_folder(tmp_path: Path) -> None:
    """Fixtures of conftest.py are known, and those that a test module imports from a helper."""
    (tmp_path / "conftest.py").write_text("import pytest\n@pytest.fixture(name='shared')\ndef _shared(): ...\n")
    (tmp_path / "helper.py").write_text("from autograder import grading\n@grading.prepared\ndef net(student): ...\n")
    body = 'from helper import net as model\n@pytest.mark.question("q", points=1)\ndef test_a(shared, model): ...\n'
    tests, problems = scanned(tmp_path, body)
    assert not problems
    assert tests["test_a"].prepared == "model"


A = "def test_a(): ..."
MARK = '@pytest.mark.question("q", points=1)\n'
BROKEN = {
    "no-mark": ("def test_a(): ...", 5, "test_a", "names no question", "add @pytest"),
    "no-call": ("@pytest.mark.question\n" + A, 5, "test_a", "no arguments", "points=2"),
    "no-id": ("@pytest.mark.question(points=1)\n" + A, 5, "test_a", "which question", "points=2"),
    "id-variable": ("@pytest.mark.question(Q, points=1)\n" + A, 5, "test_a", "id is not a plain text", "quotes"),
    "two-marks": (MARK + MARK + A, 6, "test_a", "two question marks", "keep one"),
    "positional": ('@pytest.mark.question("q", 1, points=1)\n' + A, 5, "test_a", "one positional", "points=…"),
    "no-points": ('@pytest.mark.question("q")\n' + A, 5, "test_a", "has no points", "points=2"),
    "negative": ('@pytest.mark.question("q", points=-1)\n' + A, 5, "test_a", "negative", "0 to"),
    "infinite": ('@pytest.mark.question("q", points=1e999)\n' + A, 5, "test_a", "out of range", "0 to"),
    "fraction": ('@pytest.mark.question("q", points=1/3)\n' + A, 5, "test_a", "not a plain number", "points=0.5"),
    "text-points": ('@pytest.mark.question("q", points="2")\n' + A, 5, "test_a", "not a plain number", "points=2"),
    "bool-points": ('@pytest.mark.question("q", points=True)\n' + A, 5, "test_a", "not a plain number", "points=2"),
    "keyword": ('@pytest.mark.question("q", point=1)\n' + A, 5, "test_a", "no argument `point`", "`points`"),
    "unpacked": ('@pytest.mark.question("q", **{"points": 1})\n' + A, 5, "test_a", "unpacked", "write them out"),
    "hint": ('@pytest.mark.question("q", points=1, hint=f"{Q}")\n' + A, 5, "test_a", "hint is not", "without f"),
    "parameters": (MARK + "@pytest.mark.parametrize(Q, [1])\n" + A, 6, "test_a", "parametrize", "write them out"),
    "fixture": (MARK + "def test_a(studnet): ...", 6, "test_a", "unknown fixture `studnet`", "`student`"),
    "fixture-far": (MARK + "def test_a(zzz): ...", 6, "test_a", "unknown fixture `zzz`", "@pytest.fixture"),
    "fixture-of-fixture": ("@pytest.fixture\ndef f(zzz): ...", 6, None, "`f` asks for the unknown", "define"),
    "cache": (MARK + "def test_a(cache): ...", 6, "test_a", "unknown fixture `cache`", "use"),
    "async": (MARK + "async def test_a(): ...", 6, "test_a", "async", "def"),
    "class": ("class TestA:\n    def test_a(self): ...", 6, "test_a", "in the class TestA", "module level"),
    "unittest": ("class A(TestCase):\n    def test_a(self): ...", 6, "test_a", "in the class A", "module level"),
    "import": (
        "from test_b import CASES\n" + MARK + "def test_a(): ...", 5, "test_b", "the test module `test_b`", "helper"
    ),
    "nested": ("if Q:\n    " + MARK + "    def test_a(): ...", 7, "test_a", "not at the top level", "move"),
    "imported": ("from other import test_a", 5, "test_a", "not written out", "def"),
    "assigned": ("test_a = Q", 5, "test_a", "not written out", "def"),
    "name": (MARK + "def ignores_scale(): ...", 6, "ignores_scale", "does not begin with test_", "test_ignores_scale"),
    "syntax": ("def test_a(:", 5, None, "not valid Python", "correct it"),
    "two-prepared": (
        "@prepared\ndef a(): ...\n@prepared\ndef b(): ...\n" + MARK + "def test_a(a, b): ...",
        10, "test_a", "more than one @prepared fixture: `a` and `b`", "name one",
    ),
    "prepared-behind": (
        "@prepared\ndef a(): ...\n@pytest.fixture\ndef b(a): ...\n" + MARK + "def test_a(b): ...",
        10, "test_a", "reaches the @prepared `a` through", "name `a`",
    ),
    "prepared-chain": ("@prepared\ndef a(): ...\n@prepared\ndef b(a): ...", 8, None, "builds on", "in one of them"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_scan_broken(tmp_path: Path, name: str) -> None:
    """Each fault is exactly one problem with file, line, key, message and remedy."""
    body, line, key, message, remedy = BROKEN[name]
    _, problems = scanned(tmp_path, body)
    assert len(problems) == 1, problems
    assert (problems[0].file, problems[0].line, problems[0].key) == (tmp_path / "test_x.py", line, key)
    assert message in problems[0].message
    assert remedy in problems[0].remedy


@pytest.mark.parametrize(
    "data", [b"x = '\xe9'", b"\x00", b"(" * 100_000, b"x" * (1 << 21), b"x = " + b"1+" * 5000 + b"1"]
)
def test_scan_unreadable(tmp_path: Path, data: bytes) -> None:
    """Bytes that are no Python are one problem."""
    (tmp_path / "test_x.py").write_bytes(data)
    tests, problems = scan(tmp_path)
    assert not tests
    assert len(problems) == 1


def test_scan_files_that_would_be_missed(tmp_path: Path) -> None:
    """A test file with the wrong name or in the wrong place is named."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/test_a.py").write_text("")
    (tmp_path / "cosine_test.py").write_text("")
    _, problems = scan(tmp_path)
    assert [problem.remedy for problem in problems] == [
        "rename it to test_cosine.py",
        f"move the file to {tmp_path.name}/",
    ]


def test_scan_helper_class_is_no_test(tmp_path: Path) -> None:
    """A helper class may have a method that begins with test_."""
    assert scanned(tmp_path, "class Model:\n    def test_step(self): ...\n") == ({}, [])


def test_scan_escape_warning_stays_quiet(tmp_path: Path) -> None:
    """An odd escape in a test is the author's style and no problem."""
    assert scanned(tmp_path, 'x = "\\d"\n') == ({}, [])
