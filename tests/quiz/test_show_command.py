"""`autograder show` of a quiz: the class, one sheet, every score, as data, and calls that are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.cli.main import main

QUIZ = """quiz: test
title: A test
attempts: {keep: best, most: 2}
questions:
  - {id: sky, kind: single, prompt: What colour?, choices: [{text: Red, correct: true}, {text: Blue}]}
  - {id: colours, kind: numeric, prompt: How many?, points: 2, answer: {value: 3}}
"""
NASTY = "\x1b[2J[red]x[/red]\u202e"
RESPONSES = f"""student,question,response,attempt
ada,sky,B,1
ada,sky,A,2
ada,colours,3,1
grace,sky,B,1
grace,colours,{NASTY},1
"""
ROSTER = "student,name,email,section\nada,Ada Lovelace,,\ngrace,Grace Hopper,,\nalan,Alan Turing,,\n"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the program in a course with a quiz that two of three students answered."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("course.yml").write_text(
        "course: c\ntitle: C\ntimezone: UTC\nroster: roster.csv\nassignments: []\nquizzes: [test, later]\n"
    )
    Path("roster.csv").write_text(ROSTER)
    Path("quizzes").mkdir()
    Path("quizzes/test.yml").write_text(QUIZ)
    Path("quizzes/later.yml").write_text(QUIZ.replace("quiz: test", "quiz: later"))
    Path("responses.csv").write_text(RESPONSES)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    assert run("quiz", "score", "test", "responses.csv", "--results", "results.jsonl")[0] == 0
    return run


def row(text: str, first: str) -> list[str]:
    """The words of the line that begins with a word."""
    return next(line.split() for line in text.splitlines() if line.split()[:1] == [first])


@pytest.mark.parametrize("name", ["test", "quizzes/test.yml"])
def test_class(call: Call, name: str) -> None:
    """A row per student, the mean, and who of the roster is missing; the quiz may be named by its path."""
    status, out, _ = call("show", name)
    assert status == 0
    assert row(out, "ada") == ["ada", "3", "/", "3"]
    assert row(out, "grace") == ["grace", "0", "/", "3"]
    assert "2 students. Mean 1.5 of 3 points." in out
    assert "Nothing handed in by alan." in out


def test_sheet(call: Call) -> None:
    """Each question with all attempts and its points."""
    status, out, _ = call("show", "test", "ada")
    assert status == 0
    assert "Ada Lovelace" in out
    assert row(out, "sky") == ["sky", "1:", "B", "1", "/", "1"]
    assert row(out, "colours") == ["colours", "3", "2", "/", "2"]
    assert "2: A" in out
    assert out.rstrip().endswith("3 of 3 points.")


def test_what_students_typed_is_safe_to_print(call: Call) -> None:
    """No control character reaches the terminal, and no markup is taken for ours."""
    out = call("show", "test", "grace")[1]
    assert "[red]x[/red]" in out
    assert not {"\x1b", "\u202e"} & set(out)


def test_json_is_what_scoring_wrote(call: Call) -> None:
    """The same objects as in the results file."""
    _, out, _ = call("show", "test", "--json")
    stored = [json.loads(text) for text in out.splitlines()]
    assert stored == [json.loads(text) for text in Path("results.jsonl").read_text().splitlines()]
    assert [json.loads(call("show", "test", "ada", "--json")[1])] == stored[:1]


def test_history(call: Call) -> None:
    """A regrade adds a score, and the one that counts is marked."""
    quiz = Path("quizzes/test.yml")
    quiz.write_text(QUIZ.replace(", correct: true", "").replace("Blue", "Blue, correct: true"))
    assert call("quiz", "regrade", "test", "--commit", "--reason", "Blue it is.")[0] == 0
    _, out, _ = call("show", "test", "grace", "--history")
    assert [line.split()[0] for line in out.splitlines() if "grace" in line] == ["grace", "*grace"]
    assert "regrade 1" in out
    entries = [json.loads(text) for text in call("show", "test", "grace", "--history", "--json")[1].splitlines()]
    assert [(one["points"], one["regrade"], one["current"]) for one in entries] == [(0, None, False), (1, 1, True)]
    assert "1 regrade: `autograder quiz regrade test --history` lists them." in call("show", "test")[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("test", "alan"), "alan is on the roster and has handed in nothing for test yet"),
        (("test", "adda"), "Did you mean ada?"),
        (("later",), "no score in later yet"),
        (("tset",), "there is no assignment `tset`"),
    ],
)
def test_nothing_to_show(call: Call, arguments: tuple[str, ...], told: str) -> None:
    """One sentence that says why."""
    status, out, err = call("show", *arguments)
    assert (status, out) == (2, "")
    assert told in err
