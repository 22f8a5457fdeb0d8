"""The guides in docs/ say what the program does: names, keys, links, and the examples, which are run as they stand."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from pydantic import BaseModel

from autograder import checks
from autograder.cli.main import COMMANDS
from autograder.cli.quiz import COMMANDS as QUIZ_COMMANDS
from autograder.course.assignment import AssignmentFile
from autograder.course.course import CourseFile
from autograder.course.fixtures import OURS
from autograder.grading import Remote, Student
from autograder.results import Outcome, Report

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
GUIDES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
DESIGN, AUTHOR, TA, STUDENT = (GUIDES[name] for name in ("design", "author", "ta", "student"))
EVERYWHERE = {"--help", "--course"}
ELSEWHERE = ("autograder init", "autograder verify", "cd ")
"""Command lines that other tests run: those of `init`."""


NAMES = [*COMMANDS, *(f"quiz {name}" for name in QUIZ_COMMANDS)]


def command_of(name: str) -> click.Command:
    """A command of the command line: `grade`, `quiz check`."""
    first, _, rest = name.partition(" ")
    found: click.Command = importlib.import_module(f"autograder.cli.{first}").command
    if not rest:
        return found
    assert isinstance(found, click.Group)
    inner = found.get_command(click.Context(found), rest)
    assert inner is not None, name
    return inner


def row(text: str, start: str) -> str:
    """The row of a table whose first cell begins so."""
    rows = [line for line in text.splitlines() if line.startswith(f"| `{start}")]
    assert rows, f"no table has a row for {start}"
    return rows[0]


# ---- names


@pytest.mark.parametrize("name", NAMES)
def test_command_and_its_options_are_listed(name: str) -> None:
    """Every command has a row with every option that it has, and with no other."""
    listed = set(re.findall(r"--[a-z][a-z-]+", row(DESIGN, f"autograder {name}")))
    known = {option for each in command_of(name).params for option in each.opts if option.startswith("--")}
    assert listed == known - EVERYWHERE


def test_course_option_is_where_the_text_says() -> None:
    """All commands but init and doctor take --course."""
    having = {name for name in NAMES if any("--course" in each.opts for each in command_of(name).params)}
    assert set(NAMES) - having == {"init", "doctor", "quiz", "quiz import"}


def keys(model: type[BaseModel]) -> Iterator[str]:
    """Every key of a course file, those of what it contains included."""
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


@pytest.mark.parametrize("model", [CourseFile, AssignmentFile])
def test_every_key_of_course_files_is_listed(model: type[BaseModel]) -> None:
    """Each key of course.yml and assignment.yml stands in the reference."""
    reference = DESIGN[DESIGN.index("## Course files") : DESIGN.index("## Notebooks and variants")]
    code = " ".join(re.findall(r"`([^`]+)`", reference))
    assert not [key for key in keys(model) if not re.search(rf"\b{key}\b", code)]


def test_defaults_of_limits_are_right() -> None:
    """The defaults in the reference are those of the program."""
    limits = AssignmentFile.model_fields["limits"].default
    for name in ("notebook_seconds", "test_seconds", "prepare_seconds"):
        assert row(DESIGN, f"limits.{name}").split(" | ")[2] == f"{getattr(limits, name):g}"
    assert limits.memory == 2 * 2**30
    assert row(DESIGN, "limits.memory").split(" | ")[2] == "`2 GiB`"


@pytest.mark.parametrize("name", checks.__all__)
def test_every_check_is_listed(name: str) -> None:
    """Each public check has a row that names its parameters."""
    parameters = row(AUTHOR + GUIDES["checks"], name).split("`")[1]
    own = inspect.signature(getattr(checks, name)).parameters
    listed = {part.strip(" *").partition("=")[0] for part in parameters[len(name) + 1 : -1].split(",")}
    if name != "find_loose_comparisons":  # its parameters are the lint's own business
        assert listed == set(own)


@pytest.mark.parametrize(("kind", "cls"), [("student", Student), ("Remote", Remote)])
def test_every_method_for_tests_is_listed(kind: str, cls: type) -> None:
    """Each method of `student` and of a Remote has a row."""
    table = AUTHOR[AUTHOR.index(f"`{kind}` | does") :].split("\n\n")[0]
    methods = {name for name, _ in inspect.getmembers(cls, inspect.isfunction) if not name.startswith("_")}
    assert {re.match(r"\| `(\w+)\(", line)[1] for line in table.splitlines()[2:]} == methods  # type: ignore[index]


@pytest.mark.parametrize("name", OURS)
def test_every_fixture_is_listed(name: str) -> None:
    """Each fixture has a row."""
    assert row(AUTHOR, f"{name}`")


def test_every_key_of_results_is_listed() -> None:
    """Each key of the results JSON stands in its reference."""
    reference = DESIGN[DESIGN.index("## Results") : DESIGN.index("## Command line")]
    report = Report("a", "b", (), "sha256:", Outcome.GRADED, max_points=Decimal(1))
    assert not [key for key in report.to_json() if f"`{key}`" not in reference]


def test_every_module_has_its_line() -> None:
    """Each module outside the command line is named in the overview of rooms."""
    rooms = DESIGN[DESIGN.index("## Rooms") : DESIGN.index("## Roles and trust")]
    paths = [path for path in (ROOT / "autograder").glob("*/*.py") if path.parent.name != "cli"]
    modules = {path.stem for path in (*paths, *(ROOT / "autograder").glob("*.py"))} - {"__init__"}
    assert not [name for name in sorted(modules | set(COMMANDS)) if f"`{name}`" not in rooms]


# ---- links and command lines


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", [*GUIDES, "README"])
def test_links_lead_somewhere(name: str) -> None:
    """Links between the pages lead to files and headings that are there."""
    home = ROOT if name == "README" else ROOT / "docs"
    text = (home / f"{name}.md").read_text(encoding="utf-8")
    for link in re.findall(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = home / (file or f"{name}.md")
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


def shown(text: str) -> list[str]:
    """The command lines of a page, in order, each once."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.M | re.S)
    return list(dict.fromkeys(line for block in blocks for line in block.splitlines()))


