"""The quizzes of this repository: complete, sound, scored as expected; their code questions are proven."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.quiz.check import check_quiz
from autograder.quiz.degenerate import samples
from autograder.quiz.draws import Draws
from autograder.quiz.keys import choice_ids, left_ids
from autograder.quiz.load import load_quiz
from autograder.quiz.marking import numeric_key
from autograder.quiz.questions import CodeQuestion, Policy, Question, Quiz

ROOT = Path(__file__).resolve().parents[1]
AUTOGRADER = Path(sys.executable).parent / "autograder"
NAMES = ("lecture-02", "lecture-05-6", "lecture-12", "lecture-13")
QUIZZES = {name: load_quiz(ROOT / "quizzes" / f"{name}.yml") for name in NAMES}
QUESTIONS = [
    pytest.param(quiz, each, id=f"{quiz.id}-{each.id}") for quiz in QUIZZES.values() for each in quiz.questions
]

IN_CLASS = {
    "lecture-02": {"ice-1", "ice-2", "ice-3", "ice-4", "ice-4-glove", "ice-5", "breakout-1", "breakout-2"},
    "lecture-05-6": {"ice-1-ironman", "ice-1-rainman", "ice-1", "ice-2", "ice-3", "breakout-1", "skipgram"},
    "lecture-12": {"ice-1", "ice-2", "ice-3", "breakout-1"},
    "lecture-13": {"ice-1", "ice-2", "ice-3", "breakout-1"},
}  # fmt: skip


def test_course_lists_them() -> None:
    """The course names exactly these quizzes."""
    assert load_course(ROOT).quizzes == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_quiz_is_sound(name: str) -> None:
    """Texts, pictures, tests, units and variants of each quiz have no fault."""
    quiz, problems = check_quiz(ROOT / "quizzes" / f"{name}.yml", ROOT)
    assert problems == ()
    assert quiz is not None


@pytest.mark.parametrize("name", NAMES)
def test_quiz_holds_the_exercises_of_class_and_more(name: str) -> None:
    """Every in-class exercise and break-out is there, and at least six questions that are not about one of them."""
    ids = {question.id for question in QUIZZES[name].questions}
    assert ids >= IN_CLASS[name]
    assert len({each for each in ids if not each.startswith(("ice-", "breakout-"))} - IN_CLASS[name]) >= 6
    assert QUIZZES[name].sections
    assert QUIZZES[name].pools
    assert any(samples(question, 2) for question in QUIZZES[name].questions)


def test_every_kind_and_policy_of_the_course_is_used() -> None:
    """All nine kinds occur, and the three policies that the lectures' flawed questions need."""
    questions = [question for quiz in QUIZZES.values() for question in quiz.questions]
    kinds = {"single", "multiple", "numeric", "text", "formula", "order", "match", "code", "open"}
    assert {question.kind for question in questions} == kinds
    assert {Policy.FULL_CREDIT, Policy.ACCEPT_ALSO, Policy.VOID} <= {question.policy for question in questions}


@pytest.mark.parametrize(("quiz", "question"), QUESTIONS)
def test_question_teaches(quiz: Quiz, question: Question) -> None:
    """A question explains its answer, and says of every wrong choice what is wrong with it."""
    assert question.explanation
    assert len(question.prompt) <= 1000
    if question.kind in ("single", "multiple") and question.policy in (Policy.CURRENT, Policy.ACCEPT_ALSO):
        also = set(question.also)
        assert all(choice.feedback for choice in question.choices if not choice.correct and choice.id not in also)


def test_right_choice_is_rarely_the_longest() -> None:
    """Who always picks the longest choice earns hardly more than who picks blindly."""
    asked = [each for quiz in QUIZZES.values() for each in quiz.questions if each.kind == "single"]
    keyed = [each for each in asked if any(choice.correct for choice in each.choices)]
    longest = [max(each.choices, key=lambda choice: len(choice.text)).correct for each in keyed]
    assert sum(longest) / len(longest) <= 0.3


