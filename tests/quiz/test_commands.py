"""`quiz check` and `quiz score` as they are called: exit codes, JSON, the contract of the results, the gradebook."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.cli.main import main
from autograder.errors import FenceError

Call = Callable[..., tuple[int, str, str]]
QUIZ = """quiz: lecture-02
title: Deep learning foundations
questions:
  - id: xor
    kind: multiple
    prompt: Which of these can represent the XOR of two inputs exactly?
    choices: [{text: Logistic regression}, {text: A tree, correct: true}, {text: A kernel machine, correct: true}]
  - {id: cosine, kind: numeric, points: 2, prompt: The cosine?, answer: {value: 0.9959, absolute: 0.0005}}
  - id: layer
    kind: numeric
    parameters: {hidden: {choice: [100, 500]}, inputs: {range: [10, 99]}}
    prompt: "{inputs} inputs, {hidden} units"
    answer: {formula: "inputs*hidden + hidden"}
  - {id: patches, kind: code, prompt: "Write it.", tests: hidden/lecture-02}
  - {id: essay, kind: open, prompt: Why?, credit: rubric, rubric: [{id: a, points: 1, text: Says why}]}
  - {id: gone, kind: single, policy: void, prompt: P, choices: [{text: a}, {text: b}]}
"""
TEST = '''import pytest


@pytest.mark.question("patches", points=1)
def test_one(student):
    """One."""
    assert student.get("x") == 1
'''
ROWS = 'student,question,response\nada,xor,B\nada,cosine,"0,9960"\nbob,cosine,about one\nbob,essay,because\n'


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one quiz, whose code question has a test."""
    folder = tmp_path / "course"
    tests = folder / "tests" / "hidden" / "lecture-02"
    tests.mkdir(parents=True)
    (tests / "test_patches.py").write_text(TEST)
    (folder / "quizzes").mkdir()
    (folder / "quizzes" / "lecture-02.yml").write_text(QUIZ)
    (folder / "course.yml").write_text("course: c\ntitle: C\ntimezone: UTC\nquizzes: [lecture-02]\n")
    (folder / "responses.csv").write_text(ROWS)
    return folder


