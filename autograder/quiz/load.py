"""Reading a quiz: one pass over its file that gathers every problem, with line, key and remedy."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from autograder.course.problems import closest, listed, raise_problems
from autograder.course.schema import validate
from autograder.course.yamlfile import YamlFile, read_yaml
from autograder.errors import CourseError, Problem
from autograder.quiz.agreement import Placed, check_parts, check_question
from autograder.quiz.questions import Question, Quiz, QuizFile, Tagged

FOLDER = "quizzes"
_QUESTION: TypeAdapter[Question] = TypeAdapter(Tagged)


def load_quiz(path: Path) -> Quiz:
    """The quiz in a file. CourseError with every problem of that file."""
    problems: list[Problem] = []
    quiz = read_quiz(path, problems)
    raise_problems(problems)
    assert quiz is not None  # no problem, so it was read
    return quiz


def find_quiz(root: Path, name: str) -> Path:
    """The file of the quiz that an id or a path means, in the course at `root`. CourseError if there is none."""
    folder = root / FOLDER
    known = sorted(each.stem for each in folder.glob("*.yml")) if folder.is_dir() else []
    if name in known:
        return folder / f"{name}.yml"
    if name and "\0" not in name:
        for path in (Path(name), root / name):
            if path.is_file():
                return path.resolve()
    match = closest(Path(name).stem, known)
    remedy = f"did you mean `{match}`?" if match else f"the course has {listed(known, 'no quiz yet')}"
    raise CourseError([Problem(folder, None, None, f"there is no quiz `{name[:80]}`", remedy)])


def read_quiz(path: Path, problems: list[Problem]) -> Quiz | None:
    """The quiz in a file, or None; everything that is wrong is appended to `problems`."""
    path = path.resolve()
    before = len(problems)
    file = read_yaml(path, problems, missing="write it: it holds the questions")
    if file is None:
        return None
    model = validate(file, QuizFile, problems)
    placed, broken = _questions(file)
    _check_name(file, path, problems)
    for each in placed:
        problems.extend(check_question(file, each))
    problems.extend(check_parts(file, placed, broken, model))
    if model is None or len(problems) > before:
        return None
    return Quiz(
        id=model.quiz,
        title=model.title,
        path=path,
        questions=model.questions,
        text=model.text,
        shuffle=model.shuffle,
        attempts=model.attempts,
        sections=model.sections,
        pools=model.pools,
    )


def _questions(file: YamlFile) -> tuple[list[Placed], set[str]]:
    """The questions that are right by themselves, and the ids of those that are not."""
    placed: list[Placed] = []
    broken: set[str] = set()
    items = file.data.get("questions")
    for number, item in enumerate(items if isinstance(items, list) else ()):
        try:
            placed.append(Placed(("questions", number), _QUESTION.validate_python(item)))
        except ValidationError:
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                broken.add(item["id"])
    return placed, broken


def _check_name(file: YamlFile, path: Path, problems: list[Problem]) -> None:
    written = file.data.get("quiz")
    if isinstance(written, str) and written != path.stem:
        wrong = f"the file is {path.name}, but names the quiz `{written}`"
        problems.append(file.problem(("quiz",), wrong, f"write `quiz: {path.stem}`, or rename the file"))
