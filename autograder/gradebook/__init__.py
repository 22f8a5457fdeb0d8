"""The gradebook: what was submitted, every report on it, and which one counts."""

from autograder.gradebook.entries import Current, Entry, Grade, StoredVerdict, counting, epoch
from autograder.gradebook.export import Person, export_csv, guard, unguard
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.quiz_entries import (
    QuestionScore,
    QuizResponse,
    QuizScore,
    QuizSheet,
    QuizVersion,
    Recorded,
    Regrade,
    Replacement,
    ScoreEntry,
    StoredScore,
)
from autograder.gradebook.quizbook import QuizBook, StaleRegrade

__all__ = [
    "Current",
    "Entry",
    "Grade",
    "Gradebook",
    "Person",
    "QuestionScore",
    "QuizBook",
    "QuizResponse",
    "QuizScore",
    "QuizSheet",
    "QuizVersion",
    "Recorded",
    "Regrade",
    "Replacement",
    "ScoreEntry",
    "StaleRegrade",
    "StoredScore",
    "StoredVerdict",
    "counting",
    "epoch",
    "export_csv",
    "guard",
    "unguard",
]