@pytest.fixture
def call(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls a quiz command in the course: (exit code, standard output, standard error)."""
    monkeypatch.chdir(course)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["quiz", *arguments])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def lines(path: Path) -> list[dict[str, Any]]:
    """A results file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_check_is_green_and_says_what_guessing_earns(call: Call) -> None:
    """Exit 0, a row per question, sample variants with answers; by id, by path or for all quizzes."""
    for arguments in (["lecture-02"], ["quizzes/lecture-02.yml"], []):
        status, out, err = call("check", *arguments)
        assert (status, err) == (0, "")
        assert "green" in out
        assert "sample variants" in out


def test_check_notes_a_question_without_a_right_choice(call: Call, course: Path) -> None:
    """It may be meant, and is more often a key that was forgotten: whoever skips it gets all points."""
    path = course / "quizzes" / "lecture-02.yml"
    assert "note:" not in call("check", "lecture-02")[1]
    path.write_text(QUIZ.replace(", correct: true", ""))
    status, out, _ = call("check", "lecture-02")
    assert status == 0
    assert "note: xor: no answer at all earns all points" in out


def test_check_as_json(call: Call) -> None:
    """Shares as numbers, versions, and samples whose answers are right."""
    status, out, _ = call("check", "lecture-02", "--json")
    found = json.loads(out)
    assert (status, found["ok"], found["max_points"]) == (0, True, 6)
    xor, _, layer, *_ = found["questions"]
    assert (xor["everything"], xor["nothing"], xor["guessing"]) == (0, 0, 0.25)
    for sample in layer["samples"]:
        hidden, inputs = (int(sample["parameters"][name]) for name in ("hidden", "inputs"))
        assert sample["answer"] == str(inputs * hidden + hidden)


@pytest.mark.parametrize(
    ("old", "new", "status", "words"),
    [
        ("kind: multiple", "kind: many", 2, "there is no kind"),
        ("absolute: 0.0005", "absolut: 0.0005", 2, "did you mean `absolute`"),
        ("inputs*hidden + hidden", "hidden/(inputs - 50)", 1, "for hidden = "),
        ("Write it.", "![a net](lecture-02/net.png)", 1, "no picture"),
        ("Write it.", "<b>Write</b>", 1, "HTML"),
        ("absolute: 0.0005", "unit: frobs", 1, "no unit"),
        ("hidden/lecture-02", "hidden/lecture-03", 1, "no folder"),
        ("id: patches", "id: batches", 1, "has no test"),
        ("kind: code, prompt", "kind: code, points: 3, prompt", 1, "add up to 1"),
    ],
)
def test_check_says_no(call: Call, course: Path, old: str, new: str, status: int, words: str) -> None:
    """1 for what is wrong in a quiz that can be read, 2 for one that cannot; with the line."""
    path = course / "quizzes" / "lecture-02.yml"
    path.write_text(QUIZ.replace(old, new))
    found, out, err = call("check", "lecture-02")
    assert found == status
    assert words in err
    assert "lecture-02.yml:" in err
    assert json.loads(call("check", "lecture-02", "--json")[1])["ok"] is False
    assert "green" not in out.replace("not green", "")


def test_score_names_who_is_on_one_list_only(call: Call, course: Path) -> None:
    """A mistyped id takes another student's points with it: both are named."""
    (course / "roster.csv").write_text("student,name\nada,Ada\nbobby,Bob\ncyd,Cyd\n")
    with (course / "course.yml").open("a") as file:
        file.write("roster: roster.csv\n")
    status, _, err = call("score", "lecture-02", "responses.csv")
    assert status == 0
    assert "Not on the roster: bob (is it bobby?).\nOn the roster, and no response: bobby, cyd." in err


def test_score_writes_the_contract(call: Call, course: Path) -> None:
    """One object per student with exactly these keys; open points are null, a void question is worth nothing."""
    status, _, err = call("score", "lecture-02", "responses.csv", "--results", "out.jsonl")
    ada, bob = lines(course / "out.jsonl")
    assert status == 0
    assert (ada["quiz"], ada["student"], ada["points"], ada["max_points"]) == ("lecture-02", "ada", 2.5, 6)
    assert ada["questions"][0] == {"id": "xor", "points": 0.5, "max_points": 1, "correct": False}
    assert ada["questions"][1] == {"id": "cosine", "points": 2, "max_points": 2, "correct": True}
    assert bob["questions"][4] == {"id": "essay", "points": None, "max_points": 1, "correct": None}
    assert bob["questions"][5] == {"id": "gone", "points": 0, "max_points": 0, "correct": None}
    assert list(ada) == ["quiz", "student", "points", "max_points", "questions"]
    assert "bob, cosine: the response “about one” cannot be read" in err
    assert "Recorded: 2 students" in err


def test_score_as_json_has_the_messages(call: Call) -> None:
    """The same objects on standard output, with what could not be read."""
    _, out, _ = call("score", "lecture-02", "responses.csv", "--json")
    ada, bob = (json.loads(line) for line in out.splitlines())
    assert ada["messages"] == []
    assert [each["question"] for each in bob["messages"]] == ["cosine", "essay"]


def test_score_of_code_without_a_fence_is_open_and_said(
    call: Call, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never a zero: null, a sentence and exit code 3; everything else is scored."""

    def refuse(*_: object, **__: object) -> None:
        raise FenceError("no namespaces here")

    monkeypatch.setattr("autograder.dispatch.quizcode.Workshop", refuse)
    (course / "responses.csv").write_text(ROWS + 'ada,patches,"def patches(): pass"\n')
    status, _, err = call("score", "lecture-02", "responses.csv", "--results", "out.jsonl")
    ada = lines(course / "out.jsonl")[0]
    assert (status, ada["points"], ada["questions"][3]["points"]) == (3, 2.5, None)
    assert "no namespaces here" in err
    assert "patches: 1 response" in err


@pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")
def test_score_runs_the_tests_of_code(call: Call, course: Path) -> None:
    """The hidden test behind the fence gives the points."""
    (course / "responses.csv").write_text(ROWS + "ada,patches,x = 1\n")
    status, _, _ = call("score", "lecture-02", "responses.csv", "--results", "out.jsonl")
    assert status == 0
    assert lines(course / "out.jsonl")[0]["questions"][3] == {
        "id": "patches",
        "points": 1,
        "max_points": 1,
        "correct": True,
    }


def test_score_twice_records_once_and_gives_the_same(call: Call, course: Path) -> None:
    """Draws are kept, so a second run has the same variants and the same results."""
    (course / "responses.csv").write_text(ROWS + "ada,layer,550\n")
    call("score", "lecture-02", "responses.csv", "--results", "one.jsonl")
    _, _, err = call("score", "lecture-02", "responses.csv", "--results", "two.jsonl")
    assert (course / "one.jsonl").read_text() == (course / "two.jsonl").read_text()
    assert "Recorded: 0 students, 2 known already" in err
    assert len((course / ".autograder" / "draws" / "lecture-02.jsonl").read_text().splitlines()) == 1


def test_score_tells_of_a_key_that_changed(call: Call, course: Path) -> None:
    """A changed key changes no recorded score in silence: it is a regrade."""
    call("score", "lecture-02", "responses.csv")
    path = course / "quizzes" / "lecture-02.yml"
    path.write_text(QUIZ.replace("0.0005", "0.5"))
    _, _, err = call("score", "lecture-02", "responses.csv")
    assert "autograder quiz regrade lecture-02" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("lecture-03", "responses.csv"), "did you mean `lecture-02`"),
        (("lecture-02", "nothing.csv"), "does not exist"),
        (("lecture-02", "course.yml"), "header is missing|unknown column"),
    ],
)
def test_wrong_call_is_told(call: Call, arguments: tuple[str, ...], words: str) -> None:
    """Exit 2 and what to do; nothing is written."""
    status, _, err = call("score", *arguments, "--results", "out.jsonl")
    assert status == 2
    assert any(word in err for word in words.split("|"))
    assert not Path("out.jsonl").exists()


def test_quiz_outside_of_a_course_is_scored_and_not_recorded(
    call: Call, course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file alone is enough, where nothing has to be drawn."""
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "q.yml").write_text(
        "quiz: q\ntitle: Q\nquestions:\n- {id: a, kind: numeric, prompt: P, answer: {value: 1}}\n"
    )
    (alone / "r.csv").write_text("student,question,response\nada,a,1\n")
    monkeypatch.chdir(alone)
    status, _, err = call("score", "q.yml", "r.csv", "--results", "out.jsonl")
    assert (status, lines(alone / "out.jsonl")[0]["points"]) == (0, 1)
    assert "nothing was recorded" in err
    assert sorted(each.name for each in alone.iterdir()) == ["out.jsonl", "q.yml", "r.csv"]


def test_preview_shows_the_paper_without_the_key(call: Call, course: Path) -> None:
    """A page that stands alone: numbers drawn, rule told, picture inside; a student's own draw is stored."""
    (course / "quizzes" / "lecture-02").mkdir()
    (course / "quizzes" / "lecture-02" / "net.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    path = course / "quizzes" / "lecture-02.yml"
    path.write_text(QUIZ.replace("Write it.", "![a net](lecture-02/net.svg)"))
    status, _, err = call("preview", "lecture-02", "--to", "page.html")
    page = (course / "page.html").read_text()
    assert (status, "Wrote page.html" in err) == (0, True)
    assert "A wrong pick takes its share away." in page
    assert "data:image/svg+xml;base64," in page
    assert "0.9959" not in page
    assert "{inputs}" not in page
    assert not (course / ".autograder" / "draws").exists()
    assert call("preview", "lecture-02", "--to", "page.html", "--student", "ada")[0] == 0
    assert '"student": "ada"' in (course / ".autograder" / "draws" / "lecture-02.jsonl").read_text()
    assert call("preview", "lecture-02", "--to", "page.html", "--student", "../ada")[0] == 2


def test_shown_letters_are_read_with_the_page_of_each_student(call: Call, course: Path) -> None:
    """What students see on their pages is what they may answer in; without it the file's ids are meant."""
    rows, found = ["student,question,response"], re.compile(r"<dt>([A-C])</dt><dd>\s*<p>A (?:tree|kernel machine)</p>")
    for number in range(6):
        call("preview", "lecture-02", "--to", "page.html", "--student", f"s{number}")
        letters = found.findall((course / "page.html").read_text())
        assert len(letters) == 2
        rows.append(f"s{number},xor,{';'.join(letters)}")
    (course / "responses.csv").write_text("\n".join(rows))
    assert call("score", "lecture-02", "responses.csv", "--results", "out.jsonl", "--shown")[0] == 0
    assert [each["points"] for each in lines(course / "out.jsonl")] == [1] * 6


def test_group_lists_its_commands(call: Call) -> None:
    """`autograder quiz --help` names them, and an unknown one is told."""
    status, out, _ = call("--help")
    assert status == 0
    assert "check" in out
    assert call("chekc")[0] == 2
