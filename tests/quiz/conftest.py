"""Quizzes for tests: questions out of short dictionaries, files out of text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from autograder.quiz.questions import Question, Tagged

_QUESTION: TypeAdapter[Question] = TypeAdapter(Tagged)


@pytest.fixture(scope="session")
def question() -> Callable[..., Question]:
    """Makes a question of a kind from its keys."""

    def make(kind: str, **keys: Any) -> Question:
        return _QUESTION.validate_python({"id": "q", "kind": kind, "prompt": "…", **keys})

    return make


@pytest.fixture
def quiz_file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a quiz file named after the quiz in it."""

    def write(text: str) -> Path:
        name = text.split("quiz:", 1)[1].split()[0]
        path = tmp_path / f"{name}.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
