"""Variants that must not be handed out: found by drawing all of them, or many, before students see one.

Refused are draws without a value (division by zero), two choices that are alike (a distractor that equals the key is
one of them), a tolerance that no answer can meet, and an answer that is the same in every draw: then there is no
variant, and whoever copies is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import prod

from autograder.course.yamlfile import KeyPath
from autograder.quiz.equivalence import equivalent
from autograder.quiz.evaluate import Undefined
from autograder.quiz.marking import formula_key, numeric_key
from autograder.quiz.numbers import Unreadable, read_number
from autograder.quiz.placeholders import filled, shown
from autograder.quiz.questions import FormulaQuestion, NumericQuestion, Parameter, Question, TextQuestion
from autograder.quiz.scoring import as_decimal
from autograder.quiz.soundness import Fault
from autograder.quiz.variants import Stream, completed, drawn_from, parameters_of, size, value_at

MOST = 1000
SAMPLES = 5
_SECRET = b"sample"


@dataclass(frozen=True, slots=True)
class Sample:
    """One variant as the author sees it: the numbers, the prompt with them, the answer."""

    parameters: Mapping[str, str]
    prompt: str
    answer: str


def samples(question: Question, count: int = SAMPLES) -> tuple[Sample, ...]:
    """Different variants of a question with parameters; none without. Call it when `degenerate` found nothing."""
    found: dict[str, Sample] = {}
    for number in range(20 * count):
        if len(found) == count or not parameters_of(question):
            break
        drawn = drawn_from(parameters_of(question), Stream(_SECRET, question.id, str(number)))
        numbers = {name: shown(value) for name, value in drawn.items()}
        found.setdefault(str(numbers), Sample(numbers, filled(question.prompt, drawn), answer_text(question, drawn)))
    return tuple(found.values())


def answer_text(question: Question, drawn: Mapping[str, Fraction]) -> str:
    """The right answer of a variant, for authors."""
    match question:
        case NumericQuestion():
            value = f"{as_decimal(numeric_key(question, drawn)):f}"
            return f"{value} {question.answer.unit}" if question.answer.unit else value
        case TextQuestion():
            return " · ".join(filled(text, drawn) for text in question.answer.accept) or "by pattern"
        case FormulaQuestion():
            return _with_numbers(question, drawn)
    if question.kind in ("single", "multiple"):
        return " · ".join(filled(choice.text, drawn) for choice in question.choices if choice.correct)
    return ""


def _with_numbers(question: FormulaQuestion, drawn: Mapping[str, Fraction]) -> str:
    numbers = ", ".join(f"{name} = {shown(value)}" for name, value in drawn.items())
    return f"{question.answer.equals} with {numbers}"


def degenerate(question: Question) -> Iterator[Fault]:
    """What is wrong with some draw, once each; empty for a question without parameters."""
    parameters = parameters_of(question)
    if not parameters:
        return
    seen: set[tuple[KeyPath, str]] = set()
    answers: set[str] = set()
    count = 0
    for drawn in _draws(parameters, question.id):
        count += 1
        numbers = ", ".join(f"{name} = {shown(value)}" for name, value in drawn.items())
        try:
            values = completed(parameters, drawn)
            answers.add(answer_text(question, values))
            faults = list(_faults(question, values))
        except Undefined as error:
            faults = [Fault(("parameters",), f"the formula has no value: {error}", "change the ranges")]
        for fault in faults:
            if (fault.key, fault.remedy) not in seen:
                seen.add((fault.key, fault.remedy))
                yield Fault(fault.key, f"for {numbers or 'every draw'}: {fault.message}", fault.remedy)
    if not seen and count > 1 and len(answers) == 1 and question.kind == "numeric":
        wrong = f"the answer is {answers.pop()} in all {count} draws"
        yield Fault(("answer",), wrong, "use the parameters in the formula, or widen their ranges")
    if count == 1:
        yield Fault(("parameters",), "there is only one draw", "give a parameter two values or more")


def _draws(parameters: Mapping[str, Parameter], name: str) -> Iterator[dict[str, Fraction]]:
    """All draws of what is not computed if they are few, else the ends of every range and many at random."""
    free = {each: parameter for each, parameter in parameters.items() if parameter.formula is None}
    total = prod(size(parameter) for parameter in free.values())
    if total <= MOST:
        yield from (_numbered(free, number) for number in range(total))
        return
    for end in (0, -1):
        yield {each: value_at(parameter, end % size(parameter)) for each, parameter in free.items()}
    yield from islice((drawn_from(free, Stream(_SECRET, name, str(number))) for number in range(MOST)), MOST)


def _numbered(free: Mapping[str, Parameter], number: int) -> dict[str, Fraction]:
    drawn = {}
    for name, parameter in free.items():
        number, place = divmod(number, size(parameter))
        drawn[name] = value_at(parameter, place)
    return drawn


def _faults(question: Question, values: Mapping[str, Fraction]) -> Iterator[Fault]:
    match question:
        case NumericQuestion():
            key = numeric_key(question, values)
            if key == 0 and (question.answer.relative or question.answer.geometric is not None):
                wrong = "the answer is 0, and only 0 itself is within a relative tolerance"
                yield Fault(("answer",), wrong, "use `absolute`, or change the ranges")
        case FormulaQuestion():
            tree = formula_key(question, values)
            domain = {name: (Fraction(low), Fraction(high)) for name, (low, high) in question.answer.domain.items()}
            equivalent(tree, tree, question.answer.variables, domain)
    if question.kind in ("single", "multiple"):
        yield from _alike(question, values)


def _alike(question: Question, values: Mapping[str, Fraction]) -> Iterator[Fault]:
    assert question.kind in ("single", "multiple")
    first: dict[object, tuple[str, bool]] = {}
    for place, choice in enumerate(question.choices):
        text = filled(choice.text, values)
        worth = _worth(text)
        if worth in first:
            other, right = first[worth]
            what = "a distractor equals the key" if right != choice.correct else "two choices are alike"
            wrong = f"{what}: {other} and {choice.id} are both “{text[:40]}”"
            yield Fault(("choices", place), wrong, "change the ranges, or how that choice is computed")
        first.setdefault(worth, (choice.id, choice.correct))


def _worth(text: str) -> object:
    """What a choice says: its number and unit where it is one, so that 0.5 and 1/2 are alike; else its text."""
    try:
        typed = read_number(text.strip("$ "))
    except Unreadable:
        return " ".join(text.split())
    return typed.values[0], typed.unit
