"""Which files are whose: every layout that a TA may have on disk, and every name that a student may choose."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.course.roster import Roster, Student
from autograder.dispatch.collect import collect
from autograder.errors import CourseError
from autograder.gradebook.rows import storable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of submissions."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    return folder


def put(folder: Path, name: str | bytes, text: str = "{}", *, age: float = 0.0) -> Path:
    """A file in a folder, last changed `age` seconds after the beginning of time."""
    path = folder / os.fsdecode(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (age, age))
    return path


def taken(*paths: Path, notebooks: tuple[str, ...] = ("sums.ipynb",), group: int = 1, **options: Any) -> dict[str, Any]:
    """What is collected, by student."""
    assignment: Any = SimpleNamespace(notebooks=notebooks, group_max=group)
    found = collect(paths, assignment, **options)
    assert [one.student for one in found] == sorted({one.student for one in found})
    assert all(storable(one.student) for one in found)
    return {one.student: one for one in found}


def test_folder_of_files(folder: Path) -> None:
    """In a folder each notebook or script is the submission of the student that it is named after."""
    ada, bob = put(folder, "ada.ipynb"), put(folder, "bob.py")
    put(folder, "readme.txt")
    found = taken(folder)
    assert {student: dict(one.files) for student, one in found.items()} == {
        "ada": {"sums.ipynb": ada},
        "bob": {"sums.ipynb": bob},
    }
    assert found["ada"].members == ("ada",)
    assert found["ada"].flags == ()


def test_folder_of_folders(folder: Path) -> None:
    """In a student's folder the notebook may lie deep and be called anything."""
    ada = put(folder, "ada/week 1/my homework (2).ipynb")
    put(folder, "ada/.ipynb_checkpoints/my homework (2)-checkpoint.ipynb", age=9)
    put(folder, "ada/__MACOSX/._x.ipynb", age=9)
    bob = put(folder, "bob/solution.py")
    found = taken(folder)
    assert found["ada"].files == {"sums.ipynb": ada}
    assert found["bob"].files == {"sums.ipynb": bob}
    assert found["ada"].flags == ()


def test_leavings_of_other_programs_are_no_students(folder: Path) -> None:
    """Checkpoints, version control and what macOS adds to archives hand nothing in."""
    put(folder, "ada.ipynb")
    for name in ("._ada.ipynb", ".~ada.ipynb", "__MACOSX/bob.ipynb", ".git/x.ipynb", ".ipynb_checkpoints/a.ipynb"):
        put(folder, name)
    assert list(taken(folder)) == ["ada"]


def test_notebook_of_the_assignments_name_counts(folder: Path) -> None:
    """Among several notebooks the one with the assignment's name counts, even if another is newer; that is told."""
    right = put(folder, "ada/sums.ipynb", age=1)
    put(folder, "ada/scratch.ipynb", age=2)
    found = taken(folder)["ada"]
    note = "Other notebooks lay beside it and were not graded: scratch.ipynb."
    assert (found.files, found.flags) == ({"sums.ipynb": right}, (note,))


def test_newest_of_several_notebooks(folder: Path) -> None:
    """Where none has the assignment's name the newest counts, and the report says so."""
    put(folder, "ada/b.ipynb", age=1)
    newest = put(folder, "ada/a.ipynb", age=2)
    found = taken(folder)["ada"]
    assert found.files == {"sums.ipynb": newest}
    assert found.flags == ("2 notebooks were handed in; the newest, a.ipynb, was graded.",)


def test_two_notebooks_of_one_assignment(folder: Path) -> None:
    """Each notebook is found by its name; one that was renamed is the one that is left."""
    one, other = put(folder, "ada/one.ipynb"), put(folder, "ada/renamed.ipynb")
    put(folder, "bob/one.ipynb")
    found = taken(folder, notebooks=("one.ipynb", "two.ipynb"))
    assert found["ada"].files == {"one.ipynb": one, "two.ipynb": other}
    assert list(found["bob"].files) == ["one.ipynb"]


