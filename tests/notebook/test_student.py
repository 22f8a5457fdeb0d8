"""The student notebook: no solution, nbgrader's metadata, check cells, and the same bytes every time."""

from __future__ import annotations

import ast
import json
from typing import Any

import nbformat
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograder
from autograder.errors import CourseError
from autograder.notebook import (
    Master,
    Release,
    Template,
    drift,
    pack_public_tests,
    student_notebook,
    to_bytes,
)
from autograder.notebook.packing import check_cell_source, text_literal

from .conftest import PUBLIC, Notebook
from .helpers import cell, text


def test_student_notebook_is_valid_and_holds_no_solution(blank: Notebook) -> None:
    """nbformat accepts it, and nothing between the markers is in it."""
    nbformat.validate(nbformat.from_dict(blank))
    content = to_bytes(blank).decode()
    assert "SOLUTION" not in content
    assert "scale is noise" not in content
    assert "zip" not in content
    assert "own remark" not in content


def test_nbgrader_metadata_follow_its_rules(blank: Notebook) -> None:
    """Schema 3: unique ids, points exactly where a cell is graded, prose graded and solution at once."""
    metadata = [
        (one["cell_type"], one["metadata"]["nbgrader"]) for one in blank["cells"] if "nbgrader" in one["metadata"]
    ]
    assert len({own["grade_id"] for _, own in metadata}) == len(metadata) == 6
    for kind, own in metadata:
        assert own["schema_version"] == 3
        assert own["cell_type"] == kind
        assert ("points" in own) is own["grade"]
        assert kind == "code" or own["grade"] is own["solution"]
    assert sum(own.get("points", 0) for _, own in metadata) == 8.5


def test_notebook_metadata_name_the_assignment(blank: Notebook) -> None:
    """The notebook says what it is and what its questions are worth."""
    assert blank["metadata"]["kernelspec"]["name"] == "python3"
    own = blank["metadata"]["autograder"]
    assert (own["assignment"], own["notebook"]) == ("angles", "angles.ipynb")
    assert own["questions"]["guess"] == {"points": 1.5, "public_points": 1}


def test_generation_is_deterministic_and_drift_is_seen(master: Master, release: Release, blank: Notebook) -> None:
    """The same master gives the same bytes; an edited notebook is named cell by cell."""
    assert to_bytes(student_notebook(master, release)) == to_bytes(blank)
    assert drift(to_bytes(blank), blank) == ()
    other = json.loads(to_bytes(blank))
    cell(other, "guess-answer")["source"] = ["guess = 3"]
    assert drift(to_bytes(other), blank) == ("cell guess-answer-1 has another source",)
    other = json.loads(to_bytes(blank))
    other["cells"].reverse()
    assert drift(to_bytes(other), blank) == ("the cells stand in another order",)
    other = json.loads(to_bytes(blank))
    other["cells"].pop()
    other["metadata"]["title"] = "Other"
    assert len(drift(to_bytes(other), blank)) == 2
    assert drift(b"[]", blank) == ("the released notebook is no notebook that was generated here",)


def test_check_cell_stands_behind_the_last_answer(blank: Notebook) -> None:
    """Each code question has one check cell, right after its answer; written questions have none."""
    names = [one["id"] for one in blank["cells"]]
    assert names.index("cosine-check") == names.index("cosine-answer-1") + 1
    assert not any(name.startswith("why-check") for name in names)


def test_check_cell_calls_check_with_the_tests(blank: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """The packed tests arrive word for word, with the question's points."""
    calls: list[tuple[str, float, str]] = []
    # not setattr: it would ask the package for the real `check` first, which loads the grader
    monkeypatch.setitem(
        vars(autograder), "check", lambda question, *, points, tests: calls.append((question, points, tests))
    )
    exec(text(blank, "cosine-check"), {})
    assert calls == [("cosine", 4, pack_public_tests(PUBLIC, "cosine"))]


def test_check_cell_without_the_package_says_one_line(blank: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback on a machine without our package, but the command that installs it."""
    real = __import__

    def without_us(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("autograder"):
            raise ImportError(name)
        return real(name, *rest, **more)

    exec(
        text(blank, "cosine-check"),
        {"__builtins__": {"__import__": without_us, "ImportError": ImportError, "print": print}},
    )
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert "how to install it" in printed


def test_question_without_public_tests_says_so() -> None:
    """Its check cell stays, with nothing to run."""
    assert pack_public_tests(PUBLIC, "why") == ""
    assert check_cell_source("why", "", "pip").endswith("check(\"why\", tests='')  # this question has no public tests")


def test_packed_tests_are_one_module_of_one_question() -> None:
    """Preamble and fixtures come along, tests of other questions do not, and it compiles."""
    other = (
        "from __future__ import annotations\nfrom math import pi\n\n\n@q.question('cosine')\nasync def test_pi(): ...\n"
    )
    packed = pack_public_tests({"test_z.py": other, **PUBLIC}, "cosine")
    compile(packed, "tests", "exec")
    assert packed.startswith("from __future__ import annotations\n")
    assert packed.count("__future__") == 1
    names = [node.name for node in ast.parse(packed).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert names == ["vectors", "test_right_angle", "test_pi"]
    assert "LIMIT = 1" in packed


def test_contradicting_test_files_are_an_error() -> None:
    """Two files that define one name in two ways, and a file that is no Python, are the author's to mend."""
    mark = "@pytest.mark.question('q', points=1)\n"
    sources = {"a.py": f"N = 1\n{mark}def test_a(): ...\n", "b.py": f"N = 2\n{mark}def test_b(): ...\n", "c.py": "("}
    with pytest.raises(CourseError) as caught:
        pack_public_tests(sources, "q")
    assert [(problem.file, problem.line) for problem in caught.value.problems] == [("b.py", 1), ("c.py", 1)]


@given(st.text() | st.text(alphabet="'\"\\\nab\r\0\t"))
@example("a\n'''\"\"\"\\")
@example("x\n'")
@example("x\n\\")
@example("\n\ud800\u202e\f\x1c")
def test_literal_is_exactly_the_text(value: str) -> None:
    """Whatever the source holds, the literal evaluates to it and is fit for a notebook."""
    literal = text_literal(value)
    assert ast.literal_eval(literal) == value
    assert literal.encode()


def test_literal_stays_readable() -> None:
    """Ordinary sources are shown as they are."""
    assert text_literal("a\nb\n") == "'''\\\na\nb\n'''"
    assert text_literal('r"\\d"\n') == "r'''r\"\\d\"\n'''"


def test_template_holds_names_but_no_solution(template: Template) -> None:
    """Names come from the stubs, and it survives JSON."""
    assert set(template.owners) == {"cosine", "angle"}
    assert template.is_written("why")
    assert not template.is_written("cosine")
    assert "zip" not in json.dumps(template.to_json())


def test_foreign_notebook_is_no_template() -> None:
    """A notebook that was not generated here is an author's error."""
    with pytest.raises(CourseError, match="no released notebook"):
        Template.from_notebook({"cells": [], "metadata": {}})


def test_unknown_question_of_a_master_is_an_error(master: Master) -> None:
    """A release that does not know the master's questions is an author's error."""
    with pytest.raises(CourseError, match="unknown question"):
        student_notebook(master, Release("angles", "Angles", "angles.ipynb", ()))
