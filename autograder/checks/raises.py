"""The assertion that a student's function raises what the task asks for.

What arrives here is a `StudentError` that names the student's exception and its bases. Those names are claims of the
student's process, which is enough: raising is what the task asked for. A limit, a crash or a broken protocol is named
by the grader and is never the exception that was asked for, not even where `Exception` was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.checks.wording import describe, short
from autograder.errors import FAULTS, StudentError


def assert_raises(
    exception: type[BaseException] | tuple[type[BaseException], ...],
    function: Callable[..., Any],
    /,
    *args: Any,
    **kw: Any,
) -> StudentError:
    """Pass if `function(*args, **kw)` fails in the student's code with `exception`, and return that error.

    `assert_raises(ValueError, student.call, "load_glove", path).message` is the student's own text.
    """
    __tracebackhide__ = True
    wanted = exception if type(exception) is tuple else (exception,)
    names = [each.__name__ for each in wanted]  # type: ignore[union-attr]  # mypy does not narrow on `type(x) is tuple`
    told = " or ".join(names)
    try:
        result = function(*args, **kw)
    except StudentError as error:
        if error.type not in FAULTS and any(error.is_a(name) for name in names):
            return error
        raise AssertionError(f"expected {told}, got {short(str(error))}") from error
    raise AssertionError(f"expected {told}, but nothing was raised: the result is {describe(result)}")
