"""The tests of a folder, found by reading their source. Nothing is imported and nothing is run.

A test is a module-level function `test_*` in a file `test_*.py` directly in the folder, with
`@pytest.mark.question("id", points=N, hint="…")` whose arguments are literals. Whatever pytest would collect beside
that (methods, imported tests, tests under `if`) is a problem: a test whose id nobody expects would spoil verdicts.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from autograder.course.fingerprint import fingerprint, helpers_digest, module_digest
from autograder.course.fixtures import Fixture, Names, check_fixture, fixtures_in, names_in, prepared_of
from autograder.course.marks import Fault, Function, QuestionMark, arguments, read_question_mark
from autograder.course.strays import bound_names, strays
from autograder.course.textfile import read_text
from autograder.errors import Problem
from autograder.results import Visibility

_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class TestSpec:
    """One test as its author declared it. `fixtures` are those it names; `prepared` is the @prepared one of them."""

    __test__ = False  # pytest: not a test class

    id: str
    question: str
    points: Decimal
    visibility: Visibility
    file: Path
    line: int
    hint: str | None = None
    doc: str = ""
    fixtures: tuple[str, ...] = ()
    prepared: str | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """The tests of a folder that could be read. `unsure` questions have others too; not `complete`: nobody knows."""

    tests: tuple[TestSpec, ...] = ()
    unsure: frozenset[str] = frozenset()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class _Module:
    path: Path
    tree: ast.Module


@dataclass(frozen=True, slots=True)
class _Context:
    """A test module and all that its tests have in common."""

    module: _Module
    nodes: list[Function]
    names: Names
    visibility: Visibility
    rest: str  # digest of the module without its tests
    shared: str  # digest of the folder's other files


def scan_tests(folder: Path, visibility: Visibility, problems: list[Problem], *, beside: Path | None = None) -> Scan:
    """The tests in a folder (none if it does not exist); what is wrong with them is appended to `problems`.

    `beside`: another folder whose modules they can import, so that their verdicts depend on it, too.
    """
    if not folder.is_dir():
        return Scan()
    sources = sorted(path for path in folder.glob("*.py") if path.is_file())
    _check_places(folder, problems)
    modules = [module for path in sources if (module := _parse(path, problems)) is not None]
    tests = [module for module in modules if _is_test_file(module.path)]
    helpers = _helper_fixtures([module for module in modules if module not in tests], problems)
    shared = _shared_by(folder) + (_shared_by(beside) if beside is not None else "")
    found: list[TestSpec] = []
    unsure: set[str] = set()
    complete = len(modules) == len(sources)
    for module in tests:
        try:
            found += _tests_in(_context(module, helpers, visibility, shared, problems), unsure, problems)
        except RecursionError:
            complete = False
            wrong = "an expression is nested too deeply to be read"
            problems.append(Problem(module.path, None, None, wrong, "split it into several statements"))
    return Scan(tuple(found), frozenset(unsure), complete)


def _context(
    module: _Module,
    helpers: Mapping[str, Mapping[str, Fixture]],
    visibility: Visibility,
    shared: str,
    problems: list[Problem],
) -> _Context:
    faults: list[Fault] = []
    own = fixtures_in(module.tree, faults)
    names = names_in(module.tree, own, helpers)
    _check_fixtures(module, own, names, faults, problems)
    nodes = [node for node in module.tree.body if isinstance(node, Function) and node.name.startswith("test_")]
    return _Context(module, nodes, names, visibility, module_digest(module.tree, nodes), shared)


def _shared_by(folder: Path) -> str:
    """The digest of all but the tests in a folder."""
    return helpers_digest(folder, [path for path in folder.glob("*.py") if _is_test_file(path)])


def _is_test_file(path: Path) -> bool:
    return path.name.startswith("test_")


def _check_places(folder: Path, problems: list[Problem]) -> None:
    """Test files that would never be found."""
    for path in sorted(folder.glob("*_test.py")):
        if not _is_test_file(path):
            wrong = "tests are only read from files named test_*.py"
            problems.append(Problem(path, None, None, wrong, f"rename it to test_{path.stem.removesuffix('_test')}.py"))
    for path in sorted(folder.glob("*/**/test_*.py")):
        wrong = "tests are not read from folders inside the test folder"
        problems.append(Problem(path, None, None, wrong, f"move the file to {folder.name}/"))


def _parse(path: Path, problems: list[Problem]) -> _Module | None:
    text = read_text(path, problems, most_bytes=_MOST_BYTES, missing="remove the link")
    if text is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the author's escapes: pytest will show them
            return _Module(path, ast.parse(text))
    except SyntaxError as error:
        message, line = f"the file is not valid Python: {error.msg}", error.lineno
    except (ValueError, RecursionError, MemoryError) as error:
        message, line = f"the file cannot be read as Python: {error}", None
    problems.append(Problem(path, line, None, message, "correct it; run the file through `python -m py_compile`"))
    return None


def _helper_fixtures(helpers: list[_Module], problems: list[Problem]) -> dict[str, dict[str, Fixture]]:
    """The fixtures of conftest.py and of every other module beside the tests, by module name."""
    faults: dict[str, list[Fault]] = {module.path.stem: [] for module in helpers}
    found = {module.path.stem: fixtures_in(module.tree, faults[module.path.stem]) for module in helpers}
    for module in helpers:
        own = found[module.path.stem]
        _check_fixtures(module, own, names_in(module.tree, own, found), faults[module.path.stem], problems)
    return found


def _check_fixtures(
    module: _Module, own: Mapping[str, Fixture], names: Names, faults: list[Fault], problems: list[Problem]
) -> None:
    for fixture in own.values():
        check_fixture(fixture, names, faults)
    _add(problems, module.path, None, faults)


def _tests_in(context: _Context, unsure: set[str], problems: list[Problem]) -> Iterator[TestSpec]:
    path, tree = context.module.path, context.module.tree
    for stray in strays(tree):
        problems.append(Problem(path, stray.line, stray.name, stray.message, stray.remedy))
        mark = read_question_mark(stray.node, []) if stray.node is not None else None
        unsure.update([mark.question] if mark is not None and mark.question is not None else [])
    for node in context.nodes:
        faults: list[Fault] = []
        mark = read_question_mark(node, faults)
        spec = _spec(context, node, mark, faults)
        _add(problems, path, node.name, faults)
        if spec is not None:
            yield spec
        elif mark is not None and mark.question is not None:
            unsure.add(mark.question)


def _spec(context: _Context, node: Function, mark: QuestionMark | None, faults: list[Fault]) -> TestSpec | None:
    """What the source says about a test; None if its question or its points could not be read."""
    if isinstance(node, ast.AsyncFunctionDef):
        faults.append(Fault(node.lineno, "the test is `async`", "write a plain `def`"))
    asked = arguments(node, [*_module_marks(context.module.tree), *node.decorator_list], faults)
    public = context.visibility is Visibility.PUBLIC
    prepared = prepared_of(node.name, node.lineno, asked, context.names, faults, public=public)
    if mark is None or mark.question is None or mark.points is None:
        return None
    return TestSpec(
        id=node.name,
        question=mark.question,
        points=mark.points,
        visibility=context.visibility,
        file=context.module.path,
        line=node.lineno,
        hint=mark.hint,
        doc=ast.get_docstring(node) or "",
        fixtures=asked,
        prepared=prepared,
        fingerprint=fingerprint(node, context.rest, context.shared, context.visibility.value),
    )


def _module_marks(tree: ast.Module) -> list[ast.expr]:
    """The marks in `pytestmark = …`, which hold for every test of the module."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and "pytestmark" in bound_names(node):
            return list(node.value.elts) if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
    return []


def _add(problems: list[Problem], path: Path, key: str | None, faults: list[Fault]) -> None:
    problems.extend(Problem(path, fault.line, key, fault.message, fault.remedy) for fault in faults)
