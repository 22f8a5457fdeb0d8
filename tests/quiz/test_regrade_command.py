"""`autograder quiz regrade`: a dry run, a commit with a reason, the history, and calls that are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.cli.common import GRADEBOOK
from autograder.cli.main import main
from autograder.gradebook import Gradebook
from autograder.quiz.draws import Draws
from autograder.quiz.load import load_quiz
from autograder.quiz.recording import record_scores
from autograder.quiz.responses import parse_responses
from autograder.quiz.sheet import score_class

QUIZ = """quiz: test
title: A test
questions:
  - {id: sky, kind: single, prompt: What colour?, choices: [{text: Red, correct: true}, {text: Blue}]}
"""
RESPONSES = "student,question,response\nada,sky,A\ngrace,sky,B\nalan,sky,B\n"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with a quiz that three students answered, as the current folder."""
    (tmp_path / "course.yml").write_text("course: c\ntitle: C\ntimezone: UTC\nassignments: []\nquizzes: [test]\n")
    (tmp_path / "quizzes").mkdir()
    path = tmp_path / "quizzes" / "test.yml"
    path.write_text(QUIZ)
    quiz = load_quiz(path)
    responses = parse_responses(RESPONSES, {"sky"}, "responses.csv")
    with Gradebook.open(tmp_path / GRADEBOOK) as book:
        record_scores(book.quizzes, quiz, responses, score_class(quiz, responses, Draws(quiz, None)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):
    """Call the command: (exit code, what it printed)."""

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["quiz", "regrade", *arguments])
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out + told.err

    return run


def turn(course: Path) -> None:
    """Let blue be right."""
    path = course / "quizzes" / "test.yml"
    path.write_text(QUIZ.replace(", correct: true", "").replace("Blue", "Blue, correct: true"))


def test_dry_run_shows_who_changes_and_writes_nothing(course, call):
    """Each student with before, after and direction, the sums, and how to write it; twice the same."""
    turn(course)
    status, told = call("test", "--json", "plan.json")
    assert status == 0
    assert "3 students: 2 gain, 1 lose, 0 keep their points. The mean goes from 0.33 to 0.67." in told
    assert "▼ −1" in told
    assert "▲ +1" in told
    assert "Nothing was written" in told
    plan = json.loads(Path("plan.json").read_text())
    assert (plan["gain"], plan["lose"], plan["regrade"]) == (2, 1, None)
    assert {(one["student"], one["before"], one["after"]) for one in plan["changes"]} == {
        ("ada", 1, 0),
        ("grace", 0, 1),
        ("alan", 0, 1),
    }
    assert call("test")[1] == told


def test_commit_and_history(course, call):
    """What is committed is told, is in the history with reason and author, and needs no second time."""
    turn(course)
    status, told = call("test", "--commit", "--reason", "Blue is right", "--author", "prof")
    assert (status, "Written as regrade 1" in told) == (0, True)
    assert "Nothing to write" in call("test", "--commit", "--reason", "again")[1]
    status, told = call("test", "--history", "--json", "past.json")
    assert "prof: Blue is right (3 students changed)" in told
    (entry,) = json.loads(Path("past.json").read_text())["regrades"]
    assert (entry["author"], entry["reason"], entry["changed"]) == ("prof", "Blue is right", 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["test", "--commit"], "needs a reason"),
        (["test", "--commit", "--reason", " "], "needs a reason"),
        (["test", "--map", "sky"], "names no question"),
        (["test", "--map", "sky=A"], "is not OLD:NEW"),
        (["test", "--map", "sky=A:B,A:A"], "is there twice"),
        (["test", "--map", "sky=A:B,B:A", "--map", "sky=A:A,B:B"], "mapped twice"),
        (["test", "--map", "sky=A:B,B:A"], "nothing is mapped"),
        (["tset"], "did you mean `test`"),
    ],
)
def test_wrong_calls_say_what_to_do(course, call, arguments, message):
    """Exit code 2, a sentence, and nothing written."""
    status, told = call(*arguments)
    assert status == 2
    assert message in " ".join(told.split())
    with Gradebook.open(course / GRADEBOOK) as book:
        assert book.quizzes.regrades("test") == []


def test_added_choice_is_refused_until_it_is_mapped(course, call):
    """The refusal holds the mapping to copy, and with it the regrade goes on."""
    path = course / "quizzes" / "test.yml"
    path.write_text(QUIZ.replace("[{text: Red", "[{text: Grey}, {text: Red"))
    status, told = call("test")
    assert (status, "--map sky=A:B,B:C" in " ".join(told.split())) == (2, True)
    status, told = call("test", "--map", "sky=A:B,B:C")
    assert (status, "0 gain, 0 lose, 3 keep their points." in told) == (0, True)


def test_nothing_stored_is_said(course, call):
    """A quiz that nobody answered, and a course without a gradebook."""
    (course / "quizzes" / "other.yml").write_text(QUIZ.replace("quiz: test", "quiz: other"))
    status, told = call("other")
    assert (status, "no responses to other yet" in told) == (2, True)
    (course / GRADEBOOK).unlink()
    status, told = call("test")
    assert (status, "There is no gradebook" in told) == (2, True)
    assert not (course / GRADEBOOK).exists()
