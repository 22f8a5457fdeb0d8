"""Masters, student notebooks and the intake of submissions."""

from autograder.notebook.cells import CellKind, CellRole, SubmittedCell
from autograder.notebook.imports import imported_modules
from autograder.notebook.intake import Intake, read_submission
from autograder.notebook.master import Master, MasterCell, NotebookQuestion, read_master
from autograder.notebook.packing import PackedCheck, pack_public_tests, read_check_cell
from autograder.notebook.reading import refuse_large
from autograder.notebook.student import Release, drift, student_notebook, submission_notebook, to_bytes
from autograder.notebook.template import Template, TemplateCell
from autograder.notebook.variant import Variant, apply_variant, read_variant

__all__ = [
    "CellKind",
    "CellRole",
    "Intake",
    "Master",
    "MasterCell",
    "NotebookQuestion",
    "PackedCheck",
    "Release",
    "SubmittedCell",
    "Template",
    "TemplateCell",
    "Variant",
    "apply_variant",
    "drift",
    "imported_modules",
    "pack_public_tests",
    "read_check_cell",
    "read_master",
    "read_submission",
    "read_variant",
    "refuse_large",
    "student_notebook",
    "submission_notebook",
    "to_bytes",
]
