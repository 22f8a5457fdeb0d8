"""What others may import from this room."""

import autograder.gradebook as room

PUBLIC = [
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


def test_public_names_are_these():
    """A name that appears or goes is noticed, and every one is there."""
    assert sorted(room.__all__) == sorted(PUBLIC)
    assert all(hasattr(room, name) for name in PUBLIC)
