"""What docs/quizzes.md says about other systems is so: its text is imported, its table is tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.interop.formats import FORMATS
from autograder.interop.paste import KEYS
from autograder.quiz.check import check_quiz
from tests.interop.samples import KINDS, exported, imported, quiz_of

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "quizzes.md").read_text(encoding="utf-8")
SECTION = GUIDE[GUIDE.index("## Exchange with other systems") :].split("\n## All keys")[0]
HEAD, _, *ROWS = [line.strip("| ").split(" | ") for line in SECTION.splitlines() if line.startswith("|")]
OTHERS = {
    "formula": "\n  - {id: q, kind: formula, prompt: P, answer: {equals: x, variables: [x]}}\n",
    "code": "\n  - {id: q, kind: code, prompt: P, tests: hidden/x}\n",
}
CELLS = [
    (row[0].strip("`"), form, cell == "yes")
    for row in ROWS
    for title, cell in zip(HEAD[1:], row[1:], strict=True)
    for form in re.findall(r"`(\w+)`", title)
]


def test_table_has_every_format_and_kind() -> None:
    """One column for each format, one row for each kind."""
    assert {form for _, form, _ in CELLS} == set(FORMATS)
    assert {kind for kind, _, _ in CELLS} == {*KINDS, *OTHERS}


@pytest.mark.parametrize(("kind", "form", "carried"), CELLS)
def test_cell_of_the_table_is_true(kind: str, form: str, carried: bool, tmp_path: Path) -> None:
    """`yes` is exported, `no` is refused."""
    out = exported(quiz_of(tmp_path, (KINDS | OTHERS)[kind]), form)
    assert out.carried == carried
    assert len(out.refused) == (not carried)


def test_text_of_the_page_is_a_quiz(tmp_path: Path) -> None:
    """The example is imported without a warning, and passes the check that an author runs."""
    (text,) = [block for block in re.findall(r"^```text\n(.*?)^```", SECTION, flags=re.M | re.S) if block[0] == "#"]
    placed = imported(text.encode(), "text")
    assert not placed.refused
    assert not placed.warnings
    path = tmp_path / "back.yml"
    path.write_text(placed.text, encoding="utf-8")
    quiz, problems = check_quiz(path, None)
    assert not problems
    assert quiz is not None
    assert len(quiz.questions) == text.count("\n## ")
    assert {question.kind for question in quiz.questions} == {*KINDS, "formula"}


def test_every_key_of_the_text_format_is_named() -> None:
    """Each key that may stand below a heading is on the page."""
    line = SECTION[SECTION.index("Keys below a heading") :]
    assert re.findall(r"`(\w+)`", line) == KEYS.split("|")
