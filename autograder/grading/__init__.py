"""Grading one submission: the hidden tests' fixtures, the grader process and the verdicts."""

from autograder.grading.prepared import prepared
from autograder.grading.student import Callback, Remote, Student

__all__ = ["Callback", "Remote", "Student", "prepared"]
