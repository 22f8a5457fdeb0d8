"""Variants: what a student is asked, drawn from a secret, so that nobody can guess another's and all is repeatable.

    stream = HMAC-SHA256(secret, quiz ␀ version ␀ student ␀ attempt ␀ counter), block after block

Numbers below n are taken from 64 bits of the stream, by rejection, so that all are equally likely; no library's random
generator is in between, which could change. The version is that of the question: a changed question is drawn anew,
unless its draw was stored (`draws.py`). Parameters are drawn in the order of the file; a `formula` is computed from
those above it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from fractions import Fraction

from autograder.quiz.evaluate import evaluate, exact
from autograder.quiz.expression import parse
from autograder.quiz.questions import Parameter, Pool, Question
from autograder.quiz.versions import question_version


class Stream:
    """Numbers that depend on the secret and on the names, and on nothing else."""

    def __init__(self, secret: bytes, *names: str) -> None:
        self._secret, self._names = secret, "\0".join(names)
        self._block, self._counter = b"", 0

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1, each equally likely. `limit` at most 2^63."""
        bound = (1 << 64) // limit * limit
        while True:
            if len(self._block) < 8:
                message = f"{self._names}\0{self._counter}".encode()
                self._block, self._counter = hmac.digest(self._secret, message, "sha256"), self._counter + 1
            drawn, self._block = int.from_bytes(self._block[:8], "big"), self._block[8:]
            if drawn < bound:
                return drawn % limit

    def shuffled(self, count: int) -> list[int]:
        """0 to count - 1 in an order of which each is equally likely."""
        order = list(range(count))
        for place in range(count - 1, 0, -1):
            other = self.below(place + 1)
            order[place], order[other] = order[other], order[place]
        return order


def parameters_of(question: Question) -> Mapping[str, Parameter]:
    """The parameters of a question; none for kinds that have no variants."""
    match question.kind:
        case "single" | "multiple" | "numeric" | "text" | "formula":
            return question.parameters
    return {}


def draw(question: Question, secret: bytes, quiz: str, student: str, attempt: int = 1) -> dict[str, Fraction]:
    """The parameters of one student's variant. Raises Undefined where a parameter's formula has no value."""
    parameters = parameters_of(question)
    if not parameters:
        return {}
    return drawn_from(parameters, Stream(secret, quiz, question_version(question), student, str(attempt)))


def drawn_from(parameters: Mapping[str, Parameter], stream: Stream) -> dict[str, Fraction]:
    """A value for each parameter. Raises Undefined."""
    free = {name: value_at(each, stream.below(size(each))) for name, each in parameters.items() if each.formula is None}
    return completed(parameters, free)


def completed(parameters: Mapping[str, Parameter], free: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """What was drawn, with the parameters that are computed from it, in the order of the file. Raises Undefined."""
    values: dict[str, Fraction] = {}
    for name, parameter in parameters.items():
        if parameter.formula is None:
            values[name] = free[name]
        else:
            values[name] = exact(evaluate(parse(parameter.formula, tuple(values)), values))
    return values


def size(parameter: Parameter) -> int:
    """How many values a parameter can have; 1 for a formula."""
    if parameter.choice is not None:
        return len(parameter.choice)
    if parameter.range is None:
        return 1
    low, high = map(Fraction, parameter.range)
    return int((high - low) / Fraction(parameter.step or 1)) + 1


def value_at(parameter: Parameter, place: int) -> Fraction:
    """The value at a place of a choice or a range."""
    if parameter.choice is not None:
        return Fraction(parameter.choice[place])
    assert parameter.range is not None
    return Fraction(parameter.range[0]) + place * Fraction(parameter.step or 1)


def picked(pool: Pool, secret: bytes, quiz: str, student: str, attempt: int = 1) -> tuple[str, ...]:
    """The questions that a student gets from a pool, in the order of the file."""
    order = Stream(secret, quiz, f"pool {pool.id}", student, str(attempt)).shuffled(len(pool.questions))
    return tuple(pool.questions[place] for place in sorted(order[: pool.pick]))
