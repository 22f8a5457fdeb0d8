"""What the keys of one question demand of each other, kind by kind: what a single key cannot see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from autograder.course.yamlfile import KeyPath
from autograder.quiz.questions import (
    Choice,
    MatchQuestion,
    MultipleQuestion,
    NumericQuestion,
    OpenQuestion,
    OrderQuestion,
    Parameter,
    Policy,
    Question,
    Rule,
    SingleQuestion,
    TextQuestion,
)  # fmt: skip

_KEYLESS = (Policy.FULL_CREDIT, Policy.FULL_CREDIT_IF_ANSWERED, Policy.VOID)
_TOLERANCES = ("absolute", "relative", "geometric", "sigfigs", "decimals")
_ROUNDING = Fraction(1, 10**6)  # 33.33333 % three times is meant to be all of it


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a question: the key within it, what is wrong and what to do."""

    key: KeyPath
    message: str
    remedy: str


def faults_of(question: Question) -> Iterator[Fault]:
    """What does not agree within one question."""
    yield from _policy(question)
    if question.kind in ("single", "multiple", "numeric", "text", "formula"):
        yield from _parameters(question.parameters)
    match question:
        case SingleQuestion():
            yield from _single(question)
        case MultipleQuestion():
            yield from _multiple(question)
        case NumericQuestion():
            yield from _numeric(question)
        case TextQuestion():
            yield from _text(question)
        case OrderQuestion():
            yield from _distinct("choices", [item.text for item in question.choices], 2)
            yield from _distinct_ids([item.id for item in question.choices])
        case MatchQuestion():
            yield from _distinct("pairs", [pair.left for pair in question.pairs], 2)
        case OpenQuestion():
            yield from _rubric(question)


def _policy(question: Question) -> Iterator[Fault]:
    for key, policy in (("also", Policy.ACCEPT_ALSO), ("previous", Policy.CURRENT_OR_PREVIOUS)):
        given: tuple[str, ...] = getattr(question, key)
        if given and question.policy is not policy:
            yield Fault((key,), f"`{key}` is here, but not the policy that reads it", f"write `policy: {policy.value}`")
        elif question.policy is policy and not given:
            remedy = f'add `{key}:` and that key as a response, for example `{key}: "B"`'
            yield Fault(("policy",), f"the policy `{policy.value}` needs the other key", remedy)
        elif given and question.kind in ("code", "open"):
            remedy = "use `full_credit`, `full_credit_if_answered` or `void`"
            yield Fault(("policy",), f"a question of kind `{question.kind}` has no second key", remedy)
    if question.certainty and question.kind in ("code", "open"):
        yield Fault(("certainty",), f"a question of kind `{question.kind}` takes no certainty", "remove this line")


def _single(question: SingleQuestion) -> Iterator[Fault]:
    yield from _choices(question.choices, 2)
    right = [choice for choice in question.choices if choice.correct]
    if len(right) > 1:
        remedy = "mark one, or write `kind: multiple`; for a second key, `policy: accept_also` and `also:`"
        yield Fault(("choices",), f"{len(right)} choices are marked `correct: true`", remedy)
    if not right and question.policy not in _KEYLESS:
        remedy = "mark the right one with `correct: true`; a question without one needs `policy: full_credit` or `void`"
        yield Fault(("choices",), "no choice is marked `correct: true`", remedy)
    for place, choice in enumerate(question.choices):
        if choice.weight is not None and choice.correct and choice.weight != 1:
            wrong = "the right choice has a weight that is not 1"
            yield Fault(("choices", place, "weight"), wrong, "remove the weight: the right choice earns everything")


def _multiple(question: MultipleQuestion) -> Iterator[Fault]:
    yield from _choices(question.choices, 1)
    weighted = [place for place, choice in enumerate(question.choices) if choice.weight is not None]
    if question.scoring is not Rule.WEIGHTS:
        for place in weighted:
            remedy = "write `scoring: weights`, or remove the weight"
            yield Fault(("choices", place, "weight"), f"the rule `{question.scoring.value}` reads no weights", remedy)
        return
    whole = sum((max(choice.weight or Fraction(0), Fraction(0)) for choice in question.choices), Fraction(0))
    if not weighted or abs(whole - 1) > _ROUNDING:
        wrong = f"the positive weights add up to {float(whole):.6g}, not to 1"
        yield Fault(("choices",), wrong, "give the right choices weights that add up to 1, such as 0.5 or 1/3")
    for place, choice in enumerate(question.choices):
        if choice.weight is not None and choice.correct != (choice.weight > 0):
            wrong = f"a {'right' if choice.correct else 'wrong'} choice has the weight {choice.weight}"
            yield Fault(("choices", place), wrong, "right choices have positive weights, and only they")


def _choices(choices: Sequence[Choice], least: int) -> Iterator[Fault]:
    yield from _distinct("choices", [choice.text for choice in choices], least)
    yield from _distinct_ids([choice.id for choice in choices])


def _distinct_ids(ids: Sequence[str]) -> Iterator[Fault]:
    for name, count in Counter(ids).items():
        if count > 1:
            wrong = f"two choices have the id `{name}`"
            yield Fault(("choices",), wrong, "give each its own; without `id:` it is the letter of its place")


