"""assignment.yml: a right one, and every way to be wrong."""

import pickle
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from autograder.course import QuestionKind, check_course, load_assignment, load_course, relative_to
from autograder.errors import CourseError
from autograder.results import Visibility

ID = "cosine-similarity"


def test_load_assignment(maker) -> None:
    """A right assignment is read whole."""
    assignment = maker.load()
    assert (assignment.id, assignment.title, assignment.group_max) == (ID, "Cosine similarity", 3)
    assert assignment.due == datetime(2025, 2, 4, 7, 59, tzinfo=UTC)
    assert assignment.limits.test_seconds == 2.5
    assert (assignment.limits.memory, assignment.device.memory) == (2 * 2**30, 1_500_000_000)
    assert (assignment.device.prefer, assignment.device.require) == ("cuda", False)
    assert (assignment.notebooks, assignment.files) == ((f"{ID}.ipynb",), ("data/movies.csv",))
    assert assignment.max_points == Decimal(7)
    assert [question.kind for question in assignment.questions] == [QuestionKind.CODE, QuestionKind.WRITTEN]
    assert assignment.question("design").rubric[1].points == 1
    assert assignment.question("cosine").notebook == f"{ID}.ipynb"
    assert pickle.loads(pickle.dumps(assignment)) == assignment


def test_load_assignment_tests(maker) -> None:
    """Public tests come first, then the hidden ones; each is what its author declared."""
    first, second, third = maker.load().tests
    assert (first.id, first.visibility, first.points) == ("test_runs", Visibility.PUBLIC, Decimal("0.5"))
    assert (second.id, second.line, second.hint) == ("test_ignores_scale", 9, "Arrows of different lengths?")
    assert second.doc == "Cosine does not change when a vector is scaled."
    assert (second.fixtures, second.prepared) == (("student", "reference", "rng"), None)
    assert (third.fixtures, third.prepared, third.file) == (("trained",), "trained", maker.hidden)
    assert maker.load().tests_of("cosine") == (first, second, third)


def test_assignment_folders(maker) -> None:
    """An assignment knows the folders of its parts."""
    assignment = maker.load()
    assert assignment.public == maker.root / "assignments" / ID / "public"
    assert assignment.hidden == maker.root / "tests/hidden" / ID
    assert assignment.solution == maker.root / "solutions" / ID


def test_load_assignment_defaults(maker) -> None:
    """Id, title and questions make an assignment."""
    maker.write(
        f"assignments/{ID}/assignment.yml",
        f"assignment: {ID}\ntitle: T\nquestions:\n  - {{id: cosine, title: C, kind: code, points: 4}}\n",
    )
    assignment = maker.load()
    assert (assignment.due, assignment.files, assignment.notebooks) == (None, (), (f"{ID}.ipynb",))
    assert (assignment.limits.notebook_seconds, assignment.device.prefer, assignment.group_max) == (60, "cpu", 1)


def test_load_assignment_several_notebooks(maker) -> None:
    """A question may lie in another of the assignment's notebooks; the first is the default."""
    maker.edit(maker.yml, f"[{ID}.ipynb]", "[a.ipynb, b.ipynb]")
    maker.edit(maker.yml, "points: 4}", "points: 4, notebook: b.ipynb}")
    assert [question.notebook for question in maker.load().questions] == ["b.ipynb", "a.ipynb"]


def test_load_assignment_needs_no_other(maker) -> None:
    """The faults of another assignment are not this one's."""
    maker.edit(maker.root / "course.yml", f"[{ID}]", f"[{ID}, broken]")
    maker.write("assignments/broken/assignment.yml", "assignment: [\n")
    assert maker.load().id == ID
    with pytest.raises(CourseError, match="begins here"):
        load_assignment(load_course(maker.root), "broken")
    assert [problem.file.parent.name for problem in check_course(maker.root)] == ["broken"]


