"""The folder that a grader works in: copies of the tests and of the students' files, and nothing else of the course."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.grading.material import Material
from autograder.grading.warming import write_warming_test

_PYTEST_INI = "[pytest]\npython_files = test_*.py\npython_functions = test_*\npython_classes =\n"


def prepare_grader_folder(material: Material, folder: Path) -> None:
    """A clean folder with copies of the tests and the students' files, and a pytest configuration of its own."""
    assignment = material.assignment
    for name, source in (("public", assignment.public), ("hidden", assignment.hidden)):
        target = folder / name
        target.mkdir(parents=True)
        for path in sorted(source.rglob("*")) if source.is_dir() else ():
            if path.is_file() and "__pycache__" not in path.parts:
                copy = target / path.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
    for name, path in material.files.items():
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    write_warming_test(folder)
    (folder / "pytest.ini").write_text(_PYTEST_INI)