def _distinct(key: str, texts: Sequence[str], least: int) -> Iterator[Fault]:
    if not least <= len(texts) <= 26:
        yield Fault((key,), f"there are {len(texts)} of them", f"write {least} to 26")
    seen: set[str] = set()
    for place, text in enumerate(texts):
        if text in seen:
            yield Fault((key, place), f"“{text[:40]}” is here twice", "keep one of them")
        seen.add(text)


def _numeric(question: NumericQuestion) -> Iterator[Fault]:
    answer = question.answer
    if (answer.value is None) == (answer.formula is None):
        yield Fault(("answer",), "the answer needs either `value` or `formula`", "write `value: 4`, or a formula")
    given = [name for name in _TOLERANCES if getattr(answer, name) is not None]
    if len(given) > 1:
        yield Fault(("answer", given[1]), f"there are two tolerances: `{given[0]}` and `{given[1]}`", "keep one")
    if answer.geometric is not None and answer.value is not None and answer.value <= 0:
        yield Fault(("answer", "geometric"), "a geometric tolerance needs a positive value", "use `absolute`")
    if answer.sigfigs is not None and answer.value is not None and answer.value == 0:
        yield Fault(("answer", "sigfigs"), "zero has no significant figures", "use `absolute` or `decimals`")
    if answer.partial is not None:
        if not set(given) & {"absolute", "relative", "geometric"}:
            remedy = "add `absolute`, `relative` or `geometric`, or remove `partial`"
            yield Fault(("answer", "partial"), "there is no tolerance that could be widened", remedy)
        if answer.partial.within <= 1:
            yield Fault(("answer", "partial", "within"), "the band must be wider than the tolerance", "write 2 or more")
    if answer.written is not None and (answer.written.decimals is None) == (answer.written.sigfigs is None):
        yield Fault(("answer", "written"), "`written` needs either `decimals` or `sigfigs`", "write one of them")
    if answer.unit is None and (answer.units != "convert" or answer.unit_credit):
        yield Fault(("answer",), "`units` and `unit_credit` need a `unit`", "add `unit: m/s`, or remove them")


def _text(question: TextQuestion) -> Iterator[Fault]:
    answer = question.answer
    if not answer.accept and answer.pattern is None and question.policy not in _KEYLESS:
        yield Fault(("answer",), "no text is accepted", "write `accept: [transformer]`, or a `pattern`")
    if answer.distance and not answer.accept:
        yield Fault(("answer", "distance"), "a pattern has no distance", "add `accept`, or remove `distance`")
    shortest = min((len(text.strip()) for text in answer.accept), default=99)
    if answer.distance >= shortest:
        wrong = f"a distance of {answer.distance} accepts any {shortest} letters"
        yield Fault(("answer", "distance"), wrong, "make it smaller than the shortest accepted text")


def _rubric(question: OpenQuestion) -> Iterator[Fault]:
    if (question.credit == "rubric") != bool(question.rubric):
        remedy = "write `credit: rubric` and `rubric:`, or `credit: participation` alone"
        yield Fault(("credit",), "`credit: rubric` and the list `rubric:` belong together", remedy)
        return
    total = sum((item.points for item in question.rubric), Decimal(0))
    if question.rubric and total != question.points:
        wrong = f"the rubric adds up to {total} points, the question has {question.points}"
        yield Fault(
            ("points",) if "points" in question.model_fields_set else ("rubric",), wrong, f"write `points: {total}`"
        )
    yield from (
        Fault(("rubric",), f"the item `{name}` is here twice", "give each item an id of its own")
        for name, count in Counter(item.id for item in question.rubric).items()
        if count > 1
    )


def _parameters(parameters: dict[str, Parameter]) -> Iterator[Fault]:
    for name, parameter in parameters.items():
        key: KeyPath = ("parameters", name)
        given = [each for each in ("choice", "range", "formula") if getattr(parameter, each) is not None]
        if len(given) != 1:
            remedy = 'write `choice: [100, 500]`, `range: [10, 99]` or `formula: "2*inputs"`'
            yield Fault(key, f"the parameter `{name}` needs one of `choice`, `range` and `formula`", remedy)
        if parameter.step is not None and parameter.range is None:
            yield Fault((*key, "step"), "only a range has a step", "remove it")
        if parameter.choice is not None and len(set(parameter.choice)) != len(parameter.choice):
            yield Fault((*key, "choice"), "a number is here twice", "list it once: all are drawn equally often")
        if parameter.choice is not None and not parameter.choice:
            yield Fault((*key, "choice"), "there is nothing to choose from", "list two numbers or more")
        if parameter.range is not None:
            yield from _range(key, parameter)


def _range(key: KeyPath, parameter: Parameter) -> Iterator[Fault]:
    assert parameter.range is not None
    low, high = parameter.range
    whole = low == low.to_integral_value() and high == high.to_integral_value()
    if low >= high:
        yield Fault((*key, "range"), f"the range begins at {low} and ends at {high}", "write the smaller number first")
    elif parameter.step is None and not whole:
        yield Fault(key, "a range of numbers with decimals needs a step", "add `step: 0.1`")
    elif parameter.step is not None and parameter.step <= 0:
        yield Fault((*key, "step"), "the step must be positive", "write a number such as 1 or 0.1")
    elif (high - low) / (parameter.step or 1) > 10**6:
        yield Fault(key, "the range has more than a million numbers", "use a larger step")
