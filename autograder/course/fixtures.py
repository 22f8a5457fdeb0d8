"""The fixtures of a test folder, read out of source code: which exist, which are @prepared, what each asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.course.marks import Fault, Function, arguments, last_name
from autograder.course.problems import did_you_mean, listed

OURS = ("student", "reference", "rng", "device", "limits")
PYTEST = (
    "capfd", "capfdbinary", "caplog", "capsys", "capsysbinary", "capteesys", "doctest_namespace", "monkeypatch",
    "pytestconfig", "record_property", "record_testsuite_property", "record_xml_attribute", "recwarn", "request",
    "subtests", "tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory",
)  # fmt: skip  # without `cache`: verdicts must not depend on what an earlier run left


@dataclass(frozen=True, slots=True)
class Fixture:
    """A function decorated with @pytest.fixture or @prepared."""

    name: str
    line: int
    prepared: bool
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What a module offers to the tests in it: fixtures, and imported names that may be fixtures."""

    fixtures: Mapping[str, Fixture]
    imported: frozenset[str]

    def known(self) -> set[str]:
        return {*OURS, *PYTEST, *self.fixtures, *self.imported}


def fixtures_in(tree: ast.Module, faults: list[Fault]) -> dict[str, Fixture]:
    """The fixtures that a module defines, by name."""
    found: dict[str, Fixture] = {}
    for node in statements(tree):
        if not isinstance(node, Function):
            continue
        for mark in node.decorator_list:
            kind = last_name(mark)
            if kind in {"fixture", "prepared"}:
                name = _given_name(mark) or node.name
                found[name] = Fixture(name, node.lineno, kind == "prepared", arguments(node, (), faults))
    return found


def names_in(tree: ast.Module, own: Mapping[str, Fixture], helpers: Mapping[str, Mapping[str, Fixture]]) -> Names:
    """All fixture names that tests of a module may use. `helpers`: the fixtures of each other module of the folder."""
    fixtures = dict(helpers.get("conftest", {}))
    imported: set[str] = set()
    for node in statements(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        source = helpers.get((node.module or "").rpartition(".")[2], {})
        for alias in node.names:
            if alias.name == "*":
                fixtures.update(source)
            elif alias.name in source:
                fixtures[alias.asname or alias.name] = source[alias.name]
            else:
                imported.add(alias.asname or alias.name)
    return Names({**fixtures, **own}, frozenset(imported))


def check_fixture(fixture: Fixture, names: Names, faults: list[Fault]) -> None:
    """A fixture asks only for what exists, and a @prepared one for no other @prepared one."""
    _check_known(f"the fixture `{fixture.name}`", fixture.line, fixture.needs, names, faults)
    if fixture.prepared:
        others = sorted(_prepared_behind(fixture.needs, names, skip=fixture.name))
        if others:
            wrong = f"the @prepared `{fixture.name}` builds on the @prepared {listed(others)}"
            faults.append(Fault(fixture.line, wrong, "do all the work in one of them"))


def prepared_of(
    test: str, line: int, asked: tuple[str, ...], names: Names, faults: list[Fault], *, public: bool = False
) -> str | None:
    """The @prepared fixture that a test names, or None. Faults: it names two, or reaches one without naming it."""
    _check_known(f"the test `{test}`", line, asked, names, faults)
    if public and "reference" in asked:
        wrong = f"the public test `{test}` asks for `reference`, which students do not have"
        faults.append(Fault(line, wrong, "use worked examples with known numbers, or make it a hidden test"))
    direct = [name for name in asked if name in names.fixtures and names.fixtures[name].prepared]
    if len(direct) > 1:
        wrong = f"the test names more than one @prepared fixture: {listed(direct)}"
        faults.append(Fault(line, wrong, "name one, or prepare everything in one fixture"))
    hidden = sorted(_prepared_behind(asked, names) - set(direct))
    if hidden and len(direct) <= 1:
        wrong = f"the test reaches the @prepared {listed(hidden)} through another fixture"
        remedy = "use at most one @prepared fixture" if direct else f"name `{hidden[0]}` as an argument of the test"
        faults.append(Fault(line, wrong, remedy))
    return direct[0] if direct else None


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements at module level, also those under `if`, `try` and `with`."""
    waiting: list[ast.stmt] = list(reversed(tree.body))
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            inner = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt)]
            inner += [part for handler in getattr(node, "handlers", ()) for part in handler.body]
            waiting += reversed(inner)


def _check_known(who: str, line: int, asked: tuple[str, ...], names: Names, faults: list[Fault]) -> None:
    known = names.known()
    for name in asked:
        if name not in known:
            usual = [*names.fixtures, *OURS]
            remedy = did_you_mean(name, usual, f"define it with @pytest.fixture, or use {listed(OURS)}")
            faults.append(Fault(line, f"{who} asks for the unknown fixture `{name}`", remedy))


def _prepared_behind(asked: tuple[str, ...], names: Names, skip: str | None = None) -> set[str]:
    """Every @prepared fixture that is reached from `asked`, directly or through others."""
    seen: set[str] = set()
    waiting = list(asked)
    while waiting:
        name = waiting.pop()
        if name in seen or name == skip or name not in names.fixtures:
            continue
        seen.add(name)
        waiting += names.fixtures[name].needs
    return {name for name in seen if names.fixtures[name].prepared}


def _given_name(mark: ast.expr) -> str | None:
    for keyword in mark.keywords if isinstance(mark, ast.Call) else ():
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            return keyword.value.value
    return None