@pytest.mark.parametrize(
    ("names", "expected", "note"),
    [
        (["part-1-1.ipynb", "part-2-1.ipynb"], ["part-1-1.ipynb", "part-2-1.ipynb"], ""),
        (["Part-2 (3).ipynb", "Part-1 (2).ipynb"], ["Part-1 (2).ipynb", "Part-2 (3).ipynb"], ""),
        (["part-1-1.ipynb", "part-1-2.ipynb", "part-2.ipynb"], ["part-1-2.ipynb", "part-2.ipynb"], "part-1-1.ipynb"),
        (["part-1.ipynb", "part-1-9.ipynb", "part-2.ipynb"], ["part-1.ipynb", "part-2.ipynb"], "part-1-9.ipynb"),
        (["part-1-1.ipynb", "anything.ipynb"], ["part-1-1.ipynb", "anything.ipynb"], ""),
        (["part-10.ipynb"], ["part-10.ipynb"], ""),
    ],
)
def test_notebooks_that_a_web_page_renamed(folder: Path, names: list[str], expected: list[str], note: str) -> None:
    """A second upload gets a number: names that hold the notebook's are taken for it, the newest of several."""
    for age, name in enumerate(names):
        put(folder, f"ada/{name}", age=age)
    found = taken(folder, notebooks=("part-1.ipynb", "part-2.ipynb"))["ada"]
    assert [path.name for _, path in sorted(found.files.items())] == expected
    assert found.flags == ((f"Other notebooks lay beside it and were not graded: {note}.",) if note else ())


def test_longer_names_go_first(folder: Path) -> None:
    """`part-10` holds `part-1`, too, and is not taken for it."""
    first, tenth = put(folder, "ada/my part-1.ipynb"), put(folder, "ada/my part-10.ipynb")
    found = taken(folder, notebooks=("part-1.ipynb", "part-10.ipynb"))["ada"]
    assert found.files == {"part-1.ipynb": first, "part-10.ipynb": tenth}


def test_two_submissions_of_one_student(folder: Path) -> None:
    """A file and a folder of one student: the newer one counts, and the other is named, wherever all of it lies."""
    put(folder, "ada.ipynb", age=1)
    newer = put(folder, "ada/late.ipynb", age=2)
    found = taken(folder)["ada"]
    assert found.files == {"sums.ipynb": newer}
    (flag,) = found.flags
    assert "Two submissions of one student" in flag
    assert flag.endswith("Not graded: ada.ipynb")


def test_stated_time_decides_between_submissions(tmp_path: Path) -> None:
    """Times are compared as times, not as text, and a stated one counts more than a file's."""
    put(tmp_path, "one/ada/x.ipynb", age=9e8)
    put(tmp_path, "one/ada/timestamp.txt", "2025-02-03T23:00:00+00:00")
    late = put(tmp_path, "two/ada/x.ipynb", age=1)
    put(tmp_path, "two/ada/timestamp.txt", "2025-02-03T20:00:00-08:00")
    put(tmp_path, "three/ada.ipynb", age=9e8)
    found = taken(tmp_path / "one", tmp_path / "two", tmp_path / "three")["ada"]
    assert found.files == {"sums.ipynb": late}
    assert found.submitted_at == "2025-02-03T20:00:00-08:00"


def test_same_path_twice_is_one_submission(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that is named twice, even in two ways, is no second submission."""
    path = put(folder, "ada.ipynb")
    monkeypatch.chdir(folder)
    assert taken(folder, path, Path("ada.ipynb"))["ada"].flags == ()


def test_files_named_one_by_one(folder: Path) -> None:
    """`submissions/*/sums.ipynb`, spelled out by the shell, are as many students as folders."""
    paths = [put(folder, f"{student}/sums.ipynb") for student in ("ada", "bob")]
    put(folder, "bob/timestamp.txt", "2025-02-03T23:00")
    found = taken(*paths)
    assert list(found) == ["ada", "bob"]
    assert found["bob"].submitted_at == "2025-02-03T23:00"
    assert list(taken(put(folder, "eve.ipynb"))) == ["eve"]


def test_student_without_notebook(folder: Path) -> None:
    """An empty folder is somebody who handed in nothing usable: not left out."""
    (folder / "ada").mkdir()
    assert taken(folder)["ada"].files == {}


def test_groups(folder: Path) -> None:
    """A group's members are the parts of the name; who is in two submissions is flagged."""
    put(folder, "ada+bob.ipynb")
    put(folder, "cyd+dan+eve+.ipynb")
    put(folder, "bob.ipynb")
    found = taken(folder, group=2)
    assert found["ada+bob"].members == ("ada", "bob")
    assert found["ada+bob"].flags == ("bob stands in more than one submission.",)
    assert found["cyd+dan+eve+"].members == ("cyd", "dan", "eve")
    assert found["cyd+dan+eve+"].flags == ("The group has 3 members; the assignment allows 2.",)
    assert taken(folder)["ada+bob"].members == ("ada+bob",)


def test_roster(folder: Path) -> None:
    """Who is not on the roster is flagged, each member of a group by name, and graded all the same."""
    put(folder, "ada+bbo.ipynb")
    roster = Roster((Student("ada"), Student("bob")))
    assert taken(folder, group=2, roster=roster)["ada+bbo"].flags == ("bbo is not on the roster.",)


def test_composed_and_decomposed_letters(folder: Path) -> None:
    """An é is an é, whether the file system keeps it as one character or as two."""
    put(folder, "rene\N{COMBINING ACUTE ACCENT}.ipynb")
    roster = Roster((Student("ren\N{LATIN SMALL LETTER E WITH ACUTE}"),))
    (found,) = taken(folder, roster=roster).values()
    assert (found.student, found.flags) == ("ren\N{LATIN SMALL LETTER E WITH ACUTE}", ())


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("line\nbreak.ipynb", "U+000A"),
        ("\x1b[2Jclears.ipynb", "U+001B"),
        ("gnp\N{RIGHT-TO-LEFT OVERRIDE}.ipynb", "U+202E"),
        ("-rf.ipynb", "begins with “-”"),
        (".hidden.ipynb", "begins with “.”"),
        (" .ipynb", "space"),
        ("x" * 245 + ".ipynb", "longer than 100"),
        (b"caf\xe9.ipynb", "slash"),
    ],
)
def test_odd_name_is_flagged(folder: Path, name: str | bytes, fault: str) -> None:
    """A name that is no proper id is graded, flagged, and can be stored."""
    put(folder, name)
    (found,) = taken(folder).values()
    assert any(fault in flag for flag in found.flags)


