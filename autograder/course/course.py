"""A course: course.yml and the roster it names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field

from autograder.course.fields import Entry, Line, Points, RelativePath, Slug, Timezone
from autograder.course.late import LatePolicy
from autograder.course.problems import did_you_mean, raise_problems
from autograder.course.roster import Roster, read_roster
from autograder.course.schema import validate
from autograder.course.yamlfile import YamlFile, read_yaml
from autograder.errors import Problem

COURSE_FILE = "course.yml"


class CourseFile(Entry):
    """course.yml as it is written."""

    course: Slug = Field(examples=["eep-596"])
    title: Line = Field(examples=['"LLMs: From Transformers to GPT"'])
    timezone: Timezone = Field(examples=["America/Los_Angeles"])
    assignments: tuple[Slug, ...] = ()
    quizzes: tuple[Slug, ...] = ()
    roster: RelativePath | None = None
    weights: dict[Slug, Points] = Field(default_factory=dict)
    late: LatePolicy | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A course whose course.yml and roster are right. Its assignments are read one by one (`load_assignment`)."""

    root: Path
    id: str
    title: str
    timezone: ZoneInfo
    assignments: tuple[str, ...] = ()
    quizzes: tuple[str, ...] = ()
    roster: Roster | None = None
    weights: dict[str, Decimal] = field(default_factory=dict)
    late: LatePolicy | None = None


def load_course(root: Path) -> Course:
    """The course in a folder. CourseError with every problem of course.yml and the roster."""
    problems: list[Problem] = []
    course = read_course(root, problems)
    raise_problems(problems)
    assert course is not None  # no problem, so it was read
    return course


def read_course(root: Path, problems: list[Problem]) -> Course | None:
    """The course in a folder as far as it can be read; what is wrong is appended to `problems`."""
    root = root.resolve()
    file = read_yaml(root / COURSE_FILE, problems, missing="write it, or make a course with `autograder init DIR`")
    if file is None:
        return None
    model = validate(file, CourseFile, problems)
    _check_listed(file, root, problems)
    _check_weights(file, problems)
    roster = _read_roster(file, root, problems)
    if model is None:
        return None
    return Course(
        root,
        model.course,
        model.title,
        model.timezone,
        model.assignments,
        model.quizzes,
        roster,
        model.weights,
        model.late,
    )


def _names(file: YamlFile, key: str) -> list[tuple[int, str]]:
    """Position and text of what looks like an id in a list, whatever else may be wrong with the list."""
    value = file.data.get(key)
    items = value if isinstance(value, list) else []
    return [(number, item) for number, item in enumerate(items) if isinstance(item, str) and item.isprintable()]


def _check_listed(file: YamlFile, root: Path, problems: list[Problem]) -> None:
    """What is listed exists, and no id means two things."""
    seen: dict[str, str] = {}
    for key, noun in (("assignments", "assignment"), ("quizzes", "quiz")):
        for number, name in _names(file, key):
            place = (key, number)
            if name in seen:
                wrong = f"`{name}` is listed twice" if seen[name] == key else f"`{name}` is an assignment already"
                problems.append(file.problem(place, wrong, "give every assignment and every quiz an id of its own"))
            elif not _exists(root, key, name):
                path = f"assignments/{name}" if key == "assignments" else f"quizzes/{name}.yml"
                others = _present(root, key)
                otherwise = f"make it, or remove the {noun} from the list"
                wrong = f"the {noun} `{name}` has no {'folder' if key == 'assignments' else 'file'} {path}"
                problems.append(file.problem(place, wrong, did_you_mean(name, others, otherwise)))
            seen.setdefault(name, key)


def _exists(root: Path, key: str, name: str) -> bool:
    return (root / key / name).is_dir() if key == "assignments" else (root / key / f"{name}.yml").is_file()


def _present(root: Path, key: str) -> Iterable[str]:
    folder = root / key
    if not folder.is_dir():
        return []
    return sorted(each.name if key == "assignments" else each.stem for each in folder.iterdir() if each.name[0] != ".")


def _check_weights(file: YamlFile, problems: list[Problem]) -> None:
    weights = file.data.get("weights")
    if not isinstance(weights, dict):
        return
    known = [name for key in ("assignments", "quizzes") for _, name in _names(file, key)]
    for name in weights:
        if name not in known:
            wrong = f"`{name}` is no assignment or quiz of this course"
            remedy = did_you_mean(name, known, "add it to `assignments:`, or remove its weight")
            problems.append(file.problem(("weights", name), wrong, remedy))


def _read_roster(file: YamlFile, root: Path, problems: list[Problem]) -> Roster | None:
    name = file.data.get("roster")
    if not isinstance(name, str) or not name.isprintable() or ".." in Path(name).parts or Path(name).is_absolute():
        return None  # not there, or refused by its field
    path = root / name
    if not path.exists():
        problems.append(
            file.problem(("roster",), f"the roster {name} does not exist", "write the file, or remove this line")
        )
        return None
    return read_roster(path, problems)
