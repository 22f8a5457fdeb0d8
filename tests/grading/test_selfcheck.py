"""`check("question")` as a notebook calls it: what it prints, and that the kernel does not notice."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograder
from autograder.grading.selfcheck import Interrupted, printable

NOTEBOOK = """
import random
import numpy as np

calls = 0

class Box:
    def __init__(self, x):
        self.x = x
    def twice(self):
        return 2 * self.x

def half(x):
    print("half of", x)
    return divide(x, 2)

def divide(x, y):
    return x / y

def count():
    global calls
    calls += 1
    return calls

def shake():
    random.seed(7)
    np.random.seed(7)
    return "shaken"

def kinds():
    return {"scalar": np.float64(1.5), "pair": (1, [2]), "set": {1}}

def each(function, items):
    try:
        return [function(item) for item in items]
    except BaseException:
        return "swallowed"
"""
HEAD = "import numpy as np\nimport pytest\nfrom autograder.checks import assert_close, assert_equal, assert_raises\n"


def question(body: str, points: str = "1", hint: str = "Think.", name: str = "one", fixtures: str = "student") -> str:
    """The source of one public test."""
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    mark = f"@pytest.mark.question('q', points={points}, hint={hint!r})"
    return f"\n\n{mark}\ndef test_{name}({fixtures}):\n    '''It works.'''\n{lines}\n"


@pytest.fixture
def names() -> dict[str, Any]:
    """A notebook that was run."""
    names: dict[str, Any] = {"__name__": "__main__", "check": autograder.check}
    exec(compile(NOTEBOOK, "<cell 3>", "exec"), names)
    return names


def told(names: dict[str, Any], capsys: pytest.CaptureFixture[str], *tests: str, points: float | None = 4) -> str:
    """What a check cell with these tests prints in the notebook."""
    names["tests"], names["points"] = HEAD + "".join(tests), points
    exec("check('q', points=points, tests=tests)", names)
    return capsys.readouterr().out


def test_check_counts_tests_and_points(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """A passing test is one line, and the last line says how many points stay hidden."""
    out = told(names, capsys, question("assert_close(student.call('half', 3.0), 1.5)", points="1.5"))
    assert (
        out == "q\n  ✓ It works.\n1 of 1 public test passed (1.5 of 4 points). 2.5 points stay hidden until grading.\n"
    )


def test_check_without_points_says_that_hidden_tests_exist(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A check cell that does not know the question's points never sounds like full marks."""
    out = told(names, capsys, question("student.call('half', 1)", points="2"), points=None)
    assert "(2 of 2 points). Hidden tests that run at grading give the rest" in out