@pytest.mark.parametrize("name", GUIDES)
def test_shown_options_exist(name: str) -> None:
    """Whatever is written as `autograder …`, in blocks and in the text, is a call that the program knows."""
    inline = re.findall(r"`autograder ([a-z]+)([^`\n]*)`", GUIDES[name])
    blocks = [line.split(maxsplit=2)[1:] for line in shown(GUIDES[name]) if line.startswith("autograder ")]
    for command, *rest in (*inline, *blocks):
        if command == "quiz":
            words = " ".join(rest).split()
            command = " ".join(["quiz", *(word for word in words[:1] if word in QUIZ_COMMANDS)])
        known = {option for each in command_of(command).params for option in each.opts} | {"--help", "-h"}
        assert not set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", " ".join(rest))) - known, (command, rest)


# ---- examples


def run(line: str, folder: Path, *, status: int = 0) -> str:
    """Run a command line as a reader would; what it prints."""
    program, *rest = shlex.split(line)
    done = subprocess.run([BIN / program, *rest], cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == status, f"{line}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


needs_fence = pytest.mark.skipif(sys.platform != "linux", reason="grading needs Linux")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course that the authors' guide writes down, released."""
    course = tmp_path_factory.mktemp("example")
    files = re.findall(r"^\*\*`([^`\n]+)`\*\*\n\n```\w+\n(.*?)^```$", AUTHOR, flags=re.M | re.S)
    for name, text in files:
        path = course / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    run("autograder release tiny-lm", course)
    return course


@pytest.fixture(scope="module")
def first_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `autograder init` makes."""
    folder = tmp_path_factory.mktemp("courses")
    run("autograder init my-course", folder)
    return folder / "my-course"


@needs_fence
def test_example_verifies_as_printed(example: Path) -> None:
    """The guide's assignment is proven, with the very matrix that the guide shows."""
    printed = run("autograder verify tiny-lm", example)
    matrix = re.search(r"^```text\n(tiny-lm: 8 tests.*?)^```", AUTHOR, flags=re.M | re.S)
    assert matrix is not None
    assert not [line for line in matrix[1].splitlines() if line.rstrip() not in map(str.rstrip, printed.splitlines())]
    assert "green" in printed.splitlines()


@needs_fence
def test_example_grades_a_class(example: Path) -> None:
    """The released notebook of the guide's assignment gets no point, and its written question waits for a person."""
    results = example / "results.jsonl"
    run(f"autograder grade tiny-lm assignments/tiny-lm/tiny-lm.ipynb --results {results}", example)
    report = json.loads(results.read_text(encoding="utf-8"))
    assert (report["outcome"], report["points"], report["max_points"]) == ("graded", 0, 10)
    assert report["manual_points_pending"] == 2


@needs_fence
@pytest.mark.parametrize("name", ["author", "ta"])
def test_shown_commands_run(name: str, first_course: Path) -> None:
    """Every command line of a guide works as written, in the order in which it stands, on the first course."""
    if not (first_course / ".autograder").exists():
        run("autograder grade first-steps submissions/first-steps", first_course)
    for line in shown(GUIDES[name]):
        if "tiny-lm" not in line and not line.startswith(ELSEWHERE):
            run(line, first_course, status=1 if line.startswith("pytest") else 0)  # grace fails a test


@needs_fence
def test_students_check_runs_as_shown(first_course: Path) -> None:
    """The student's command works beside the released notebook; a blank notebook does not pass."""
    for line in shown(STUDENT):
        assert "Receipt (not a grade)" in run(line, first_course / "assignments" / "first-steps", status=1)