def test_two_names_that_are_not_utf_8(folder: Path) -> None:
    """Bytes that are no text stay apart: nobody loses a submission to somebody else's."""
    put(folder, b"caf\xe9.ipynb")
    put(folder, b"caf\xe8.ipynb")
    assert len(taken(folder)) == 2


def test_no_plain_files(folder: Path) -> None:
    """A pipe, a link and a folder named like a notebook are somebody's submission; a link to a folder is skipped."""
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    (folder / "dangling.ipynb").symlink_to("nowhere")
    inside = put(folder, "ada.ipynb/x.ipynb")
    (folder / "elsewhere").symlink_to("/")
    found = taken(folder)
    assert sorted(found) == ["ada", "dangling", "link", "pipe"]
    assert found["ada"].files == {"sums.ipynb": inside}


def test_link_to_a_folder_is_told(folder: Path) -> None:
    """A link to a folder is left out, and whoever grades is told."""
    put(folder, "ada.ipynb")
    (folder / "elsewhere\x1b[2J").symlink_to("/")
    told: list[str] = []
    assert list(taken(folder, notice=told.append)) == ["ada"]
    assert told == ["Left out: elsewhere\x1b[2J is a link to a folder, and links are not followed."]


def test_link_beside_a_notebook(folder: Path) -> None:
    """A link in the notebook's name does not keep the plain notebook beside it from being graded; it is named."""
    own = put(folder, "ada/mine.ipynb")
    (folder / "ada" / "sums.ipynb").symlink_to("/etc/passwd")
    (folder / "ada" / "deep").symlink_to("/")
    found = taken(folder)["ada"]
    assert found.files == {"sums.ipynb": own}
    assert found.flags == ("Not read, as they are links or no files: sums.ipynb.",)


def test_same_file_of_two_students(folder: Path) -> None:
    """A hard link to a neighbour's file is flagged on both reports; a copy of one's own under two names is not."""
    path = put(folder, "ada.ipynb")
    os.link(path, folder / "bob.ipynb")
    os.link(put(folder, "cyd/sums.ipynb"), folder / "cyd" / "again.ipynb")
    found = taken(folder)
    told = ("The very same file, no copy, is another submission, too: it is a hard link.",)
    assert found["ada"].flags == found["bob"].flags == told
    assert found["cyd"].flags == ("Other notebooks lay beside it and were not graded: again.ipynb.",)


def test_ids_that_differ_in_capitals_alone(folder: Path) -> None:
    """Where somebody takes another's id with other capitals, or full-width letters, all reports say so."""
    for name in ("ada.ipynb", "Ada.ipynb", "ａｄａ.ipynb", "bob.ipynb"):
        put(folder, name)
    found = taken(folder)
    assert len(found) == 4
    assert found["ada"].flags == ("Another submission's id differs from this one in spelling alone.",)
    assert found["bob"].flags == ()


@pytest.mark.parametrize(
    "name", ["ada.zip", "ada.tar.gz", "ada.ipynb.zip", "ada.7Z", "ada/homework.zip", "ada/a/b.tgz"]
)
def test_archive_stands_in_for_the_notebook(folder: Path, name: str) -> None:
    """An archive is its student's submission, so that intake can say what to do with it."""
    path = put(folder, name)
    (found,) = taken(folder).values()
    assert (found.student, found.files) == ("ada", {"sums.ipynb": path})
    (found,) = taken(folder, notebooks=("one.ipynb", "two.ipynb")).values()
    assert set(found.files.values()) == {path}


