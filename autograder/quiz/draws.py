"""Draws as they were handed out, kept beside the gradebook: a later change of a question changes no student's numbers.

    .autograder/quiz-secret           32 random bytes in hexadecimal, made at the first draw, readable by its owner only
    .autograder/draws/<quiz>.jsonl    one line per draw: {"student", "attempt", "question", "version", "parameters"}

The secret belongs to the course and not to a quiz, so that a quiz can be renamed or copied; it never leaves this
folder, which git ignores. Whoever has it knows every variant. Lines are only ever appended, and the first line for a
student's attempt at a question that has all parameters drawn today is the one that holds.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from autograder.errors import CourseError, Problem
from autograder.quiz.questions import Question, Quiz
from autograder.quiz.variants import completed, draw, parameters_of
from autograder.quiz.versions import question_version

SECRET = "quiz-secret"
_BYTES = 32


def secret_in(folder: Path) -> bytes:
    """The course's secret in its folder `.autograder`, made at the first call. CourseError if it was damaged."""
    path = folder / SECRET
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{SECRET}.{os.getpid()}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
        try:
            os.link(beside, path)  # never over one that another process has just made
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != _BYTES:
        wrong = "the secret of the variants was damaged"
        raise CourseError([Problem(path, 1, None, wrong, "restore it: without it other variants would be drawn")])
    return secret


class Draws:
    """The draws of one quiz. Without a folder nothing can be drawn: a question with parameters is then refused."""

    def __init__(self, quiz: Quiz, folder: Path | None) -> None:
        self._quiz, self._folder = quiz, folder
        self._secret = b""
        self._known: dict[tuple[str, str, int], dict[str, Fraction]] = {}
        self._new: list[str] = []
        self._parameters = {each.id: parameters_of(each) for each in quiz.questions}
        self._versions = {each.id: question_version(each) for each in quiz.questions if parameters_of(each)}
        if folder is not None and self._versions:
            self._secret = secret_in(folder)
            self._read()

    @property
    def path(self) -> Path | None:
        """The file of this quiz's draws."""
        return self._folder / "draws" / f"{self._quiz.id}.jsonl" if self._folder is not None else None

    def of(self, question: Question, student: str, attempt: int) -> Mapping[str, Fraction]:
        """The parameters of a student's variant: as stored, else drawn now. CourseError without a folder."""
        if question.id not in self._versions:
            return {}
        if self._folder is None:
            wrong = f"the question `{question.id}` has variants, and there is no course that they could be drawn in"
            raise CourseError(
                [Problem(self._quiz.path, None, question.id, wrong, "put the quiz into a course: quizzes/<id>.yml")]
            )
        key = (student, question.id, attempt)
        known = self._known.get(key)
        if known is None:
            known = draw(question, self._secret, self._quiz.id, student, attempt)
            self._known[key] = known
            self._new.append(_line(student, attempt, question.id, self._versions[question.id], known))
        return known

    def store(self) -> None:
        """Append what was drawn since, on disk before anybody is told."""
        if not self._new or self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write("".join(self._new))
            file.flush()
            os.fsync(file.fileno())
        self._new.clear()

    def _read(self) -> None:
        if self.path is None or not self.path.exists():
            return
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                data = json.loads(line)
                key = (str(data["student"]), str(data["question"]), int(data["attempt"]))
                values = {str(name): Fraction(value) for name, value in data["parameters"].items()}
            except (ValueError, KeyError, TypeError, AttributeError):
                wrong = "the line is no draw"
                raise CourseError([Problem(self.path, number, None, wrong, "restore the file, or remove it")]) from None
            parameters = self._parameters.get(key[1], {})
            if key not in self._known and self._free(key[1]) <= values.keys():
                self._known[key] = completed(parameters, values)

    def _free(self, question: str) -> set[str]:
        """The parameters that are drawn; others are computed, so that a formula that was put right holds for all."""
        return {name for name, each in self._parameters.get(question, {}).items() if each.formula is None}


def _line(student: str, attempt: int, question: str, version: str, values: Mapping[str, Fraction]) -> str:
    data = {
        "student": student,
        "attempt": attempt,
        "question": question,
        "version": version,
        "parameters": {name: str(value) for name, value in values.items()},
    }
    return json.dumps(data, ensure_ascii=False) + "\n"
