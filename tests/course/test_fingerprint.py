"""Fingerprints: what changes them and what does not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course import scan_tests
from autograder.results import Visibility

MODULE = """\
import pytest
LIMIT = 3

@pytest.mark.question("q", points=1, hint="h")
def test_a(student):
    assert student

@pytest.mark.question("q", points=1)
def test_b(student):
    assert LIMIT
"""


def prints(folder: Path, visibility: Visibility = Visibility.HIDDEN) -> dict[str, str]:
    return {test.id: test.fingerprint for test in scan_tests(folder, visibility, []).tests}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two tests and a helper."""
    (tmp_path / "test_x.py").write_text(MODULE)
    (tmp_path / "helper.py").write_text("A = 1\n")
    (tmp_path / "expected.json").write_text("{}")
    return tmp_path


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "test_x.py"
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [("assert student", "assert not student"), ('points=1, hint="h"', 'points=2, hint="h"'), ('"h"', '"other"'),
     ("test_a(student)", "test_a(student, rng)")],
)  # fmt: skip
def test_fingerprint_of_an_edited_test(folder: Path, old: str, new: str) -> None:
    """Editing one test changes its own fingerprint only."""
    before = prints(folder)
    edit(folder, old, new)
    after = prints(folder)
    assert after["test_a"] != before["test_a"]
    assert after["test_b"] == before["test_b"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("LIMIT = 3", "# a remark\nLIMIT = 3\n\n"), ("def test_a", "def test_new(): ...\n\ndef test_a")],
)  # fmt: skip
def test_fingerprint_survives(folder: Path, old: str, new: str) -> None:
    """Remarks, blank lines and new tests leave test_b's fingerprint alone."""
    before = prints(folder)["test_b"]
    edit(folder, old, new)
    assert prints(folder)["test_b"] == before


CHANGES: dict[str, Callable[[Path], object]] = {
    "module": lambda folder: edit(folder, "LIMIT = 3", "LIMIT = 4"),
    "helper": lambda folder: (folder / "helper.py").write_text("A = 2\n"),
    "conftest": lambda folder: (folder / "conftest.py").write_text("A = 2\n"),
    "data": lambda folder: (folder / "expected.json").write_text("[]"),
    "renamed": lambda folder: (folder / "expected.json").rename(folder / "other.json"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_fingerprint_of_shared_things(folder: Path, change: str) -> None:
    """What all tests share changes all fingerprints."""
    before = prints(folder)
    CHANGES[change](folder)
    assert all(after != before[test] for test, after in prints(folder).items())


def test_fingerprint_other_test_file_and_caches(folder: Path) -> None:
    """Another test module, caches and dot files change nothing; where a test stands does."""
    before = prints(folder)
    (folder / "test_y.py").write_text("A = 1\n")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__/helper.pyc").write_bytes(b"x")
    (folder / ".DS_Store").write_bytes(b"x")
    assert prints(folder) == before
    assert prints(folder, Visibility.PUBLIC) != before


def test_fingerprint_of_helpers_in_the_other_folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Hidden tests can import what lies beside the public ones; public tests change nothing for them."""
    beside = tmp_path_factory.mktemp("public")

    def seen() -> dict[str, str]:
        return {test.id: test.fingerprint for test in scan_tests(folder, Visibility.HIDDEN, [], beside=beside).tests}

    before = seen()
    (beside / "test_public.py").write_text("A = 1\n")
    assert seen() == before
    (beside / "cases.py").write_text("A = 1\n")
    assert all(after != before[test] for test, after in seen().items())
