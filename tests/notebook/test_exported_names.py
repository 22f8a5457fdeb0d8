"""The public names of the room, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from autograder import notebook


def test_exported_names_exist() -> None:
    """`__all__` is sorted and true."""
    assert notebook.__all__ == sorted(notebook.__all__)
    assert all(hasattr(notebook, name) for name in notebook.__all__)


def test_intake_imports_nothing_heavy() -> None:
    """Intake runs in a process of its own: no nbformat (1.2 s), jupytext, numpy or pydantic."""
    root = str(Path(notebook.__file__).parents[2])
    code = (
        f"import sys; sys.path.insert(0, {root!r}); import autograder.notebook.intake; "
        "print({'nbformat', 'jupytext', 'numpy', 'pydantic', 'yaml', 'IPython'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"
