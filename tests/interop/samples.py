"""Questions of every kind as an author writes them, and the way of a quiz through a format and back."""

from __future__ import annotations

import base64
from pathlib import Path

from autograder.interop.carried import Exported
from autograder.interop.formats import FORMATS
from autograder.interop.placing import Placed, place
from autograder.quiz.load import load_quiz
from autograder.quiz.questions import Question, Quiz

CONFORMANCE = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "qti"
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=")

SINGLE = """
  - id: gradient
    kind: single
    prompt: "What does *back-propagation* compute for $L = \\\\frac{1}{2}(y - x_1)^2$?"
    choices:
      - {text: "The **gradient** of the loss", correct: true, feedback: "Yes: $\\\\nabla L$."}
      - {text: "A step of `SGD`", feedback: That uses it.}
      - {text: "x < y & z > {a} ~ = #"}
    explanation: "It computes; the optimiser steps."
"""
MULTIPLE = """
  - id: xor
    kind: multiple
    prompt: Which of these can represent XOR?
    scoring: RULE
    choices:
      - {text: A tree of depth two, correct: true}
      - {text: A linear model}
      - {text: A network with a hidden layer, correct: true, feedback: Two units suffice.}
      - {text: Naive Bayes}
      - {text: Logistic regression}
"""
NUMERIC = """
  - {id: cosine, kind: numeric, prompt: Which cosine?, answer: {value: 0.9959, absolute: 0.0005}, explanation: Divide.}
"""
TEXT = """
  - {id: who, kind: text, prompt: Which model?, answer: {accept: [transformer, "the = #1 {model}: ~x"], ignore: [case]}}
"""
MATCH = """
  - id: pairs
    kind: match
    prompt: What belongs to what?
    pairs:
      - {left: "*Adam*", right: optimiser}
      - {left: cosine annealing, right: schedule}
      - {left: SGD, right: optimiser}
    distractors: [loss]
"""
ORDER = """
  - {id: years, kind: order, scoring: whole, prompt: Order, choices: [{text: Neocognitron}, {text: LSTM}, {text: ViT}]}
"""
OPEN = """
  - id: design
    kind: open
    prompt: Which movie, and why?
    points: 3
    credit: rubric
    rubric: [{id: angle, points: 2, text: Argues from the angle}, {id: limit, points: 1, text: Names a limit}]
"""
KINDS = {
    "single": SINGLE,
    "multiple": MULTIPLE.replace("RULE", "balanced"),
    "numeric": NUMERIC,
    "text": TEXT,
    "match": MATCH,
    "order": ORDER,
    "open": OPEN,
}


def quiz_of(folder: Path, questions: str, head: str = "") -> Quiz:
    """A quiz with these questions, read by the loader."""
    path = folder / "sample.yml"
    path.write_text(f"quiz: sample\ntitle: A sample\n{head}questions:{questions}", encoding="utf-8")
    return load_quiz(path)


def exported(quiz: Quiz, form: str) -> Exported:
    """The quiz in a format."""
    writer = FORMATS[form].write
    assert writer is not None
    return writer(quiz)


def imported(data: bytes, form: str) -> Placed:
    """A file as a quiz file named back.yml."""
    reader = FORMATS[form].read
    assert reader is not None
    return place(reader(data, "sample"), "back", ["From a test."])


def loaded(placed: Placed, folder: Path) -> Quiz:
    """The quiz that was placed, read by the loader."""
    path = folder / "back.yml"
    path.write_text(placed.text, encoding="utf-8")
    return load_quiz(path)


def there_and_back(quiz: Quiz, form: str, folder: Path) -> tuple[Quiz, Exported, Placed]:
    """The quiz after a way through a format, and what was said on the way."""
    out = exported(quiz, form)
    back = imported(out.data, form)
    return loaded(back, folder), out, back


def first(quiz: Quiz) -> Question:
    """The first question."""
    return quiz.questions[0]


def messages(notes: Exported | Placed) -> str:
    """All that was said, in one text."""
    return "\n".join(f"{note.question}: {note.message}" for note in (*notes.warnings, *notes.refused))
