"""docs/quizzes.md says what the program does: its examples are a quiz that is checked and scored."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from autograder.quiz.check import check_quiz
from autograder.quiz.draws import Draws
from autograder.quiz.load import load_quiz
from autograder.quiz.numbers import read_number
from autograder.quiz.questions import Policy, QuizFile, Rule
from autograder.quiz.responses import parse_responses
from autograder.quiz.scoring import score
from autograder.quiz.sheet import score_class

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "quizzes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(
    r"^```yaml\n(.*?)^```\n(?:\n\| response \| share \|\n\|---\|---\|\n((?:\|[^\n]*\n)+))?", GUIDE, flags=re.M | re.S
)
HEAD, QUESTIONS = BLOCKS[0][0], BLOCKS[1:]
KINDS = {"single", "multiple", "numeric", "text", "formula", "order", "match", "code", "open"}


def examples() -> list[Any]:
    """(question's id, response, share) of every row below a question."""
    found = []
    for text, table in QUESTIONS:
        name = re.findall(r"^- id: (\S+)", text, flags=re.M)[0]
        for row in table.splitlines():
            _, response, share, _ = (cell.strip() for cell in row.split("|"))
            found.append(pytest.param(name, response.strip("`"), share, id=f"{name}-{response or 'blank'}"))
    return found


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quiz that the page writes down."""
    file = tmp_path_factory.mktemp("guide") / "lecture-00.yml"
    file.write_text(HEAD + "".join(text for text, _ in QUESTIONS), encoding="utf-8")
    return file


def test_examples_are_a_quiz_with_every_kind(path: Path) -> None:
    """All examples together load, and pass the check that an author runs."""
    pytest.importorskip("pint")
    quiz, problems = check_quiz(path, None)
    assert not problems
    assert quiz is not None
    assert {question.kind for question in quiz.questions} == KINDS


@pytest.mark.parametrize(("name", "response", "share"), examples())
def test_example_scores_as_printed(path: Path, name: str, response: str, share: str) -> None:
    """Each row of the tables is what the question gives for that response."""
    pytest.importorskip("pint")
    assert score(load_quiz(path).question(name), response).share == Fraction(share)


def test_response_file_is_read_and_results_look_as_printed(path: Path) -> None:
    """The file of responses can be read, and results have the keys of the page."""
    text = re.findall(r"^```text\n(student,question.*?)^```", GUIDE, flags=re.M | re.S)[0]
    quiz = load_quiz(path)
    rows = parse_responses(text, {question.id for question in quiz.questions}, "responses.csv")
    found = next(score_class(quiz, rows, Draws(quiz, None))).to_json()
    printed = json.loads(re.findall(r"^```json\n(.*?)^```", GUIDE, flags=re.M | re.S)[0])
    assert (list(found), list(found["questions"][0])) == (list(printed), list(printed["questions"][0]))


def test_numbers_are_read_as_the_page_says() -> None:
    """Every number of the list can be read."""
    line = GUIDE[GUIDE.index("Numbers may be typed as") :].split("\n\n")[0]
    numbers = re.findall(r"`([^`]+)`", line)
    assert len(numbers) > 10
    assert all(read_number(text).values for text in numbers)


def keys(model: type[BaseModel]) -> Iterator[str]:
    """Every key of a quiz file, those of what it contains included."""
    for name, field in model.model_fields.items():
        yield name
        for inner in inner_models(field.annotation):
            yield from keys(inner)


def inner_models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a type."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from inner_models(part)


def test_every_key_is_listed() -> None:
    """Each key of a quiz file stands in the table of keys, each rule and policy in its own."""
    listed = set(re.findall(r"`([a-z_]+)`", GUIDE[GUIDE.index("## All keys") :]))
    assert not set(keys(QuizFile)) - listed
    assert not [word for kind in (Rule, Policy) for word in kind if f"| `{word.value}`" not in GUIDE]
