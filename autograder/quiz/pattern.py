r"""Patterns for texts, matched in time that grows with pattern × text, whatever the text: no backtracking.

A pattern is parsed into a small automaton (Thompson's construction) and the automaton is in a set of states at once, so
that `(a+)+b` against ten thousand `a` takes no longer than any other pattern. The syntax is the common part of regular
expressions: characters, `.`, `[a-z]`, `[^…]`, `\d \w \s \D \W \S`, `\` before a sign, groups, `|`, `*`, `+`, `?`,
`{2}`, `{2,4}`, `{2,}`. The whole text has to match. What a finite automaton cannot do (back references, look-around)
is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MOST_STATES = 2000
_CLASSES: dict[str, Callable[[str], bool]] = {
    "d": str.isdecimal,
    "w": lambda char: char.isalnum() or char == "_",
    "s": str.isspace,
}
_ESCAPES = {"n": "\n", "t": "\t"}

Test = Callable[[str], bool]


class PatternError(ValueError):
    """The pattern cannot be read; the message says why."""


@dataclass(slots=True)
class _State:
    """A state: on a character that passes `test` go to `then`; without a character go to any of `free`."""

    test: Test | None = None
    then: int = -1
    free: list[int] = field(default_factory=list)


class Pattern:
    """A compiled pattern. `fold`: capital and small letters are the same."""

    def __init__(self, source: str, *, fold: bool = False) -> None:
        self._source, self._at, self._fold = source, 0, fold
        self._states: list[_State] = []
        self._start, self._end = self._either()
        if self._at < len(source):
            raise PatternError(f"the bracket `)` at character {self._at + 1} closes nothing")

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        current = self._reached({self._start})
        for char in text:
            moved = {self._states[each].then for each in current if self._passes(each, char)}
            if not moved:
                return False
            current = self._reached(moved)
        return self._end in current

    def _passes(self, state: int, char: str) -> bool:
        test = self._states[state].test
        if test is None:
            return False
        return test(char) or (self._fold and (test(char.lower()) or test(char.upper())))

    def _reached(self, states: set[int]) -> set[int]:
        reached, todo = set(states), list(states)
        while todo:
            for each in self._states[todo.pop()].free:
                if each not in reached:
                    reached.add(each)
                    todo.append(each)
        return reached

    # -- building: each part returns its first and its last state

    def _new(self, test: Test | None = None) -> int:
        if len(self._states) >= MOST_STATES:
            raise PatternError("it is too large: repeat less often")
        self._states.append(_State(test))
        return len(self._states) - 1

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _take(self) -> str:
        char = self._peek()
        if not char:
            raise PatternError("it ends too early")
        self._at += 1
        return char

    def _either(self) -> tuple[int, int]:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._take()
            parts.append(self._sequence())
        if len(parts) == 1:
            return parts[0]
        first, last = self._new(), self._new()
        for start, end in parts:
            self._states[first].free.append(start)
            self._states[end].free.append(last)
        return first, last

    def _sequence(self) -> tuple[int, int]:
        first = last = self._new()
        while self._peek() not in ("", "|", ")"):
            start, end = self._repeated()
            self._states[last].free.append(start)
            last = end
        return first, last

    def _repeated(self) -> tuple[int, int]:
        begin = self._at
        part = self._atom()
        end = self._at
        least, most = self._count()
        if (least, most) == (1, 1):
            return part
        if self._peek() in ("*", "+", "?", "{"):
            raise PatternError(f"a repetition is repeated at character {self._at + 1}: put the first into brackets")
        after, first = self._at, self._new()
        last = first
        for number in range(max(least, most if most is not None else least + 1)):
            if number:
                self._at = begin
                part = self._atom()
            self._states[last].free.append(part[0])
            if number >= least:
                self._states[part[0]].free.append(part[1])
            if most is None and number >= least:
                self._states[part[1]].free.append(part[0])
            last = part[1]
        assert self._at in (end, after)
        self._at = after
        return first, last

    def _count(self) -> tuple[int, int | None]:
        match self._peek():
            case "*":
                self._take()
                return 0, None
            case "+":
                self._take()
                return 1, None
            case "?":
                self._take()
                return 0, 1
            case "{":
                close = self._source.find("}", self._at)
                low, comma, high = self._source[self._at + 1 : max(close, 0)].partition(",")
                if not low.isdecimal() or not (high.isdecimal() or not high) or len(low + high) > 6:
                    raise PatternError(f"`{{` at character {self._at + 1} is no count: write {{2}} or {{2,4}}")
                self._at = close + 1
                most = (int(high) if high else None) if comma else int(low)
                if most is not None and (most < int(low) or most == 0):
                    raise PatternError(f"the count {{{low},{high}}} allows nothing")
                return int(low), most
        return 1, 1

    def _atom(self) -> tuple[int, int]:
        char = self._take()
        match char:
            case "(":
                return self._group()
            case "[":
                test = self._class()
            case ".":
                test = _anything
            case "\\":
                test = self._escaped(self._take())
            case "*" | "+" | "?" | "{" | ")":
                raise PatternError(f"`{char}` at character {self._at} repeats nothing: write \\{char} for the sign")
            case "^" | "$":
                raise PatternError(f"`{char}` is not needed: the whole text has to match")
            case _:
                test = _is(char)
        first, last = self._new(test), self._new()
        self._states[first].then = last
        return first, last

    def _group(self) -> tuple[int, int]:
        if self._peek() == "?":
            if self._source[self._at : self._at + 2] != "?:":
                raise PatternError(f"`(?` at character {self._at}: look-around, names and flags are not read")
            self._at += 2
        inner = self._either()
        if self._peek() != ")":
            raise PatternError("a bracket `(` is not closed")
        self._take()
        return inner

    def _class(self) -> Test:
        negated = self._peek() == "^"
        if negated:
            self._take()
        tests: list[Test] = []
        while self._peek() != "]" or not tests:
            char = self._take()
            if char == "\\" and self._peek().lower() in _CLASSES:
                tests.append(self._escaped(self._take()))
                continue
            low = _ESCAPES.get(self._peek(), self._peek()) if char == "\\" else char
            if char == "\\":
                self._take()
            if self._peek() == "-" and self._source[self._at + 1 : self._at + 2] not in ("]", ""):
                self._take()
                tests.append(_between(low, self._take()))
            else:
                tests.append(_is(low))
        self._take()
        return lambda char: any(test(char) for test in tests) != negated

    def _escaped(self, char: str) -> Test:
        if char.lower() in _CLASSES:
            test = _CLASSES[char.lower()]
            return test if char.islower() else lambda each: not test(each)
        if char.isalnum() and char not in _ESCAPES:
            raise PatternError(f"`\\{char}` is not read: the classes are \\d, \\w, \\s and their capitals")
        return _is(_ESCAPES.get(char, char))


def _anything(char: str) -> bool:
    return True


def _is(wanted: str) -> Test:
    return lambda char: char == wanted


def _between(low: str, high: str) -> Test:
    if low > high:
        raise PatternError(f"the range {low}-{high} is empty")
    return lambda char: low <= char <= high
