"""`autograder quiz import` and `autograder quiz export`, as one types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.cli import main as program
from autograder.quiz.load import load_quiz
from tests.interop.samples import KINDS, PIXEL, quiz_of

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("import", …, status=0)`: the command in the test's folder, its exit code checked; what it prints."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, status: int = 0) -> str:
        capsys.readouterr()
        code = program.run(["quiz", *arguments])
        printed = capsys.readouterr()
        assert code == status, printed.out + printed.err
        return printed.out + printed.err

    return call


def test_quiz_goes_out_and_comes_in(run: Run, tmp_path: Path) -> None:
    """A quiz with a picture, through each format that can be read; the pictures lie beside the new quiz."""
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample" / "net.png").write_bytes(PIXEL)
    row = "  - {id: n, kind: numeric, prompt: '![a net](sample/net.png)', answer: {value: 1}}\n"
    quiz_of(tmp_path, KINDS["single"] + row)
    for form, name in (("canvas", "q.zip"), ("moodle", "q.xml"), ("text", "q.txt"), ("gift", "q.gift")):
        assert "2 carried, 0 refused" in run("export", "sample.yml", "--format", form, "--to", name)
        said = run("import", name, "--to", f"quizzes/from-{form}.yml")
        assert "2 carried, 0 refused" in said
        assert [each.id for each in load_quiz(tmp_path / f"quizzes/from-{form}.yml").questions] == ["gradient", "n"]
    for form in ("canvas", "moodle"):
        assert (tmp_path / f"quizzes/from-{form}/net.png").read_bytes() == PIXEL


def test_nothing_is_overwritten_without_force(run: Run, tmp_path: Path) -> None:
    """A file that is there stays, and the call is wrong; with --force it is replaced."""
    quiz_of(tmp_path, KINDS["numeric"])
    run("export", "sample.yml", "--format", "text", "--to", "q.txt")
    (tmp_path / "old.yml").write_text("mine")
    assert "--force" in run("import", "q.txt", "--to", "old.yml", status=2)
    assert (tmp_path / "old.yml").read_text() == "mine"
    assert "--force" in run("export", "sample.yml", "--format", "gift", "--to", "old.yml", status=2)
    run("import", "q.txt", "--to", "old.yml", "--force")
    assert load_quiz(tmp_path / "old.yml").id == "old"


def test_refusals_are_told_and_set_the_status(run: Run, tmp_path: Path) -> None:
    """What was refused is exit code 1 and stands in --json and in the file; the rest is there."""
    (tmp_path / "q.gift").write_text("::A::Only a text.\n\n::B::How many?{#=3:0 =%50%3:1}\n")
    printed = run("import", "q.gift", "--to", "q.yml", "--json", status=1)
    said = json.loads(printed)
    assert (said["quiz"], said["format"], said["questions"]) == ("q", "gift", ["b"])
    assert said["refused"] == [{"question": "A", "message": "it is a text that asks nothing: it has no {answers}"}]
    assert said["warnings"] == [{"question": "b", "message": "part of the points for further numbers"}]
    text = (tmp_path / "q.yml").read_text()
    assert "# Left out: A: it is a text that asks nothing" in text
    assert "# Not carried over: part of the points" in text


def test_nothing_carried_writes_nothing(run: Run, tmp_path: Path) -> None:
    """Where no question is left there is no file, and the answer is no."""
    (tmp_path / "q.gift").write_text("::A::Only a {text.\n")
    assert "nothing was written" in run("import", "q.gift", "--to", "q.yml", status=1)
    assert not (tmp_path / "q.yml").exists()
    quiz_of(tmp_path, "\n  - {id: f, kind: formula, prompt: P, answer: {equals: x, variables: [x]}}\n")
    out = json.loads(run("export", "sample.yml", "--format", "qti2", "--to", "q.zip", "--json", status=1))
    assert out["file"] is None
    assert not (tmp_path / "q.zip").exists()


@pytest.mark.parametrize("target", ["q.yaml", "Q 1.yml", "q"])
def test_target_that_is_no_quiz_is_refused(target: str, run: Run, tmp_path: Path) -> None:
    """--to names quizzes/ID.yml."""
    (tmp_path / "q.gift").write_text("A?{=b}")
    assert "--to" in run("import", "q.gift", "--to", target, status=2)


def test_hostile_file_is_one_line(run: Run, tmp_path: Path) -> None:
    """A document type is refused in one line, exit code 2."""
    (tmp_path / "q.xml").write_text('<!DOCTYPE quiz [<!ENTITY e SYSTEM "file:///etc/passwd">]><quiz>&e;</quiz>')
    said = run("import", "q.xml", "--to", "q.yml", status=2)
    assert "document type" in said
    assert "root:" not in said
    assert said.count("\n") == 2


def test_quiz_of_a_course_is_found_by_its_id(run: Run, tmp_path: Path) -> None:
    """An id means quizzes/ID.yml of the course."""
    (tmp_path / "course.yml").write_text("course: c\ntitle: C\ntimezone: UTC\nquizzes: [sample]\n")
    (tmp_path / "quizzes").mkdir()
    quiz_of(tmp_path / "quizzes", KINDS["match"])
    assert "1 carried" in run("export", "sample", "--format", "canvas", "--to", "out/sample.zip")
    assert (tmp_path / "out/sample.zip").is_file()
