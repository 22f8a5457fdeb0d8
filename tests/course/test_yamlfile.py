"""YAML files as data with lines, and every malformed file as one problem."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.course import yamlfile
from autograder.course.yamlfile import YamlFile, read_yaml
from autograder.errors import Problem


def read(path: Path, data: str | bytes) -> tuple[YamlFile | None, list[Problem]]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    problems: list[Problem] = []
    return read_yaml(path, problems, missing="write it"), problems


@pytest.fixture(params=["libyaml", "python"])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file to read with libyaml's parser, where there is one, and with PyYAML's own."""
    if request.param == "python":
        monkeypatch.setattr(yamlfile, "_LOADER", yaml.SafeLoader)
    return tmp_path / "x.yml"


def test_read_lines_and_keys(path: Path) -> None:
    """Every key and item knows its line, and is named as an author would."""
    file, problems = read(path, "\ufeffa: 1\n# note\nitems:\n  - {id: one, n: 2}\n  - n: 3\n    m: {k: x}\n")
    assert not problems
    assert file is not None
    assert file.data == {"a": 1, "items": [{"id": "one", "n": 2}, {"n": 3, "m": {"k": "x"}}]}
    assert (file.line(("items", 0, "n")), file.line(("items", 1, "m", "k")), file.line(("items", 9))) == (4, 6, 3)
    assert file.key(("items", 0, "n")) == "items[one].n"
    assert file.key(("items", 1, "m", "k")) == "items[#2].m.k"


def test_read_quoted_and_block_scalars(path: Path) -> None:
    """Quoted scalars and blocks are text, keys are their text."""
    file, _ = read(path, "a: '1'\n2: |\n  x\n  y\nNo: \"true\"\n")
    assert file is not None
    assert file.data == {"a": "1", "2": "x\ny\n", "No": "true"}


MALFORMED = {
    "colon": ("a: 1\ntitle: x: y\n", 2, "second", "quotes"),
    "tab": ("a:\n\tb: 1\n", 2, "tab", "spaces"),
    "list": ("b: 2\na: [1, 2\n", 2, "begins here", "bracket"),
    "quote": ("a: 'x\nb: 2\n", 1, "not closed", "quote"),
    "quote-inside": ("a: 'it's'\n", 1, "closing quote", "other kind"),
    "escape": ('a: "\\q"\n', 1, "backslash", "single quotes"),
    "reserved": ("a: @x\n", 1, "reserves", "quotes"),
    "indent": ("a:\n  - 1\n - 2\n", 3, "indentation", "equally"),
    "no-colon": ("a: 1\nb\nc: 2\n", 2, "no colon", "key: value"),
    "dash": ("a: - c\n", 1, "dash", "line of its own"),
    "block": ("a: >x\n", 1, "| or >", "quotes"),
    "documents": ("a: 1\n---\nb: 2\n", 2, "second document", "one document"),
    "list-on-top": ("- a\n", 1, "no `key: value` lines", "colon"),
    "empty": ("# nothing\n", 1, "empty", "colon"),
    "control": ("a: 1\nb: \x1b[31m\n", 2, "U+001B", "delete"),
    "latin-1": (b"a: 1\nb: \xe9\n", 2, "UTF-8", "UTF-8"),
    "utf-16": ("a: 1\n".encode("utf-16"), None, "UTF-8", "UTF-8"),
    "deep": ("a: " + "[" * 5000 + "]" * 5000, 1, "nested", "flatten"),
    "large": (b"a: " + b"x" * (yamlfile.MOST_BYTES + 1), None, "larger", "right file"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_read_malformed(path: Path, name: str) -> None:
    """A malformed file is one problem with its line, in words for an author."""
    data, line, message, remedy = MALFORMED[name]
    file, problems = read(path, data)
    assert file is None
    assert len(problems) == 1
    assert problems[0].line == line
    assert message in problems[0].message
    assert remedy in problems[0].remedy


REFUSED = {
    "alias": ("a: 1\nb: *x\n", 2, "b", "alias `*x`"),
    "anchor": ("a: &x 1\n", 1, "a", "anchor `&x`"),
    "tag": ("a: !!python/object/apply:os.system [ls]\n", 1, "a", "!!python/object/apply:os.system"),
    "merge": ("a: 1\n<<: {b: 2}\n", 2, None, "merge key"),
    "complex-key": ("? [a]\n: 1\n", 1, None, "plain word"),
    "double": ("a: 1\nb: {c: 1}\na: 2\n", 3, "a", "first on line 1"),
    "number": ("a: 1e999\n", 1, "a", "too large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_read_refused(path: Path, name: str) -> None:
    """What is YAML but no plain data is refused at its line, and the reading goes on."""
    data, line, key, message = REFUSED[name]
    file, problems = read(path, data + "zz: last\n")
    assert file is not None
    assert file.data["zz"] == "last"
    assert [(problem.line, problem.key) for problem in problems] == [(line, key)]
    assert message in problems[0].message


def test_read_billion_laughs(path: Path) -> None:
    """Nested aliases cost nothing: they are never followed."""
    rows = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    _, problems = read(path, "\n".join(rows))
    assert len(problems) == 12 + 11 * 9


@pytest.mark.parametrize("make", [Path.exists, Path.mkdir])
def test_read_missing(tmp_path: Path, make: object) -> None:
    """A missing file, or a folder in its place, is a problem with the caller's remedy."""
    path = tmp_path / "x.yml"
    make(path)  # type: ignore[operator]
    problems: list[Problem] = []
    assert read_yaml(path, problems, missing="write it") is None
    assert [problem.remedy for problem in problems] == ["write it"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text(alphabet="ab:-[]{}'\"\n\t #&*!|>%@?,0.é\x00", max_size=40))
def test_read_any_text(tmp_path: Path, text: str) -> None:
    """Whatever is in the file, reading gives data or problems and never another exception."""
    file, problems = read(tmp_path / "x.yml", text)
    assert file is not None or problems
