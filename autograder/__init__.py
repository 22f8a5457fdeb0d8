"""Auto-graded notebook assignments and in-class quizzes. Names only; the rooms are listed in docs/design.md."""

from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "check"]


def __getattr__(name: str) -> Any:
    """Load `check` on first use, so that importing the package stays cheap (a fenced process imports it too)."""
    if name == "check":
        from autograder.grading.selfcheck import check

        return check
    raise AttributeError(f"module 'autograder' has no attribute {name!r}")
