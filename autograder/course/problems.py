"""Faults of authors as `Problem`s: gathering them, ordering them and finding the word that was meant.

Readers of course files take a list and append to it, so that one run tells an author everything that is wrong.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.errors import CourseError, Problem


def raise_problems(problems: Sequence[Problem]) -> None:
    """Raise one CourseError with all problems, file by file and line by line; return if there are none."""
    if problems:
        raise CourseError(in_order(problems))


def in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems grouped by file (files as they first appeared), within a file by line."""
    files = list(dict.fromkeys(problem.file for problem in problems))
    return tuple(sorted(problems, key=lambda problem: (files.index(problem.file), problem.line or 0)))


def relative_to(problems: Iterable[Problem], folder: Path) -> tuple[Problem, ...]:
    """The same problems with the paths below `folder` shortened, for reading on a terminal."""
    return tuple(
        replace(problem, file=problem.file.relative_to(folder))
        if isinstance(problem.file, Path) and problem.file.is_relative_to(folder)
        else problem
        for problem in problems
    )


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None."""
    folded = {name.casefold(): name for name in known}
    begun = [name for name in folded if len(word) > 2 and name.startswith(word.casefold())]
    found = begun if len(begun) == 1 else difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """A remedy: the closest known word if there is one, else `otherwise`."""
    names = list(known)
    match = closest(word, names)
    return f"did you mean `{match}`?" if match else otherwise


def listed(names: Iterable[str], nothing: str = "none") -> str:
    """Names for a sentence: `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    if not quoted:
        return nothing
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1]


def described(value: object) -> str:
    """A value from a course file in words, short enough for a message."""
    match value:
        case None:
            return "empty"
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f"the text “{shortened(value)}”"
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return f"the number {value}"


def shortened(text: str, length: int = 40) -> str:
    """The start of a text on one line, without characters that could rewrite a terminal."""
    line = "".join(char if char.isprintable() else "·" for char in text)
    return line if len(line) <= length else line[: length - 1] + "…"