def test_archive_beside_a_notebook(folder: Path) -> None:
    """A notebook counts before any archive, even a newer one, and the report names what was not graded."""
    notebook = put(folder, "ada.ipynb", age=1)
    put(folder, "ada.zip", age=2)
    inside = put(folder, "bob/x.ipynb")
    put(folder, "bob/data.zip", age=2)
    found = taken(folder)
    assert found["ada"].files == {"sums.ipynb": notebook}
    assert found["ada"].flags == (
        "Two submissions of one student were found; the notebook was graded. Not graded: ada.zip",
    )
    assert (found["bob"].files, found["bob"].flags) == ({"sums.ipynb": inside}, ())


def test_files_of_somebody_on_the_roster(folder: Path) -> None:
    """With a roster, whatever bears a student's name is a submission; an archive of nobody's is told and left out."""
    pdf = put(folder, "ada.pdf")
    put(folder, "all submissions.zip")
    put(folder, "readme.txt")
    put(folder, ".ada.swp")
    group = put(folder, "bob+ada.rar")
    told: list[str] = []
    found = taken(folder, group=2, roster=Roster((Student("ada"), Student("bob"))), notice=told.append)
    assert {student: list(one.files.values()) for student, one in found.items()} == {"ada": [pdf], "bob+ada": [group]}
    assert told == ["Left out: all submissions.zip is an archive, and no student of the roster is called so."]


def test_endings_in_capitals(folder: Path) -> None:
    """`.IPYNB` is a notebook, too: some systems write endings so."""
    put(folder, "ada.IPYNB")
    put(folder, "bob/Sums.Ipynb")
    assert sorted(taken(folder)) == ["ada", "bob"]
    assert all(one.files for one in taken(folder).values())


def test_folder_that_lies_too_deep(folder: Path) -> None:
    """Folders in folders, deeper than a path can say, cost their own student alone."""
    put(folder, "bob.ipynb")
    (folder / "ada").mkdir()
    here = os.open(folder / "ada", os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=here)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    found = taken(folder)
    assert sorted(found) == ["ada", "bob"]
    assert found["ada"].files == {}


def test_flags_name_a_few_of_many(folder: Path) -> None:
    """Ten thousand links make one short flag."""
    for number in range(300):
        (folder / "ada").mkdir(exist_ok=True)
        (folder / "ada" / f"{number:03}.ipynb").symlink_to("nowhere")
    (flag,) = taken(folder)["ada"].flags
    assert flag.endswith("018.ipynb, 019.ipynb and 279 more.")
    assert len(flag) < 400


def test_archive_that_is_named(folder: Path) -> None:
    """Whoever names an archive is told to unpack it."""
    path = put(folder.parent, "class.zip")
    with pytest.raises(CourseError) as raised:
        taken(path)
    (problem,) = raised.value.problems
    assert (problem.message, problem.remedy) == (
        "this is an archive",
        "unpack it, and name the folder that comes out of it",
    )


def test_timestamp_that_is_no_plain_file(folder: Path) -> None:
    """A pipe, a link or a huge file in the timestamp's place is neither waited for nor read."""
    for student in ("ada", "bob", "cyd"):
        put(folder, f"{student}/x.ipynb")
    os.mkfifo(folder / "ada" / "timestamp.txt")
    put(folder, "time", "2025-02-03T23:00:00")
    (folder / "bob" / "timestamp.txt").symlink_to(folder / "time")
    with (folder / "cyd" / "timestamp.txt").open("wb") as file:
        file.truncate(2**40)
    assert {one.submitted_at for one in taken(folder).values()} == {None}


def test_times_file_goes_before_timestamp(folder: Path) -> None:
    """What `--times` says counts more than a file beside the notebook."""
    put(folder, "ada/x.ipynb")
    put(folder, "ada/timestamp.txt", "2025-02-03 23:00:00 UTC\n")
    assert taken(folder)["ada"].submitted_at == "2025-02-03 23:00:00+00:00"
    assert taken(folder, times={"ada": "2025-02-04T01:00"})["ada"].submitted_at == "2025-02-04T01:00"


def test_paths_that_hold_nothing(folder: Path) -> None:
    """Every path that is wrong is named, with what is wrong with it."""
    text = put(folder.parent, "notes.txt")
    with pytest.raises(CourseError) as raised:
        taken(folder, text, folder / "missing.ipynb")
    assert [(problem.file, problem.message) for problem in raised.value.problems] == [
        (folder, "there is no notebook in it"),
        (text, "this is no notebook"),
        (folder / "missing.ipynb", "there is no such file or folder"),
    ]
