"""`check("question")` in a notebook: the public tests of one question, run in the kernel and told in a few lines.

Offline, without a fence, on any system. It imports nothing that only Linux has.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from autograder.grading.publictests import CheckedQuestion, CheckedTest, run_public_tests
from autograder.results import Verdict

_SIGNS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.UNDECIDED: "?"}
_PLAIN = str.maketrans({"✓": "+", "✗": "x", "‘": "'", "’": "'", "…": "."})
_MAX_PRINTED_LINES = 10


class Interrupted(KeyboardInterrupt):
    """The student stopped the check: the cells that wait are stopped too, and no traceback is shown."""

    def _render_traceback_(self) -> list[str]:
        return ["Stopped."]


def check(question: str, tests: str = "", points: float | None = None) -> None:
    """Run the public tests of `question` (`tests` is their source) on this notebook and print what came of it.

    `points` are the question's, hidden tests included.
    """
    total = None if points is None else Decimal(str(points))
    names = _notebook_names(sys._getframe(1).f_globals)
    try:
        checked = run_public_tests(names, question, tests)
    except KeyboardInterrupt:
        raise Interrupted from None
    print(printable("\n".join(tell(checked, total)), getattr(sys.stdout, "encoding", None)))


def _notebook_names(caller: dict[str, Any]) -> dict[str, Any]:
    """The notebook's names, also where a module of the student's called `check`."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or caller.get("__name__") == "__main__":
        return caller
    names: dict[str, Any] = shell.user_ns
    return names


def tell(checked: CheckedQuestion, total: Decimal | None) -> Iterator[str]:
    """The result of one question, line by line."""
    yield checked.question
    if checked.fault is not None:
        yield f"  ? The public tests could not be run: {checked.fault}"
        yield "  This says nothing about your answer."
        return
    for test in checked.tests:
        yield from _tell_test(test)
    yield summary(checked, total)


def _tell_test(test: CheckedTest) -> Iterator[str]:
    yield f"  {_SIGNS[test.verdict]} {test.doc}"
    if test.verdict is Verdict.PASSED:
        return
    for line in (test.message or "").split("\n"):
        yield f"      {line}"
    if test.verdict is Verdict.UNDECIDED:
        yield "      So it says nothing about your answer. Please tell the course staff."
    elif test.hint:
        yield f"      Hint: {test.hint}"
    printed = test.printed.strip("\n").split("\n") if test.printed.strip() else []
    if printed:
        yield "      Your code printed:"
        yield from (f"      | {line[:120]}" for line in printed[:_MAX_PRINTED_LINES])
        if len(printed) > _MAX_PRINTED_LINES:
            yield f"      | … and {len(printed) - _MAX_PRINTED_LINES} more lines"


def summary(checked: CheckedQuestion, total: Decimal | None) -> str:
    """The closing line: tests, points, and what stays hidden."""
    count = len(checked.tests)
    if not count:
        rest = "hidden tests grade it" if total is None else f"its {amount(total)} stay{_s(total)} hidden until grading"
        return f"This question has no public tests: {rest}."
    tests = f"{checked.passed} of {count} public test{'s' * (count != 1)} passed"
    if total is None:
        return (
            f"{tests} ({checked.earned.normalize():f} of {amount(checked.public_points)}). "
            "Hidden tests that run at grading give the rest of the points."
        )
    hidden = max(total - checked.public_points, Decimal(0))
    told = f"{tests} ({checked.earned.normalize():f} of {amount(total)})."
    if not hidden:
        return f"{told} No points of this question are hidden."
    return f"{told} {amount(hidden)} stay{_s(hidden)} hidden until grading."


def amount(value: Decimal, unit: str = "point") -> str:
    """`2 points`, `1 point`, `0.5 points`."""
    return f"{value.normalize():f} {unit}{'s' * (value != 1)}"


def _s(value: Decimal) -> str:
    return "s" * (value == 1)


def printable(text: str, encoding: str | None) -> str:
    """The text as a stream of this encoding can show it: some terminals know neither ✓ nor √."""
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding or "ascii", "replace").decode(encoding or "ascii")
    return text
