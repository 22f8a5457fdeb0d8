"""The gradebook: what was submitted, every report on it, and which one counts."""

from autograder.gradebook.entries import Current, Entry, Grade, StoredVerdict
from autograder.gradebook.export import Person, export_csv, guard, unguard
from autograder.gradebook.gradebook import Gradebook

__all__ = [
    "Current",
    "Entry",
    "Grade",
    "Gradebook",
    "Person",
    "StoredVerdict",
    "export_csv",
    "guard",
    "unguard",
]
