"""Quiz files: what is read, and that every fault is told at once with its line, its key and a remedy."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.errors import CourseError, Problem
from autograder.quiz.load import find_quiz, load_quiz
from autograder.quiz.versions import key_version, question_version

Write = Callable[[str], Path]
HEAD = "quiz: q\ntitle: Q\nquestions:\n"


def problems(path: Path) -> tuple[Problem, ...]:
    """What is wrong with a file."""
    with pytest.raises(CourseError) as caught:
        load_quiz(path)
    return caught.value.problems


def test_file_becomes_a_quiz(quiz_file: Write) -> None:
    """Choices get letters, numbers are decimals from their text, pools and sections are there."""
    quiz = load_quiz(quiz_file(
        "quiz: q\ntitle: Q\npools: [{id: p, pick: 1, questions: [a, b]}]\n"
        "sections: [{id: s, title: S, questions: [p, c]}]\nattempts: {keep: last, credit: [100, 50]}\nquestions:\n"
        "- {id: a, kind: single, prompt: P, choices: [{text: x, correct: true}, {id: own, text: y}]}\n"
        "- {id: b, kind: multiple, prompt: P, choices: [{text: x, correct: true}]}\n"
        "- {id: c, kind: numeric, points: 2.5, prompt: P, answer: {value: 0.1, absolute: 0.01}}\n"
    ))  # fmt: skip
    first, last = quiz.question("a"), quiz.question("c")
    assert first.kind == "single"
    assert [choice.id for choice in first.choices] == ["A", "own"]
    assert last.kind == "numeric"
    assert last.answer.value == Decimal("0.1")
    assert quiz.max_points == Decimal("3.5")
    assert quiz.pool_of("a") == quiz.pools[0]
    assert quiz.sections[0].questions == ("p", "c")


def test_shares_are_exact(quiz_file: Write) -> None:
    """A weight may be written as a fraction, which no decimal is."""
    quiz = load_quiz(quiz_file(
        HEAD + "- {id: a, kind: single, prompt: P, penalty: 1/3, "
        "choices: [{text: x, correct: true}, {text: y, weight: 1/3}]}"
    ))  # fmt: skip
    question = quiz.questions[0]
    assert question.kind == "single"
    assert question.penalty == question.choices[1].weight == Fraction(1, 3)


SINGLE = "{id: a, kind: single, prompt: P, choices: [{text: x, correct: true}, {text: y}]"
FAULTS = {  # a question → words of the message about it
    "{id: a, kind: guess, prompt: P}": "there is no kind",
    "{id: a, prompt: P}": "`kind` is missing",
    "{id: a, kind: single, prompt: P}": "`choices` is missing",
    f"{SINGLE}, scorng: balanced}}": "unknown key `scorng`",
    "{id: a, kind: single, prompt: P, choices: [{text: x}, {text: y}]}": "no choice is marked",
    "{id: a, kind: single, prompt: P, choices: [{text: x, correct: true}, {text: y, correct: true}]}": "2 choices",
    "{id: a, kind: single, prompt: P, choices: [{text: x, correct: true}]}": "there are 1",
    "{id: a, kind: single, prompt: P, choices: [{text: x, correct: true}, {text: x}]}": "is here twice",
    "{id: a, kind: single, prompt: P, choices: [{id: B, text: x, correct: true}, {text: y}]}": "have the id `B`",
    f"{SINGLE}, penalty: much}}": "must be `guessing`",
    f"{SINGLE}, policy: accept_also}}": "needs the other key",
    f"{SINGLE}, also: B}}": "not the policy",
    f"{SINGLE}, policy: accept_also, also: Z}}": "no choice “Z”",
    "{id: a, kind: multiple, prompt: P, scoring: weights, choices: [{text: x, correct: true}]}": "add up to 0",
    "{id: a, kind: multiple, prompt: P, choices: [{text: x, correct: true, weight: 1}]}": "reads no weights",
    "{id: a, kind: numeric, prompt: P, answer: {}}": "either `value` or `formula`",
    "{id: a, kind: numeric, prompt: P, answer: {value: 1, absolute: 1, relative: 1}}": "two tolerances",
    "{id: a, kind: numeric, prompt: P, answer: {value: 0, geometric: 1}}": "geometric tolerance",
    "{id: a, kind: numeric, prompt: P, answer: {value: 1, absolute: -1}}": "must not be negative",
    "{id: a, kind: numeric, prompt: P, answer: {value: 1, partial: {credit: 0.5}}}": "no tolerance",
    "{id: a, kind: numeric, prompt: P, answer: {value: 1, written: {credit: 0.5}}}": "`decimals` or `sigfigs`",
    "{id: a, kind: numeric, prompt: P, answer: {value: 1, units: exact}}": "need a `unit`",
    "{id: a, kind: numeric, prompt: P, answer: {formula: n+1}}": "no name “n”",
    "{id: a, kind: text, prompt: P, answer: {ignore: [case]}}": "no text is accepted",
    "{id: a, kind: text, prompt: P, answer: {accept: ['...'], ignore: [punctuation]}}": "nothing is left",
    "{id: a, kind: text, prompt: P, answer: {accept: ab, distance: 2}}": "accepts any 2 letters",
    "{id: a, kind: text, prompt: P, answer: {pattern: '(a'}}": "pattern cannot be read",
    "{id: a, kind: formula, prompt: P, answer: {equals: 's*(', variables: [s]}}": "formula cannot be read",
    "{id: a, kind: formula, prompt: P, answer: {equals: 'log(-1-s^2)', variables: [s]}}": "no value",
    "{id: a, kind: formula, prompt: P, answer: {equals: s, variables: [s], domain: {t: [0, 1]}}}": "no variable `t`",
    "{id: a, kind: order, prompt: P, choices: [{text: x}]}": "there are 1",
    "{id: a, kind: match, prompt: P, pairs: [{left: x, right: y}]}": "there are 1",
    "{id: a, kind: code, prompt: P, tests: ../x}": "relative path",
    "{id: a, kind: open, prompt: P, credit: rubric}": "belong together",
    "{id: a, kind: open, prompt: P, credit: rubric, rubric: [{id: i, points: 2, text: t}]}": "adds up to 2",
    "{id: a, kind: open, prompt: P, credit: participation, certainty: true}": "takes no certainty",
    "{id: a, kind: numeric, prompt: '{m}', parameters: {n: {choice: [1, 2]}}, answer: {formula: n}}": "parameter `{m}`",
    "{id: a, kind: numeric, prompt: P, parameters: {n: {choice: [1, 2]}}, answer: {formula: n}}": "shows a parameter",
    "{id: a, kind: numeric, prompt: '{n}', parameters: {n: {}}, answer: {formula: n}}": "needs one of",
    "{id: a, kind: numeric, prompt: '{n}', parameters: {n: {range: [5, 1]}}, answer: {formula: n}}": "begins at 5",
    "{id: a, kind: numeric, prompt: '{n}', parameters: {n: {range: [0.5, 1]}}, answer: {formula: n}}": "needs a step",
    "{id: a, kind: numeric, prompt: '{n}', parameters: {exp: {choice: [1, 2]}}, answer: {formula: 1}}": "a function",
}  # fmt: skip


@pytest.mark.parametrize("text", FAULTS, ids=list(FAULTS.values()))
def test_fault_in_a_question_is_told(quiz_file: Write, text: str) -> None:
    """With the line, the key and what to do."""
    found = problems(quiz_file(f"{HEAD}- {text}\n"))
    fitting = [each for each in found if FAULTS[text] in each.message]
    assert fitting, found
    assert fitting[0].line == 4
    assert fitting[0].remedy


def test_faults_of_all_questions_are_told_at_once(quiz_file: Write) -> None:
    """An author sees them in one run, in the order of the file."""
    found = problems(
        quiz_file(HEAD + "".join(f"- {text.replace('id: a', f'id: a{n}')}\n" for n, text in enumerate(FAULTS)))
    )
    assert len({each.line for each in found}) == len(FAULTS)
    assert [each.line for each in found] == sorted(each.line or 0 for each in found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("quiz: other\ntitle: T\nquestions: []\n", "at least one"),
        ("quiz: q\ntitle: T\nquestions: [SINGLE}, SINGLE}]\n", "is here twice, first on line 3"),
        ("quiz: q\ntitle: T\npools: [{id: p, pick: 2, questions: [a]}]\nquestions: [SINGLE}]\n", "picks 2 of 1"),
        ("quiz: q\ntitle: T\npools: [{id: p, pick: 1, questions: [b]}]\nquestions: [SINGLE}]\n", "no question `b`"),
        ("quiz: q\ntitle: T\npools: [{id: p, pick: 1, questions: [a, a]}]\nquestions: [SINGLE}]\n", "already"),
        ("quiz: q\ntitle: T\npools: [{id: a, pick: 1, questions: [a]}]\nquestions: [SINGLE}]\n", "used already"),
        ("quiz: q\ntitle: T\nsections: [{id: s, title: S, questions: [x]}]\nquestions: [SINGLE}]\n", "in no section"),
        ("quiz: q\ntitle: T\nattempts: {credit: [50, 100]}\nquestions: [SINGLE}]\n", "earns more"),
        ("quiz: q\ntitle: T\nattempts: {keep: worst}\nquestions: [SINGLE}]\n", "must be `best`"),
    ],
)
def test_fault_between_questions_is_told(quiz_file: Write, text: str, words: str) -> None:
    """Ids, pools, sections and attempts agree."""
    assert [each for each in problems(quiz_file(text.replace("SINGLE", SINGLE))) if words in each.message]


def test_pool_of_unlike_points_is_refused(quiz_file: Write) -> None:
    """Else one student could earn more than another."""
    text = f"quiz: q\ntitle: T\npools: [{{id: p, pick: 1, questions: [a, b]}}]\nquestions: [{SINGLE}}}, "
    text += f"{SINGLE.replace('id: a', 'id: b')}, points: 2}}]\n"
    assert "different points: 1, 2" in problems(quiz_file(text))[0].message


def test_quiz_is_found_by_id_and_by_path(tmp_path: Path) -> None:
    """And a misspelt one is guessed."""
    folder = tmp_path / "quizzes"
    folder.mkdir()
    file = folder / "lecture-02.yml"
    file.write_text("")
    assert find_quiz(tmp_path, "lecture-02") == find_quiz(tmp_path, str(file)) == file
    with pytest.raises(CourseError, match="did you mean `lecture-02`"):
        find_quiz(tmp_path, "lecture-2")


CHANGES = {  # key → (what the question version does, what the key version does)
    "explanation: because": (False, False), "title: T": (False, False), "tags: [t]": (False, False),
    "points: 2": (False, True), "penalty: guessing": (False, True), "policy: full_credit": (False, True),
}  # fmt: skip


@pytest.mark.parametrize("key", CHANGES)
def test_versions_change_with_what_they_cover(quiz_file: Write, key: str) -> None:
    """What is asked and what is right have versions of their own; words of help are in neither."""
    before = load_quiz(quiz_file(f"{HEAD}- {SINGLE}}}\n")).questions[0]
    after = load_quiz(quiz_file(f"{HEAD}- {SINGLE}, {key}}}\n")).questions[0]
    changed = question_version(before) != question_version(after), key_version(before) != key_version(after)
    assert changed == CHANGES[key]


def test_versions_know_prompt_from_key(quiz_file: Write) -> None:
    """Another prompt is another question, another right choice another key; an order of items is a key."""
    texts = [
        "{id: a, kind: single, prompt: P, choices: [{text: x, correct: true}, {text: y}]}",
        "{id: a, kind: single, prompt: R, choices: [{text: x, correct: true}, {text: y}]}",
        "{id: a, kind: single, prompt: P, choices: [{text: x}, {text: y, correct: true}]}",
    ]
    base, asked, key = (load_quiz(quiz_file(f"{HEAD}- {text}\n")).questions[0] for text in texts)
    assert question_version(base) != question_version(asked)
    assert key_version(base) == key_version(asked)
    assert question_version(base) == question_version(key)
    assert key_version(base) != key_version(key)
    one, other = (
        load_quiz(quiz_file(f"{HEAD}- {{id: a, kind: order, prompt: P, choices: [{items}]}}\n")).questions[0]
        for items in ("{id: x, text: x}, {id: y, text: y}", "{id: y, text: y}, {id: x, text: x}")
    )
    assert question_version(one) == question_version(other)
    assert key_version(one) != key_version(other)