def key_of(question: Question, draws: Draws, student: str) -> str | None:
    """The right response as a row of a response file; None for code, which is not typed into a file here."""
    match question.kind:
        case "single" | "multiple":
            return ";".join(choice.id for choice in question.choices if choice.correct) or "A"
        case "order":
            return ";".join(choice_ids(question))
        case "match":
            return ";".join(f"{left}={number}" for number, left in enumerate(left_ids(question), 1))
        case "numeric":
            return f"{float(numeric_key(question, draws.of(question, student, 1))):.12g}"
        case "text":
            return question.answer.accept[0]
        case "formula":
            return question.answer.equals
        case "open":
            return "We talked about heart beats."
    return None


@pytest.mark.parametrize("name", NAMES)
def test_sample_responses_score_as_expected(name: str, tmp_path: Path) -> None:
    """Right answers earn all but what tests or a person decide; blanks earn what a flawed question gives away."""
    shutil.copytree(ROOT / "quizzes", tmp_path / "quizzes")
    (tmp_path / "course.yml").write_text(f"course: sample\ntitle: Sample\ntimezone: UTC\nquizzes: [{name}]\n")
    shutil.copytree(ROOT / "tests" / "hidden", tmp_path / "tests" / "hidden")
    quiz = load_quiz(tmp_path / "quizzes" / f"{name}.yml")
    draws = Draws(quiz, tmp_path / ".autograder")
    dropped = {each for pool in quiz.pools for each in pool.questions[pool.pick :]}
    rows = [("ada", each, key_of(each, draws, "ada")) for each in quiz.questions if each.id not in dropped]
    draws.store()
    with (tmp_path / "responses.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("student", "question", "response"))
        writer.writerows((student, each.id, text) for student, each, text in rows if text is not None)
        writer.writerow(("bob", quiz.questions[0].id, ""))
    command = [AUTOGRADER, "quiz", "score", name, "responses.csv", "--results", "results.jsonl"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), done.stderr
    ada, bob = (json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines())
    open_points = sum(each.points for _, each, text in rows if getattr(each, "credit", "") == "rubric")
    code_points = sum(each.points for each in quiz.questions if each.kind == "code")
    gifts = sum(each.points for each in quiz.questions if each.policy is Policy.FULL_CREDIT)
    assert ada["max_points"] == bob["max_points"] == float(quiz.max_points)
    assert ada["points"] == float(quiz.max_points - open_points - code_points)
    assert bob["points"] == float(gifts)


CODE = [
    pytest.param(quiz, each, id=f"{quiz.id}-{each.id}")
    for quiz in QUIZZES.values()
    for each in quiz.questions
    if each.kind == "code"
]
ASSIGNMENT = """assignment: {quiz}
title: One code question
limits: {{notebook_seconds: 20, test_seconds: 5, memory: 1 GiB}}
questions:
  - {{id: {question}, title: Code, kind: code, points: {points}}}
"""


@pytest.mark.parametrize(("quiz", "question"), CODE)
def test_code_questions_are_proven(quiz: Quiz, question: CodeQuestion, tmp_path: Path) -> None:
    """As an assignment of its own, a code question passes the gate: its points add up, and each test is earned."""
    tests, public = ROOT / "tests" / question.tests, ROOT / "quizzes" / str(question.public)
    home = tmp_path / "assignments" / quiz.id
    shutil.copytree(public, home / "public")
    shutil.copytree(tests, tmp_path / "tests" / "hidden" / quiz.id)
    shutil.copytree(ROOT / "tests" / "answers" / quiz.id, tmp_path / "solutions" / quiz.id)
    course = f"course: one\ntitle: One\ntimezone: UTC\nassignments: [{quiz.id}]\n"
    (tmp_path / "course.yml").write_text(course)
    (home / "assignment.yml").write_text(ASSIGNMENT.format(quiz=quiz.id, question=question.id, points=question.points))
    subprocess.run([AUTOGRADER, "release", quiz.id], cwd=tmp_path, capture_output=True, check=True)
    command = [AUTOGRADER, "verify", quiz.id, "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert found["problems"] == []
    assert {answer["sort"] for answer in found["answers"]} == {"reference", "blank", "right", "wrong", "hostile"}
