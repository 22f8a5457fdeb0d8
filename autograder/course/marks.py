"""pytest marks read out of source code without running it: the question of a test, and what gives it arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from autograder.course.problems import closest, listed

Function = ast.FunctionDef | ast.AsyncFunctionDef
EXAMPLE = '@pytest.mark.question("cosine", points=2, hint="…")'
_KEYWORDS = ("points", "hint")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a test file, before it is known which file."""

    line: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class QuestionMark:
    """`@pytest.mark.question("id", points=N, hint="…")`. None where an argument could not be read."""

    line: int
    question: str | None
    points: Decimal | None
    hint: str | None


def read_question_mark(node: Function, faults: list[Fault]) -> QuestionMark | None:
    """The question mark of a test, or None; what is wrong is appended to `faults`."""
    found = [mark for mark in node.decorator_list if mark_name(mark) == "question"]
    if not found:
        faults.append(Fault(node.lineno, "the test names no question", f"add {EXAMPLE} above it"))
        return None
    if len(found) > 1:
        faults.append(
            Fault(found[1].lineno, "the test has two question marks", "keep one: a test counts for one question")
        )
    call = found[0]
    if not isinstance(call, ast.Call):
        faults.append(Fault(call.lineno, "the question mark has no arguments", f"write {EXAMPLE}"))
        return QuestionMark(call.lineno, None, None, None)
    question = _question(call, faults)
    keywords = _keywords(call, faults)
    points = _points(call, keywords, faults)
    return QuestionMark(call.lineno, question, points, _hint(keywords, faults))


def mark_name(node: ast.expr) -> str | None:
    """`question` for `pytest.mark.question(…)`, with or without the call; None for other decorators."""
    target = node.func if isinstance(node, ast.Call) else node
    if isinstance(target, ast.Attribute) and last_name(target.value) == "mark":
        return target.attr
    return None


def last_name(node: ast.expr) -> str | None:
    """`c` for `a.b.c`, `a.b.c(…)` or plain `c`."""
    target = node.func if isinstance(node, ast.Call) else node
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else None


def arguments(node: Function, marks: Sequence[ast.expr], faults: list[Fault]) -> tuple[str, ...]:
    """The fixtures that a function asks for by naming them; arguments of parametrize and hypothesis are none."""
    named = [*node.args.posonlyargs, *node.args.args]
    named = named[: len(named) - len(node.args.defaults)]
    keyword_only = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    names = [arg.arg for arg in named] + [arg.arg for arg, default in keyword_only if default is None]
    given: set[str] = set()
    extra: list[str] = []
    for mark in marks:
        if not isinstance(mark, ast.Call):
            continue
        if mark_name(mark) == "parametrize":
            given.update(_parameters(mark, faults))
        elif mark_name(mark) == "usefixtures":
            extra += [text for text in map(_text, mark.args) if text is not None]
        elif last_name(mark) == "given":  # hypothesis fills its keywords, and positions from the right
            given.update(keyword.arg for keyword in mark.keywords if keyword.arg is not None)
            given.update(names[len(names) - len(mark.args) :] if mark.args else ())
    return tuple(dict.fromkeys(name for name in (*names, *extra) if name not in given))


def _question(call: ast.Call, faults: list[Fault]) -> str | None:
    if not call.args:
        faults.append(Fault(call.lineno, "the question mark does not say which question", f"write {EXAMPLE}"))
        return None
    if len(call.args) > 1:
        wrong = "the question mark has more than one positional argument"
        faults.append(Fault(call.lineno, wrong, "name the others: `points=…`, `hint=…`"))
    text = _text(call.args[0])
    if text is None:
        wrong = "the question's id is not a plain text"
        faults.append(
            Fault(call.args[0].lineno, wrong, "write the id itself in quotes; the mark is read without running it")
        )
    return text


def _keywords(call: ast.Call, faults: list[Fault]) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            wrong = "the arguments of the question mark are unpacked with **"
            faults.append(Fault(keyword.value.lineno, wrong, "write them out; the mark is read without running it"))
        elif keyword.arg not in _KEYWORDS:
            match = closest(keyword.arg, _KEYWORDS)
            remedy = f"did you mean `{match}`?" if match else f"the arguments are {listed(_KEYWORDS)}"
            faults.append(Fault(keyword.value.lineno, f"the question mark has no argument `{keyword.arg}`", remedy))
        else:
            found[keyword.arg] = keyword.value
    return found


def _points(call: ast.Call, keywords: dict[str, ast.expr], faults: list[Fault]) -> Decimal | None:
    node = keywords.get("points")
    if node is None:
        if not any(keyword.arg is None or closest(keyword.arg, ("points",)) for keyword in call.keywords):
            faults.append(Fault(call.lineno, "the test has no points", f"write {EXAMPLE}"))
        return None
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    literal = node.operand if isinstance(node, ast.UnaryOp) and negative else node
    value = literal.value if isinstance(literal, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.append(
            Fault(node.lineno, "the points are not a plain number", "write a number such as `points=2` or `points=0.5`")
        )
        return None
    if (negative and value) or value > 10**6:
        wrong = "the points are negative" if negative else "the points are out of range"
        faults.append(Fault(node.lineno, wrong, "write a number from 0 to 1000000"))
        return None
    return Decimal(repr(value))  # the shortest text of a float is what the author typed


def _hint(keywords: dict[str, ast.expr], faults: list[Fault]) -> str | None:
    node = keywords.get("hint")
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return None
    text = _text(node)
    if text is None:
        faults.append(Fault(node.lineno, "the hint is not a plain text", "write it in quotes, without f or +"))
    return text or None


def _parameters(call: ast.Call, faults: list[Fault]) -> Iterator[str]:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    node = call.args[0] if call.args else keywords.get("argnames")
    text = _text(node)
    if text is not None:
        names: list[str | None] = [name.strip() for name in text.split(",")]
    elif isinstance(node, ast.List | ast.Tuple):
        names = [_text(item) for item in node.elts]
    else:
        names = [None]
    if None in names:
        wrong = "the names of parametrize are not plain texts"
        faults.append(Fault(call.lineno, wrong, 'write them out: `@pytest.mark.parametrize("a, b", …)`'))
    indirect = keywords.get("indirect")
    if indirect is None:
        yield from (name for name in names if name)


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