BROKEN = [
    (
        "assignment: cosine-similarity",
        "assignment: cosine",
        1,
        "assignment",
        "names the assignment `cosine`",
        "rename the folder",
    ),
    ("title: Cosine similarity", "title: 12", 2, "title", "number 12", '"12"'),
    ("title: Cosine similarity", "title:", 2, "title", "is empty", "write a text"),
    ("title: Cosine similarity", "titel: Cosine", 2, "titel", "unknown key", "did you mean `title`?"),
    ("2025-02-03T23:59", "tomorrow", 3, "due", "ISO 8601", "2025-02-03T23:59"),
    ("2025-02-03T23:59", "2025-02-03", 3, "due", "ISO 8601", "date and time"),
    ("2025-02-03T23:59", "2025-03-09T02:30", 3, "due", "does not exist in America/Los_Angeles", "2025-03-09T03:30"),
    ("2025-02-03T23:59", "2025-11-02T01:30", 3, "due", "happens twice", "offset"),
    ("notebook_seconds: 60", "notebook_seconds: 60s", 4, "limits.notebook_seconds", "“60s”", "no unit"),
    ("notebook_seconds: 60", "notebook_seconds: 0", 4, "limits.notebook_seconds", "more than 0", "such as 10"),
    ("notebook_seconds: 60", "notebook_second: 60", 4, "limits.notebook_second", "unknown key", "`notebook_seconds`"),
    ("memory: 2 GiB", "memory: 2", 4, "limits.memory", "number 2", "2 GiB"),
    ("memory: 2 GiB", "memory: 2 GiBs", 4, "limits.memory", "“2 GiBs”", "2 GiB"),
    ("memory: 2 GiB", "memory: 1 KB", 4, "limits.memory", "out of range", "1 MiB or more"),
    ("prefer: cuda", "prefer: gpu", 5, "device.prefer", "“gpu”", "`cpu` or `cuda`"),
    ("require: false", "require: No", 5, "device.require", "“No”", "without quotes"),
    ("{prefer: cuda, require: false, memory: 1.5 GB}", "cuda", 5, "device", "must be a mapping", "key: value"),
    ("[cosine-similarity.ipynb]", "x.ipynb", 6, "notebooks", "must be a list", "[first, second]"),
    ("[cosine-similarity.ipynb]", "[x.py]", 6, "notebooks[#1]", "name of a notebook", ".ipynb"),
    ("[cosine-similarity.ipynb]", "[x.ipynb, x.ipynb]", 6, "notebooks[#2]", "twice", "once"),
    ("movies.csv", "movie.csv", 7, "files[#1]", "does not exist", "did you mean `data/movies.csv`?"),
    ("data/movies.csv", "data", 7, "files[#1]", "is a folder", "one by one"),
    ("data/movies.csv", "../../course.yml", 7, "files[#1]", "inside the folder", "below"),
    ("data/movies.csv", "C:/x", 7, "files[#1]", "inside the folder", "below"),
    ("data/movies.csv", "data/movies.csv, data/movies.csv", 7, "files[#2]", "twice", "once"),
    ("max: 3", "max: 0", 8, "group.max", "whole number", "1 or more"),
    ("[torch]", "[torch nn]", 9, "forbid_imports[#1]", "name of a module", "torch.nn"),
    ("id: cosine,", "id: Cosine,", 11, "questions[Cosine].id", "not an id", "`cosine`"),
    ("kind: code", "kind: coding", 11, "questions[cosine].kind", "“coding”", "`code` or `written`"),
    ("points: 4", 'points: "4"', 11, "questions[cosine].points", "the text “4”", "without quotes"),
    ("points: 4", "points: -4", 11, "questions[cosine].points", "negative", "0 or more"),
    (
        "points: 4",
        "points: 5",
        11,
        "questions[cosine].points",
        "add up to 4 points, the question has 5",
        "0.5 + 2 + 1.5",
    ),
    (
        "points: 4",
        "points: 4, rubric: [{id: a, points: 4, text: x}]",
        11,
        "questions[cosine].rubric",
        "rubric",
        "written",
    ),
    ("points: 4", "points: 4, notebook: b.ipynb", 11, "questions[cosine].notebook", "b.ipynb is not one", "notebooks:"),
    ("id: design", "id: cosine", 12, "questions[cosine].id", "twice, first on line 11", "id of its own"),
    ("    kind: written\n", "", 12, "questions[design].kind", "`kind` is missing", "`kind: code`"),
    ("points: 3", "points: 3.5", 15, "questions[design].points", "rubric of `design` adds up to 3", "`points: 3`"),
    ("names-limit", "uses-angle", 18, "questions[design].rubric[uses-angle].id", "twice", "id of its own"),
    ("points: 1, text", "points: 1, txt", 18, "questions[design].rubric[names-limit].txt", "unknown key", "`text`"),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "message", "remedy"), BROKEN)
