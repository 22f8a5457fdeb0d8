"""The shape of the package: layers, cycles, sizes, forbidden calls, one importer per heavy optional library."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "autograder"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if "template" not in path.parts
}
TREES = {name: ast.parse(path.read_text(), str(path)) for name, path in MODULES.items()}

LAYERS = {
    "errors": 0, "results": 0, "settings": 0,
    "course": 1, "notebook": 1, "sandbox": 1, "checks": 1, "gradebook": 1, "reports": 1,
    "grading": 2, "quiz": 2,
    "dispatch": 3, "interop": 3,
    "web": 4, "cli": 4,
}  # fmt: skip
MOST_LINES = 350
MOST_FUNCTION_LINES = 60
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
"""Exceptions, each with its reason."""

FORBIDDEN_ROOMS = ("sandbox", "grading", "checks")
FORBIDDEN_IMPORTS = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
FORBIDDEN_CALLS = {"eval", "torch.load", "np.load", "numpy.load"}

SINGLE_IMPORTERS = {
    "alembic": {"autograder.gradebook.schema", "autograder.gradebook.migrations"},
    "jupytext": set(),
    "nbformat": {"autograder.notebook"},
    "sqlalchemy": {"autograder.gradebook"},
    "jinja2": {"autograder.reports"},
    "rich": {"autograder.cli", "autograder.reports.terminal"},
    "IPython": {"autograder.sandbox.shell"},
    "yaml": {"autograder.course"},
    "pydantic": {"autograder.course", "autograder.quiz"},
    "pint": {"autograder.quiz.units"},
    "markdown_it": {"autograder.quiz.markdown", "autograder.interop.tohtml"},
    "lxml": {"autograder.interop.xmlio"},
    "nh3": {"autograder.quiz.markdown"},
    "click": {"autograder.cli"},
    "torch": {"autograder.sandbox.decoding", "autograder.sandbox.zygote", "autograder.checks", "autograder.cli"},
}
"""Who may import a heavy or optional library: a module, or a whole room where the room is about it."""


def imports(name: str) -> Iterator[tuple[str, int, bool]]:
    """Every imported module of a module, with its line and whether it stands at the top level."""
    top = set(map(id, TREES[name].body))
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno, id(node) in top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole if whole in MODULES else node.module), node.lineno, id(node) in top


def layer(name: str) -> int | None:
    """A module's layer; None for the package itself, which only names things."""
    parts = name.split(".")
    return LAYERS[parts[1]] if len(parts) > 1 else None


def room(name: str) -> str:
    """A module's room."""
    return name.split(".")[1] if "." in name else ""


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_down(name: str) -> None:
    """A module imports its own room and lower layers; rooms of the lowest layer never import each other."""
    own = layer(name)
    if own is None:
        return
    wrong = [
        f"{name}:{line} imports {other}"
        for other, line, _ in imports(name)
        if other.startswith("autograder.") and room(other) != room(name)
        and (layer(other) or 0) >= own
    ]  # fmt: skip
    assert not wrong


def test_no_import_cycles() -> None:
    """No module reaches itself by imports."""
    graph = {
        name: {other for other, _, top in imports(name) if top and other in MODULES and other != name}
        for name in MODULES
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " → ".join((*path[path.index(name) :], name))
        if name in done:
            return
        for other in sorted(graph[name]):
            visit(other, (*path, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize("name", MODULES)
def test_modules_and_functions_are_small(name: str) -> None:
    """Modules have at most 350 lines and functions at most 60, but for listed exceptions."""
    lines = len(MODULES[name].read_text().splitlines())
    assert lines <= MOST_LINES or name in LONG_MODULES, f"{name} has {lines} lines"
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            long = length > MOST_FUNCTION_LINES and f"{name}.{node.name}" not in LONG_FUNCTIONS
            assert not long, f"{name}.{node.name} has {length} lines"


@pytest.mark.parametrize("name", [name for name in MODULES if room(name) in FORBIDDEN_ROOMS])
def test_nothing_of_a_student_is_unpickled_or_evaluated(name: str) -> None:
    """Sandbox, grading and checks use no pickle, no eval and no loader that does."""
    assert not [other for other, _, _ in imports(name) if other.split(".")[0] in FORBIDDEN_IMPORTS]
    calls = {ast.unparse(node.func) for node in ast.walk(TREES[name]) if isinstance(node, ast.Call)}
    assert not calls & FORBIDDEN_CALLS


def test_only_the_reference_is_executed() -> None:
    """`exec` is called for the course's own solution and nowhere else in grading, sandbox or checks."""
    users = {
        name
        for name in MODULES
        if room(name) in FORBIDDEN_ROOMS
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "exec"
    }
    assert users <= {"autograder.grading.reference"}


@pytest.mark.parametrize("library", SINGLE_IMPORTERS)
def test_heavy_libraries_have_their_importer(library: str) -> None:
    """Each heavy or optional library is imported in its own place only."""
    allowed = SINGLE_IMPORTERS[library]
    users = {name for name in MODULES for other, _, _ in imports(name) if other.split(".")[0] == library}
    strangers = {name for name in users if not any(name == one or name.startswith(one + ".") for one in allowed)}
    assert not strangers