def test_check_without_tests_says_so(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """A question may have hidden tests only."""
    exec("check('q', points=1, tests='')", names)
    assert capsys.readouterr().out == "q\nThis question has no public tests: its 1 point stays hidden until grading.\n"


def test_check_tells_assertion_and_hint(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """A failure shows what was expected, the author's hint and what the student's code printed."""
    out = told(names, capsys, question("assert_close(student.call('half', 3.0), 2.0)"))
    assert "  ✗ It works.\n" in out
    assert "      Hint: Think.\n" in out
    assert "      | half of 3.0\n" in out
    assert "0 of 1 public test passed (0 of 4 points). 3 points stay hidden" in out


def test_check_tells_the_line_of_an_error(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """An exception of the student's names the cell and the line, without a traceback."""
    out = told(names, capsys, question("student.call('divide', 1, 0)"))
    assert "Your code raised ZeroDivisionError: division by zero\n      in divide, cell 3, line 18" in out
    assert "Traceback" not in out


def test_check_names_an_undefined_function(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """The commonest slip: the answer's cell was not run."""
    out = told(names, capsys, question("student.call('third', 1)"))
    assert "‘third’ is not defined: has its cell been run" in out


def test_check_blames_a_broken_test_on_nobody(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """An exception of the test's own is no failure of the answer."""
    out = told(names, capsys, question("student.call('half', 1)['x']"))
    assert "? It works." in out
    assert "says nothing about your answer" in out


def test_check_says_which_package_is_missing(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that cannot be imported here are no failure either."""
    out = told(names, capsys, "import no_such_package\n", question("pass"))
    assert "need ‘no_such_package’, which is not installed here: python -m pip install no_such_package" in out
    assert "says nothing about your answer" in out


def test_check_passes_values_as_the_fence_does(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Numpy scalars arrive as arrays, what has no plain form as a handle that answers."""
    body = (
        "kinds = student.call('kinds')\n"
        "assert type(kinds['scalar']) is np.ndarray and type(kinds['pair']) is tuple\n"
        "assert type(kinds['set']).__name__ == 'Remote'\n"
        "box = student.new('Box', 21)\n"
        "assert box.call('twice') == 42 and box.get('x') == 21\n"
        "assert student.call('half', student.keep('half', 8)) == 2"
    )
    assert "✓" in told(names, capsys, question(body))


def test_check_undoes_what_a_test_sets(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Each test finds the notebook's names as they were, and so does the student."""
    divide, keys = names["divide"], {*names, "tests", "points"}
    set_it = "student.set('divide', student.callback(lambda x, y: 'mine'))\nstudent.set('new', 1)\n"
    first = question(set_it + "assert student.call('half', 1) == 'mine'\nassert student.call('count') == 1")
    second = question("assert student.call('half', 1) == 0.5\nassert student.call('count') == 1", name="two")
    assert "2 of 2" in told(names, capsys, first, second)
    assert names["divide"] is divide
    assert names["calls"] == 0
    assert set(names) - {"__builtins__"} == keys - {"__builtins__"}


def test_check_keeps_a_failed_assertion_of_a_callback(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Student code that catches everything cannot swallow the test's own assertion."""
    body = "def ask(x):\n    assert x < 2, 'too far'\n    return x\nstudent.call('each', student.callback(ask), [1, 2])"
    out = told(names, capsys, question(body))
    assert "too far" in out
    assert "0 of 1" in out


def test_check_gives_an_error_of_a_callback_to_the_student(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception of the test's function is one that the student's code may catch."""
    ask = "def ask(x):\n    raise ValueError('no')\n"
    body = f"{ask}assert student.call('each', student.callback(ask), [1]) == 'swallowed'"
    assert "1 of 1" in told(names, capsys, question(body))


def test_check_runs_prepared_set_ups(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """What a set-up made and set is there for its tests, and for no other."""
    setup = (
        "from autograder.grading import prepared\n\n@prepared\ndef made(student):\n"
        "    student.set('extra', 3)\n    return student.new('Box', 5)\n"
    )
    with_it = question("assert made.call('twice') == 10\nassert student.get('extra') == 3", fixtures="student, made")
    without = question("assert_raises(NameError, student.get, 'extra')", name="two")
    assert "2 of 2" in told(names, capsys, setup, with_it, without)


def test_check_writes_test_files_elsewhere(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`student.file` leaves nothing beside the notebook."""
    monkeypatch.chdir(tmp_path)
    exec("def read(path):\n    return open(path).read()", names)
    assert "1 of 1" in told(
        names, capsys, question("assert student.call('read', student.file('a/b.txt', b'hi')) == 'hi'")
    )
    assert list(tmp_path.iterdir()) == []


def test_check_tells_the_case_of_a_parametrised_test(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """All cases are one test; the one that failed is named."""
    test = question("assert student.call('half', x) == 1", fixtures="student, x")
    test = test.replace("def test", "@pytest.mark.parametrize('x', [2, 3])\ndef test")
    out = told(names, capsys, test)
    assert "(case [3])" in out
    assert "0 of 1 public test passed" in out


def test_check_leaves_the_kernel_as_it_was(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Random generators, environment, warning filters, modules, streams, last error and working folder are put back."""

    def state() -> list[Any]:
        modules = {name for name in sys.modules if "test_autograder" in name}
        streams = (sys.stdout, sys.stderr, sys.stdin, list(sys.path), list(sys.meta_path))
        numpys = np.random.get_state()[1].tobytes()  # type: ignore[union-attr]
        last = getattr(sys, "last_value", None)
        return [random.getstate(), numpys, dict(os.environ), warnings.filters[:], modules, streams, Path.cwd(), last]

    names["os"] = os
    exec("def wander():\n    os.chdir('/')\n    os.environ['HERE'] = '1'\n    return 1 / 0", names)
    before = state()
    told(names, capsys, question("student.call('shake')\nstudent.call('wander')"))
    assert state() == before


def test_check_works_inside_a_running_event_loop(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Jupyter's cells run inside a loop, which goes on afterwards."""

    async def cell() -> str:
        out = told(names, capsys, question("student.call('half', 1)"))
        await asyncio.sleep(0)
        return out

    assert "1 of 1" in asyncio.run(cell())


def test_check_stops_at_an_interrupt_without_a_traceback(names: dict[str, Any]) -> None:
    """The stop button ends the whole check; IPython shows one word."""
    exec("def hang():\n    raise KeyboardInterrupt", names)
    names["tests"] = HEAD + question("student.call('hang')") + question("student.call('half', 1)", name="two")
    with pytest.raises(Interrupted) as caught:
        exec("check('q', tests=tests)", names)
    assert caught.value._render_traceback_() == ["Stopped."]


def test_printable_on_a_narrow_terminal() -> None:
    """Where a stream cannot show ✓ it says so otherwise and breaks nothing."""
    assert printable("✓ ‘a’ √2", "ascii") == "+ 'a' ?2"
    assert printable("✓ √2", "utf-8") == "✓ √2"


def test_check_without_torch_and_without_linux() -> None:
    """The whole path imports and runs where `resource`, `fcntl`, `torch` and their kin do not exist."""
    tests = HEAD + question("assert_equal(student.call('half', 2), 1.0)")
    code = (
        "import sys\n"
        "for name in ('resource', 'fcntl', 'torch', 'pwd', 'grp', 'termios'):\n"
        "    sys.modules[name] = None\n"
        "import select, os\n"
        "for owner, names in ((select, ('poll', 'epoll')), (os, ('fork', 'pidfd_open', 'memfd_create', 'waitid'))):\n"
        "    for name in names:\n"
        "        owner.__dict__.pop(name, None)\n"
        "from autograder import check\n"
        "import autograder.grading.selfcheck\n"
        "def half(x):\n    return x / 2\n"
        f"check('q', points=2, tests={tests!r})\n"
    )
    result = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        cwd=Path(autograder.__file__).parents[1],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.stderr == ""
    assert "1 of 1 public test passed (1 of 2 points)" in result.stdout
