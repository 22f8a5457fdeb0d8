"""Reading an assignment: one pass over assignment.yml, its files and its tests that gathers every problem."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from autograder.course.agreement import Placed, check_questions, check_tests
from autograder.course.assignment import Assignment, AssignmentFile, Question, QuestionEntry, QuestionKind
from autograder.course.clock import NoSuchTime, in_zone, parse_time
from autograder.course.course import COURSE_FILE, Course, read_course
from autograder.course.fields import relative_path
from autograder.course.locate import ASSIGNMENT_FILE, find_assignment
from autograder.course.problems import did_you_mean, in_order, raise_problems
from autograder.course.schema import validate
from autograder.course.testscan import Scan, scan_tests
from autograder.course.yamlfile import KeyPath, YamlFile, read_yaml
from autograder.errors import Problem
from autograder.results import Visibility


def load_assignment(course: Course, name: str | Path) -> Assignment:
    """The assignment that an id or a path means. CourseError with every problem of that assignment."""
    assignment_id = find_assignment(course.root, name)
    problems: list[Problem] = []
    assignment = read_assignment(course.root, course.timezone, assignment_id, problems)
    raise_problems(problems)
    assert assignment is not None  # no problem, so it was read
    return assignment


def check_course(root: Path) -> tuple[Problem, ...]:
    """Every problem of a course: course.yml, roster and all assignments. Empty if all is right."""
    problems: list[Problem] = []
    root = root.resolve()
    course = read_course(root, problems)
    if course is None and not (root / COURSE_FILE).is_file():
        return in_order(problems)
    names = course.assignments if course is not None else _with_file(root)
    for name in dict.fromkeys(names):
        if (root / "assignments" / name).is_dir():
            read_assignment(root, course.timezone if course is not None else ZoneInfo("UTC"), name, problems)
    return in_order(problems)


def _with_file(root: Path) -> list[str]:
    """The assignments of a course whose course.yml cannot be read."""
    return sorted(path.parent.name for path in root.glob(f"assignments/*/{ASSIGNMENT_FILE}"))


def read_assignment(root: Path, zone: ZoneInfo, name: str, problems: list[Problem]) -> Assignment | None:
    """The assignment with this id, or None; everything that is wrong is appended to `problems`."""
    folder, hidden = root / "assignments" / name, root / "tests" / "hidden" / name
    before = len(problems)
    file = read_yaml(folder / ASSIGNMENT_FILE, problems, missing="write it: it names the questions and their points")
    model = validate(file, AssignmentFile, problems) if file is not None else None
    scans = tuple(
        scan_tests(tests, visibility, problems, beside=beside)
        for tests, visibility, beside in (
            (folder / "public", Visibility.PUBLIC, None),
            (hidden, Visibility.HIDDEN, folder / "public"),
        )
    )
    if file is None:
        return None
    due = _due(file, zone, problems)
    notebooks = model.notebooks if model is not None else tuple(text for _, text in _texts(file, "notebooks"))
    notebooks = notebooks or (f"{name}.ipynb",)
    _check_name(file, name, problems)
    _check_files(file, folder, notebooks, problems)
    questions, broken = _questions(file)
    problems.extend(check_questions(file, questions, notebooks))
    problems.extend(check_tests(file, questions, broken, scans, hidden.relative_to(root)))
    if model is None or len(problems) > before:
        return None
    return _assignment(model, root, due, notebooks, scans)


def _questions(file: YamlFile) -> tuple[list[Placed], set[str]]:
    """The questions that are right by themselves, and the ids of those that are not."""
    placed: list[Placed] = []
    broken: set[str] = set()
    items = file.data.get("questions")
    for number, item in enumerate(items if isinstance(items, list) else ()):
        try:
            placed.append(Placed(("questions", number), QuestionEntry.model_validate(item)))
        except ValidationError:
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                broken.update((item["id"], item["id"].strip().lower()))  # its tests may have it right
    return placed, broken


def _due(file: YamlFile, zone: ZoneInfo, problems: list[Problem]) -> datetime | None:
    try:
        return in_zone(parse_time(file.data.get("due", "")), zone)
    except NoSuchTime as error:
        problems.append(file.problem(("due",), str(error), error.remedy))
    except (TypeError, ValueError):
        pass  # not there, or its field has said what is wrong
    return None


def _check_name(file: YamlFile, name: str, problems: list[Problem]) -> None:
    written = file.data.get("assignment")
    if isinstance(written, str) and written != name:
        wrong = f"the file is in the folder `{name}`, but names the assignment `{written}`"
        problems.append(file.problem(("assignment",), wrong, f"write `assignment: {name}`, or rename the folder"))


def _check_files(file: YamlFile, folder: Path, notebooks: tuple[str, ...], problems: list[Problem]) -> None:
    """Every file that students are to get is there. Notebooks are not: they are made from the master."""
    for key in ("files", "notebooks"):
        seen: set[str] = set()
        for number, text in _texts(file, key):
            if text in seen:
                problems.append(file.problem((key, number), f"{text} is listed twice", "list it once"))
            elif key == "files" and text not in notebooks:
                _check_file(file, (key, number), folder, text, problems)
            seen.add(text)


def _check_file(file: YamlFile, place: KeyPath, folder: Path, text: str, problems: list[Problem]) -> None:
    try:
        path = folder / relative_path(text)
    except PydanticCustomError:
        return  # its field has said what is wrong
    home = f"assignments/{folder.name}"
    if path.is_dir():
        problems.append(file.problem(place, f"{text} is a folder", "list the files in it one by one"))
    elif not path.is_file():
        present = [each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()]
        remedy = did_you_mean(text, present, f"put it into {home}, or remove it from the list")
        problems.append(file.problem(place, f"the file {text} does not exist in {home}", remedy))
    elif not path.resolve().is_relative_to(folder.resolve()):
        problems.append(file.problem(place, f"{text} leads out of {home}", f"copy the file into {home}"))


def _texts(file: YamlFile, key: str) -> list[tuple[int, str]]:
    """Position and text of the items of a list that are text, whatever else may be wrong with it."""
    value = file.data.get(key)
    return [
        (number, item) for number, item in enumerate(value if isinstance(value, list) else ()) if isinstance(item, str)
    ]


def _assignment(
    model: AssignmentFile,
    root: Path,
    due: datetime | None,
    notebooks: tuple[str, ...],
    scans: tuple[Scan, ...],
) -> Assignment:
    return Assignment(
        id=model.assignment,
        title=model.title,
        course_root=root,
        questions=tuple(
            Question(
                entry.id,
                entry.title,
                QuestionKind(entry.kind),
                entry.points,
                entry.rubric,
                entry.notebook or notebooks[0],
            )
            for entry in model.questions
        ),
        tests=tuple(test for scan in scans for test in scan.tests),
        notebooks=notebooks,
        due=due,
        limits=model.limits,
        device=model.device,
        files=model.files,
        group_max=model.group.max,
        forbid_imports=model.forbid_imports,
    )
