"""Between a quiz's scores and rows: amounts as text, so that none is rounded."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Row

from autograder.gradebook.codec import amount, to_text
from autograder.gradebook.quiz_entries import (
    QuestionScore,
    QuizResponse,
    QuizScore,
    QuizSheet,
    Regrade,
    StoredScore,
)
from autograder.gradebook.recording import now


def score_row(version: str, sheet: int, score: QuizScore, regrade: int | None) -> dict[str, Any]:
    """The columns of a score."""
    questions = [
        [
            each.id,
            None if each.share is None else str(each.share),
            amount(each.points),
            amount(each.max_points),
            each.correct,
        ]
        for each in score.questions
    ]
    return {
        "sheet_id": sheet,
        "version": version,
        "regrade_id": regrade,
        "points": amount(score.points),
        "max_points": amount(score.max_points),
        "pending": amount(score.pending),
        "questions": to_text(questions),
        "recorded_at": now(),
    }


def to_score(row: Row[Any]) -> QuizScore:
    """The score in a row of `quiz_scores`."""
    questions = tuple(
        QuestionScore(
            name,
            None if share is None else Fraction(share),
            None if points is None else Decimal(points),
            Decimal(most),
            correct,
        )
        for name, share, points, most, correct in json.loads(row.questions)
    )
    return QuizScore(Decimal(row.points), Decimal(row.max_points), Decimal(row.pending), questions)


def to_stored(row: Row[Any]) -> StoredScore:
    """What counts for a student, out of a row of `quiz_scores` with its sheet's student, responses and `answered`."""
    responses = tuple(QuizResponse(**each) for each in json.loads(row.responses))
    return StoredScore(
        score_id=row.id,
        sheet_id=row.sheet_id,
        sheet=QuizSheet(row.student, responses),
        answered=row.answered,
        version=row.version,
        score=to_score(row),
    )


def to_regrade(row: Row[Any]) -> Regrade:
    """One regrade."""
    values = {**row._mapping, "mappings": json.loads(row.mappings)}
    return Regrade(**values)
