"""How each kind marks a response: a function that is made once for a question and a draw, and called for each response.

A marker returns a share of the points, 0 to 1 (less than 0 for a penalty), and raises `ValueError` with a sentence for
a response that it cannot read. Blank responses never reach it, but for `multiple`, where nothing ticked is an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise

from autograder.quiz.choosing import multiple_share, single_share
from autograder.quiz.equivalence import equivalent
from autograder.quiz.evaluate import evaluate, exact
from autograder.quiz.expression import FormulaError, Tree, parse, substituted
from autograder.quiz.keys import Unfit, choice_ids, left_ids, split_ids, split_pairs, with_key
from autograder.quiz.numeric import numeric_share
from autograder.quiz.placeholders import filled
from autograder.quiz.questions import (
    FormulaQuestion,
    MatchQuestion,
    MultipleQuestion,
    NumericQuestion,
    OrderQuestion,
    OrderRule,
    Question,
    SingleQuestion,
    TextQuestion,
)  # fmt: skip
from autograder.quiz.texts import accepts

Drawn = Mapping[str, Fraction]
Marker = Callable[[str], Fraction]
ONE, ZERO = Fraction(1), Fraction(0)


def marker(question: Question, drawn: Drawn, key: str | None = None) -> Marker:
    """The function that marks responses to this question with these parameters.

    `key`: another key, written as a response. Raises KeyError for kinds that are marked outside, ValueError for a key
    that cannot be read, Undefined where a formula has no value.
    """
    if key is not None and not isinstance(question, MatchQuestion):
        question = with_key(question, key)
    match question:
        case SingleQuestion():
            return _single(question)
        case MultipleQuestion():
            return _multiple(question)
        case NumericQuestion():
            answer, right = question.answer, numeric_key(question, drawn)
            return lambda response: numeric_share(answer, right, response)
        case TextQuestion():
            texts, accepted = question.answer, tuple(filled(text, drawn) for text in question.answer.accept)
            return lambda response: Fraction(accepts(texts, accepted, response))
        case FormulaQuestion():
            return _formula(question, drawn)
        case OrderQuestion():
            return _order(question)
        case MatchQuestion():
            return _match(question, key)
    raise KeyError(question.kind)


def numeric_key(question: NumericQuestion, drawn: Drawn) -> Fraction:
    """The right number for these parameters. Raises Undefined where the formula has no value."""
    if question.answer.value is not None:
        return Fraction(question.answer.value)
    tree = parse(question.answer.formula or "", question.parameters)
    return exact(evaluate(tree, drawn))


def _single(question: SingleQuestion) -> Marker:
    ids = choice_ids(question)
    shares = {name: single_share(question, name) for name in ids}

    def mark(response: str) -> Fraction:
        picked = split_ids(response, ids)
        if len(picked) > 1:
            raise Unfit(f"{len(picked)} choices were picked where one is asked for")
        return shares[picked[0]] if picked else ZERO

    return mark


def _multiple(question: MultipleQuestion) -> Marker:
    ids = choice_ids(question)
    return lambda response: multiple_share(question, frozenset(split_ids(response, ids)))


def formula_key(question: FormulaQuestion, drawn: Drawn) -> Tree:
    """The tree of the right formula, with the parameters filled in."""
    return substituted(parse(question.answer.equals, (*question.answer.variables, *question.parameters)), drawn)


def _formula(question: FormulaQuestion, drawn: Drawn) -> Marker:
    variables = question.answer.variables
    key = formula_key(question, drawn)
    domain = {name: (Fraction(low), Fraction(high)) for name, (low, high) in question.answer.domain.items()}

    def mark(response: str) -> Fraction:
        body = response.rpartition("=")[2] if response.count("=") == 1 else response  # y = 2x
        try:
            tree = parse(body, variables)
        except FormulaError as error:
            raise Unfit(f"it is no formula: {error}") from error
        return Fraction(equivalent(key, tree, variables, domain))

    return mark


def _order(question: OrderQuestion) -> Marker:
    ids = choice_ids(question)
    neighbours = set(pairwise(ids))

    def mark(response: str) -> Fraction:
        given = [name for name in (part.strip() for part in response.split(";")) if name]
        order = split_ids(response, ids)
        if len(given) != len(order):
            raise Unfit("an item is named twice")
        if question.scoring is OrderRule.WHOLE:
            return Fraction(order == ids)
        if question.scoring is OrderRule.PAIRS:
            return Fraction(len(neighbours & set(pairwise(order))), len(neighbours))
        return Fraction(sum(one == other for one, other in zip(order, ids, strict=False)), len(ids))

    return mark


def _match(question: MatchQuestion, key: str | None) -> Marker:
    own = dict(zip(left_ids(question), (pair.right for pair in question.pairs), strict=True))
    right = split_pairs(key, question) if key is not None else own
    if len(right) != len(own):
        raise Unfit("a key matches every left side")

    def mark(response: str) -> Fraction:
        chosen = split_pairs(response, question)
        return Fraction(sum(chosen.get(name) == text for name, text in right.items()), len(right))

    return mark
