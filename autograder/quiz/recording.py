"""Between a scored class and the gradebook: what `quiz score` stores, and what a regrade starts from.

    quiz = load_quiz(path)
    responses = load_responses(file, …)
    scores = tuple(score_class(quiz, responses, draws))
    recorded = record_scores(gradebook.quizzes, quiz, responses, scores)

stores each student's responses as they came and lets the score count. Called twice with the same it changes nothing.
Students whose responses are known, but whose score was given under another key, are in `recorded.waiting`: nothing of
theirs is written, and `autograder quiz regrade` shows first who would gain and who would lose.

The version of a quiz stands for all that scores depend on beside the responses: the keys, the rules and points, the
choices with their texts, the pools and what attempts are worth. A typing error corrected in a prompt changes none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from autograder.gradebook import QuestionScore, QuizBook, QuizResponse, QuizScore, QuizSheet, QuizVersion, Recorded
from autograder.quiz.keys import left_ids, right_texts
from autograder.quiz.questions import Question, Quiz
from autograder.quiz.responses import Response
from autograder.quiz.sheet import StudentScore
from autograder.quiz.versions import key_version


def record_scores(
    book: QuizBook, quiz: Quiz, responses: Iterable[Response], scores: Iterable[StudentScore]
) -> Recorded:
    """Store the responses and the scores of a class; the students whose score is new, known, or waits for a regrade."""
    rows: dict[str, list[QuizResponse]] = {}
    for each in responses:
        row = QuizResponse(each.question, each.text, each.attempt, each.time, each.certainty)
        rows.setdefault(each.student, []).append(row)
    pairs = ((QuizSheet(score.student, tuple(rows[score.student])), to_stored(score)) for score in scores)
    return book.record(version_of(quiz), pairs)


def version_of(quiz: Quiz) -> QuizVersion:
    """The quiz's version, with the outline that later versions are compared with."""
    outline = {
        question.id: {
            "kind": question.kind,
            "key": key_version(question),
            "policy": question.policy.value,
            "options": options_of(question),
        }
        for question in quiz.questions
    }
    pools = sorted([pool.pick, sorted(pool.questions)] for pool in quiz.pools)
    return QuizVersion(quiz.id, _digest([outline, pools, quiz.attempts.model_dump(mode="python")]), outline)


def options_of(question: Question) -> dict[str, str]:
    """What a response can name: id → text; nothing where it is typed."""
    match question.kind:
        case "single" | "multiple" | "order":
            return {item.id: item.text for item in question.choices}
        case "match":
            lefts = {name: pair.left for name, pair in zip(left_ids(question), question.pairs, strict=True)}
            return lefts | right_texts(question)
    return {}


def to_stored(score: StudentScore) -> QuizScore:
    """A score as the gradebook keeps it."""
    questions = tuple(
        QuestionScore(each.id, each.share, each.points, each.max_points, each.correct) for each in score.questions
    )
    return QuizScore(score.points, score.max_points, score.pending, questions)


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
