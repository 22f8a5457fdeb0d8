"""Whether what an author wrote inside of texts can be read: formulas, patterns, second keys, parameters in braces.

After this, scoring a response cannot fail by the author's fault, but for values of parameters that only drawing shows
(`degenerate.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from autograder.course.problems import did_you_mean, listed
from autograder.course.yamlfile import KeyPath
from autograder.quiz.equivalence import NeverDefined, equivalent
from autograder.quiz.evaluate import Undefined
from autograder.quiz.expression import FUNCTIONS, FormulaError, names_in, parse
from autograder.quiz.marking import formula_key, marker
from autograder.quiz.pattern import Pattern, PatternError
from autograder.quiz.placeholders import filled, places
from autograder.quiz.questions import FormulaQuestion, NumericQuestion, Question, TextQuestion
from autograder.quiz.soundness import Fault
from autograder.quiz.texts import normalised
from autograder.quiz.variants import completed, parameters_of, value_at


def unreadable(question: Question) -> Iterator[Fault]:
    """What cannot be read in a question whose keys agree."""
    faults = [*_parameters(question), *_answer(question), *_places(question)]
    yield from faults
    if not faults:
        yield from _further_keys(question)


def texts_of(question: Question) -> Iterator[tuple[KeyPath, str]]:
    """Every text of a question that people read, with its key."""
    yield ("prompt",), question.prompt
    if question.explanation is not None:
        yield ("explanation",), question.explanation
    match question.kind:
        case "single" | "multiple":
            for place, choice in enumerate(question.choices):
                yield ("choices", place, "text"), choice.text
                if choice.feedback is not None:
                    yield ("choices", place, "feedback"), choice.feedback
        case "order":
            for place, item in enumerate(question.choices):
                yield ("choices", place, "text"), item.text
        case "match":
            for place, pair in enumerate(question.pairs):
                yield ("pairs", place, "left"), pair.left
                yield ("pairs", place, "right"), pair.right
            for place, text in enumerate(question.distractors):
                yield ("distractors", place), text


def _parameters(question: Question) -> Iterator[Fault]:
    above: list[str] = []
    for name, parameter in parameters_of(question).items():
        if name in FUNCTIONS:
            yield Fault(("parameters", name), f"`{name}` is the name of a function", "choose another")
        if parameter.formula is not None:
            yield from _formula(("parameters", name, "formula"), parameter.formula, above)
        above.append(name)


def _formula(key: KeyPath, text: str, names: Sequence[str]) -> Iterator[Fault]:
    try:
        parse(text, names)
    except FormulaError as error:
        yield Fault(key, f"the formula cannot be read: {error}", 'write it like "inputs*hidden + hidden"')


def _answer(question: Question) -> Iterator[Fault]:
    match question:
        case NumericQuestion() if question.answer.formula is not None:
            yield from _formula(("answer", "formula"), question.answer.formula, tuple(question.parameters))
        case TextQuestion():
            yield from _text(question)
        case FormulaQuestion():
            yield from _equals(question)


def _text(question: TextQuestion) -> Iterator[Fault]:
    if question.answer.pattern is not None:
        try:
            Pattern(question.answer.pattern, fold="case" in question.answer.ignore)
        except PatternError as error:
            yield Fault(("answer", "pattern"), f"the pattern cannot be read: {error}", "docs/quizzes.md has the syntax")
    for text in question.answer.accept:
        if not normalised(text, question.answer.ignore):
            remedy = "remove it, or ignore less"
            yield Fault(("answer", "accept"), f"of “{text}” nothing is left after what is ignored", remedy)


def _equals(question: FormulaQuestion) -> Iterator[Fault]:
    answer = question.answer
    taken = [name for name in answer.variables if name in question.parameters or name in FUNCTIONS]
    for name in taken:
        yield Fault(("answer", "variables"), f"`{name}` is a parameter or a function already", "choose another name")
    for name, (low, high) in answer.domain.items():
        if name not in answer.variables:
            remedy = did_you_mean(name, answer.variables, f"the variables are {listed(answer.variables)}")
            yield Fault(("answer", "domain", name), f"there is no variable `{name}`", remedy)
        elif low >= high:
            yield Fault(("answer", "domain", name), f"it begins at {low} and ends at {high}", "write the smaller first")
    faults = list(_formula(("answer", "equals"), answer.equals, (*answer.variables, *question.parameters)))
    yield from faults
    if faults or taken:
        return
    unused = set(answer.variables) - set(names_in(parse(answer.equals, (*answer.variables, *question.parameters))))
    if unused and len(unused) == len(answer.variables):
        yield Fault(
            ("answer", "variables"), f"the formula holds none of {listed(sorted(unused))}", "correct one of them"
        )
    yield from _has_values(question)


def _has_values(question: FormulaQuestion) -> Iterator[Fault]:
    try:
        drawn = _first_values(question)
        key = formula_key(question, drawn)
        domain = {name: (Fraction(low), Fraction(high)) for name, (low, high) in question.answer.domain.items()}
        equivalent(key, key, question.answer.variables, domain)
    except NeverDefined:
        remedy = "add where it has: `domain: {s: [0, 1]}`"
        yield Fault(("answer", "equals"), "the formula has no value at most points", remedy)
    except (FormulaError, Undefined, KeyError):
        pass  # a parameter is at fault, and has its own problem


def _first_values(question: Question) -> dict[str, Fraction]:
    """One value for each parameter."""
    parameters = parameters_of(question)
    return completed(parameters, {n: value_at(each, 0) for n, each in parameters.items() if each.formula is None})


def _places(question: Question) -> Iterator[Fault]:
    parameters = parameters_of(question)
    if not parameters:
        return
    for key, text in texts_of(question):
        for name in places(text):
            if name not in parameters:
                remedy = did_you_mean(name, parameters, f"the parameters are {listed(parameters)}")
                yield Fault(key, f"there is no parameter `{{{name}}}`", remedy)
    texts = " ".join(text for _, text in texts_of(question))
    marks = dict.fromkeys(parameters, Fraction(10**9 + 7))
    if filled(texts, marks) == texts:
        remedy = "write {name} where its number belongs, or remove the parameters"
        yield Fault(("parameters",), "no text of the question shows a parameter", remedy)


def _further_keys(question: Question) -> Iterator[Fault]:
    try:
        drawn = _first_values(question)
    except (Undefined, FormulaError):
        return  # `degenerate.py` says where
    for name in ("also", "previous"):
        keys: tuple[str, ...] = getattr(question, name)
        for key in keys:
            try:
                marker(question, drawn, key)
            except Undefined:
                continue
            except ValueError as error:
                yield Fault((name,), f"the key “{key[:40]}” cannot be read: {error}", "write it as a response would be")
