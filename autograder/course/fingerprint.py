"""Fingerprints of tests: what a verdict depends on, apart from the submission and the reference.

The fingerprint of a test covers the test itself, its module without the other tests, and every other file of its
folder (conftest, helpers, data). So editing one test changes only its own fingerprint. Code is hashed as its syntax
tree: comments, blank lines and the place in the file do not count, the marker with its points and hint does.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection
from pathlib import Path


def module_digest(tree: ast.Module, tests: Collection[ast.stmt]) -> str:
    """The digest of a module without its tests."""
    rest = ast.Module(body=[node for node in tree.body if node not in tests], type_ignores=[])
    return _digest(ast.dump(rest))


def helpers_digest(folder: Path, tests: Collection[Path]) -> str:
    """The digest of all files below a folder that are not test modules, with their names."""
    parts = []
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path in tests or any(part.startswith(".") or part == "__pycache__" for part in inner.parts):
            continue
        if path.is_file():
            parts.append(f"{inner.as_posix()}\0{_file_digest(path)}")
    return _digest("\n".join(parts))


def _file_digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:  # a test that needs it will say so; here it is only not what it was
        return "unreadable"


def fingerprint(test: ast.stmt, module: str, helpers: str, visibility: str) -> str:
    """The fingerprint of one test, as hex."""
    return _digest("\0".join((ast.dump(test), module, helpers, visibility)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
