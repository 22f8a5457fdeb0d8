"""What an author is told about a quiz that could be loaded: texts, pictures, units, tests and draws."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from autograder.course.problems import in_order
from autograder.course.testscan import scan_tests
from autograder.course.yamlfile import KeyPath, YamlFile, read_yaml
from autograder.errors import Problem
from autograder.quiz import units
from autograder.quiz.degenerate import degenerate
from autograder.quiz.load import read_quiz
from autograder.quiz.markdown import faults
from autograder.quiz.questions import CodeQuestion, NumericQuestion, Question, Quiz
from autograder.quiz.readable import texts_of
from autograder.quiz.soundness import Fault
from autograder.results import Visibility


def check_quiz(path: Path, course_root: Path | None) -> tuple[Quiz | None, tuple[Problem, ...]]:
    """The quiz in a file and everything that is wrong with it; without a course its tests are not looked for."""
    problems: list[Problem] = []
    quiz = read_quiz(path, problems)
    if quiz is None:
        return None, in_order(problems)
    file = read_yaml(quiz.path, problems, missing="write it")
    if file is None:
        return quiz, in_order(problems)
    problems += _texts(file, ("text",), quiz.text, quiz)
    for number, section in enumerate(quiz.sections):
        problems += _texts(file, ("sections", number, "text"), section.text, quiz)
    for number, question in enumerate(quiz.questions):
        place: KeyPath = ("questions", number)
        for key, text in texts_of(question):
            problems += _texts(file, (*place, *key), text, quiz)
        for fault in (*_units(question), *degenerate(question)):
            problems.append(file.problem((*place, *fault.key), fault.message, fault.remedy))
        if isinstance(question, CodeQuestion) and course_root is not None:
            problems += _tests(file, place, question, course_root)
    return quiz, in_order(problems)


def pictures_of(quiz: Quiz) -> Path:
    """The folder of a quiz's pictures: quizzes/<id>/ beside quizzes/<id>.yml."""
    return quiz.path.with_suffix("")


def _texts(file: YamlFile, key: KeyPath, text: str | None, quiz: Quiz) -> Iterator[Problem]:
    for message, remedy in faults(text or "", pictures_of(quiz)):
        yield file.problem(key, message, remedy)


def _units(question: Question) -> Iterator[Fault]:
    if isinstance(question, NumericQuestion) and question.answer.unit is not None and question.answer.units != "exact":
        try:
            if not units.known(question.answer.unit):
                wrong = f"“{question.answer.unit}” is no unit that can be converted"
                yield Fault(("answer", "unit"), wrong, "write one such as m/s; `units: exact` takes any word")
        except units.UnitsMissing as error:
            yield Fault(("answer", "unit"), "units cannot be converted here", str(error))


def _tests(file: YamlFile, place: KeyPath, question: CodeQuestion, root: Path) -> Iterator[Problem]:
    """The folders of tests are there, and the points of the question's tests add up to its own."""
    folders = [("tests", f"tests/{question.tests}", Visibility.HIDDEN)]
    if question.public is not None:
        folders.append(("public", f"quizzes/{question.public}", Visibility.PUBLIC))
    problems: list[Problem] = []
    amounts: list[Decimal] = []
    for key, path, visibility in folders:
        if not (root / path).is_dir():
            remedy = "make it, with test_*.py in it, or correct the path"
            problems.append(file.problem((*place, key), f"there is no folder {path}", remedy))
            continue
        scan = scan_tests(root / path, visibility, problems)
        amounts += [test.points for test in scan.tests if test.question == question.id]
    yield from problems
    if problems:
        return
    total = sum(amounts, Decimal(0))
    if not amounts:
        mark = f'@pytest.mark.question("{question.id}", points={question.points})'
        yield file.problem((*place, "tests"), f"tests/{question.tests} has no test for it", f"write one with {mark}")
    elif total != question.points:
        wrong = f"its tests add up to {total} points, the question has {question.points}"
        yield file.problem((*place, "tests"), wrong, f"change the tests, or write `points: {total}`")