def test_load_assignment_broken(maker, old: str, new: str, line: int, key: str, message: str, remedy: str) -> None:
    """Each fault is exactly one problem with file, line, key, message and remedy."""
    maker.edit(maker.yml, old, new)
    problem = maker.only()
    assert (problem.file, problem.line, problem.key) == (maker.yml, line, key)
    assert message in problem.message
    assert remedy in problem.remedy


def test_load_assignment_missing_file(maker) -> None:
    """A folder without assignment.yml is one problem."""
    maker.yml.unlink()
    assert "does not exist" in maker.only().message


def test_load_assignment_no_questions(maker) -> None:
    """An assignment needs a question."""
    maker.yml.write_text(f"assignment: {ID}\ntitle: T\nquestions: []\n")
    assert any(problem.key == "questions" and "at least one" in problem.message for problem in maker.problems())


def test_load_assignment_link_out_of_the_folder(maker) -> None:
    """A data file must not be a link to something that students would not get."""
    data = maker.root / "assignments" / ID / "data/movies.csv"
    data.unlink()
    data.symlink_to(maker.root / "roster.csv")
    assert "leads out" in maker.only().message


def test_load_assignment_every_problem_at_once(maker) -> None:
    """One fault in each place, one problem for each, in one error; a refused value is named once."""
    maker.edit(maker.yml, "max: 3", "max: x")
    maker.edit(maker.yml, "title: Cosine of", "titel: Cosine of")
    maker.edit(maker.yml, "movies.csv", "none.dat")
    maker.edit(maker.yml, "points: 3", "points: *three")
    maker.edit(maker.hidden, "rng)", "rgn)")
    maker.edit(maker.hidden, "points=1.5", "points=-1")
    with pytest.raises(CourseError) as caught:
        maker.load()
    found = [(problem.file.name, problem.line) for problem in caught.value.problems]
    assert found == [("assignment.yml", line) for line in (7, 8, 11, 15)] + [
        ("test_cosine.py", line) for line in (9, 12)
    ]
    assert str(relative_to(caught.value.problems, maker.root)[0].file) == f"assignments/{ID}/assignment.yml"


def test_check_course_goes_on_after_course_yml(maker) -> None:
    """A broken course.yml does not hide what is wrong with the assignments."""
    maker.edit(maker.root / "course.yml", "UTC" if "UTC" in maker.root.name else "America/Los_Angeles", "Nowhere")
    maker.edit(maker.yml, "max: 3", "max: 0")
    assert [problem.file.name for problem in maker.problems()] == ["course.yml", "assignment.yml"]


def test_course_imports_nothing_heavy() -> None:
    """Reading course files needs neither torch nor nbformat nor pytest."""
    code = "import sys, autograder.course; print({'torch', 'nbformat', 'numpy', 'pytest'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


JUNK = ["", "1.5", "true", "[1, x, {}]", "{kind: []}", "{1: 2}", '"\\0/.."']


@pytest.mark.parametrize("name", ["course.yml", f"assignments/{ID}/assignment.yml"])
@pytest.mark.parametrize("junk", JUNK)
def test_any_value_anywhere_is_a_problem_or_right(maker, name: str, junk: str) -> None:
    """Whatever stands after a key, the answer is a course or problems with remedies, never another exception."""
    text = (maker.root / name).read_text()
    for number, line in enumerate(text.splitlines()):
        indent, colon, _ = line.partition(":")
        changed = text.splitlines()
        changed[number] = f"{indent}{colon} {junk}" if not indent.lstrip().startswith("-") else f"  - {junk}"
        maker.write(name, "\n".join(changed))
        for problem in maker.problems():
            assert problem.line is not None
            assert problem.message
            assert problem.remedy
