"""The kinds of QTI 1.2 questions, one reader each → data for a quiz file.

The key stands in response processing: conditions that set or add a score, in Canvas out of 100. A right choice is one
whose condition earns something; in Canvas' questions with several right choices one condition joins `varequal` and
`not varequal` with `and`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from autograder.interop.canvasitem import GENERAL, Item, choices_of
from autograder.interop.carried import Data, Refused, identifier
from autograder.interop.fromhtml import plain
from autograder.interop.rubrics import rubric_from
from autograder.interop.typed import Number, between, number, numeric_from, text_from
from autograder.interop.xmlio import Element, below, child, children, local, text_of

_VARIABLE = re.compile(r"\\?\[([A-Za-z]\w*)\\?\]")
_CALCULATION = re.compile(r"[A-Za-z0-9_+*/(). ^-]+")


def read_item(item: Item, lost: list[str]) -> Data:
    """The item as data. Raises Refused."""
    if local(item.element) == "bankentry_item":
        raise Refused("it lies in a question bank outside of the file: export the bank")
    kind = item.kind()
    if kind not in _READERS:
        raise Refused(_REASONS.get(kind, f"questions of the kind {kind[:40]!r} are not known here"))
    title = " ".join(plain(item.element.get("title") or "").split())
    made: Data = {"id": identifier(item.element.get("ident"), title)}
    if title and title != made["id"] and title.lower() != "question":
        made["title"] = title
    made["prompt"] = item.prompt(lost)
    made["points"] = item.points
    made |= _READERS[kind](item, lost)
    if not made["prompt"]:
        raise Refused("it asks nothing: its text is empty")
    if explanation := item.feedback("general_fb", lost):
        made["explanation"] = explanation
    for ident, whose in GENERAL.items():
        if item.feedback(ident, lost):
            lost.append(f"the feedback {whose}")
    if item.fields.get("calculator_type", "none") != "none":
        lost.append("the calculator beside it")
    return made


def _single_response(item: Item) -> Element:
    if len(item.responses) != 1:
        raise Refused(f"it has {len(item.responses)} things to answer where one was expected")
    return item.responses[0]


def _scores(item: Item, choices: Mapping[str, Data]) -> dict[str, Decimal]:
    """Choice → what picking it earns. Raises Refused for a condition on more than one choice."""
    scores: dict[str, Decimal] = {}
    for condition in item.conditions:
        asked = [plain(text_of(each)) for each in below(condition.element, "varequal")]
        if not asked and next(below(condition.element, "other", "unanswered"), None) is not None:
            continue
        if len(asked) != 1 or asked[0] not in choices or next(below(condition.element, "not"), None) is not None:
            raise Refused("its score depends on choices in a way that is not known here")
        scores[asked[0]] = scores.get(asked[0], Decimal(0)) + condition.score if condition.adds else condition.score
    return scores


def _single(item: Item, lost: list[str]) -> Data:
    response = _single_response(item)
    choices = choices_of(item, response, lost)
    scores = _scores(item, choices)
    most = max(scores.values(), default=Decimal(0))
    if not scores:
        raise Refused("its file does not say which choice is right")
    if most <= 0:
        raise Refused("no choice earns anything there: give the right one points first")
    for name, choice in choices.items():
        score = scores.get(name, Decimal(0))
        if score == most:
            choice["correct"] = True
        elif score:
            choice["weight"] = Fraction(score) / Fraction(most)
    return {"kind": "single", "choices": list(choices.values())} | _shuffled(response, item)


def _shuffled(response: Element, item: Item) -> Data:
    """Only where the file says so: Canvas shuffles by a switch of the whole quiz."""
    said = [(each.get("shuffle") or "").lower() for each in below(response, "render_choice")]
    fixed = "no" in said or item.kind() == "true_false_question"
    return {"shuffle": False} if fixed else {}


def _multiple(item: Item, lost: list[str]) -> Data:
    response = _single_response(item)
    choices = choices_of(item, response, lost)
    joined = [each for each in item.conditions if len(list(below(each.element, "varequal"))) > 1]
    if len(item.conditions) == 1 and (joined or next(below(item.conditions[0].element, "not"), None) is not None):
        right = set(_joined(item.conditions[0].element))
        if not right <= set(choices):
            raise Refused("its key names a choice that is not there")
        for name in right:
            choices[name]["correct"] = True
        whole = item.fields.get("scoring_algorithm", "") == "AllOrNothing"
        # Canvas' usual way: a wrong pick takes away what a right one gives.
        made: Data = {"scoring": "all_or_nothing" if whole else "net_correct"}
    else:
        made = _added(choices, _scores(item, choices))
    return {"kind": "multiple"} | made | {"choices": list(choices.values())} | _shuffled(response, item)


def _joined(test: Element) -> Iterator[str]:
    """The choices that a condition wants picked, those under a <not> left out. Raises Refused for an <or>."""
    for each in children(test):
        match local(each):
            case "varequal":
                yield plain(text_of(each))
            case "and":
                yield from _joined(each)
            case "not":
                continue
            case other:
                raise Refused(f"its score depends on choices in a way that is not known here (<{other}>)")


def _added(choices: Mapping[str, Data], scores: Mapping[str, Decimal]) -> Data:
    whole = sum((score for score in scores.values() if score > 0), Decimal(0))
    if whole <= 0:
        raise Refused("its file does not say which choices are right")
    for name, score in scores.items():
        if score > 0:
            choices[name]["correct"] = True
        if score:
            choices[name]["weight"] = Fraction(score) / Fraction(whole)
    return {"scoring": "weights"}


def _numeric(item: Item, lost: list[str]) -> Data:
    numbers: list[Number] = []
    digits: Data = {}
    most = max((each.score for each in item.conditions), default=Decimal(0))
    for condition in item.conditions:
        if condition.score <= 0 or next(below(condition.element, "varequal", "vargte", "vargt"), None) is None:
            continue
        one, extra = _number(condition.element, lost)
        numbers.append(Number(one.value, one.tolerance, Fraction(condition.score) / Fraction(most)))
        digits |= extra
    if not numbers:
        raise Refused("its file does not say which number is right")
    made = numeric_from(numbers, lost)
    if digits:
        if len(numbers) > 1:
            raise Refused("several numbers are right, each with a tolerance of its own")
        made["answer"] = {"value": numbers[0].value} | digits
    return {"kind": "numeric"} | made


def _number(test: Element, lost: list[str]) -> tuple[Number, Data]:
    """The number that a condition accepts, and a tolerance that is not absolute."""
    exact = next(below(test, "varequal"), None)
    low = next(below(test, "vargte", "vargt"), None)
    high = next(below(test, "varlte", "varlt"), None)
    if exact is None:
        if low is None or high is None:
            raise Refused("its range of numbers has no end")
        return between(number(text_of(low)), number(text_of(high))), {}
    value = number(text_of(exact))
    if (exact.get("margintype") or "") == "percent":
        return Number(value, Decimal(0)), {"relative": number(exact.get("margin") or "0") / 100}
    kind = {"decimals": "decimals", "significantDigits": "sigfigs"}.get(exact.get("precisiontype") or "")
    if kind:
        lost.append("that half a unit of the last digit counts there; 0.51 units do here")
        return Number(value, Decimal(0)), {kind: _whole(exact.get("precision") or "0")}
    if low is None or high is None:
        return Number(value, Decimal(0)), {}
    ends = number(text_of(low)), number(text_of(high))
    if value - ends[0] == ends[1] - value >= 0:
        return Number(value, ends[1] - value), {}
    middle = between(*ends)
    if not ends[0] <= value <= ends[1]:
        raise Refused(f"it accepts {value} and the numbers from {ends[0]} to {ends[1]}, which are no single range")
    lost.append(f"that {value} is the best answer: the numbers from {ends[0]} to {ends[1]} count alike")
    return middle, {}


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text.strip()):
        raise Refused(f"{text[:20]!r} is no number of digits")
    return int(text)


def _short(item: Item, lost: list[str]) -> Data:
    best = max((each.score for each in item.conditions), default=Decimal(0))
    texts = [
        (plain(text_of(each)).replace("*", "\\*"), Fraction(condition.score) / Fraction(best))
        for condition in item.conditions
        if condition.score > 0
        for each in below(condition.element, "varequal")
    ]
    if any(item.feedback_of(text.replace("\\*", "*"), []) for text, _ in texts):
        lost.append("the feedback to certain texts")
    return {"kind": "text"} | text_from(texts, lost, case=False)


def _essay(item: Item, lost: list[str]) -> Data:
    for response in item.responses:
        if (response.get("word_limit_enabled") or "").lower() in ("yes", "true"):
            lost.append("the limit on words")
    return {"kind": "open"} | rubric_from(item.fields.get("grading_notes", ""), item.points)


def _matching(item: Item, lost: list[str]) -> Data:
    """Each response is a left side; its right choice is the one that a condition adds points for."""
    right: dict[str, str] = {}
    for condition in item.conditions:
        asked = list(below(condition.element, "varequal"))
        if len(asked) != 1 or condition.score <= 0:
            raise Refused("its score depends on pairs in a way that is not known here")
        right[asked[0].get("respident") or ""] = plain(text_of(asked[0]))
    pairs: list[Data] = []
    offered: dict[str, str] = {}
    for response in item.responses:
        ident = response.get("ident") or ""
        choices = {name: str(choice["text"]) for name, choice in choices_of(item, response, lost).items()}
        if right.get(ident) not in choices:
            raise Refused("its file does not say what belongs to what")
        offered |= choices
        left = item.material(child(response, "material"), lost)
        pairs.append({"left": left, "right": choices[right[ident]]})
    used = {pair["right"] for pair in pairs}
    spare = list(dict.fromkeys(text for text in offered.values() if text not in used))
    return {"kind": "match", "pairs": pairs} | ({"distractors": spare} if spare else {})


def _dropdowns(item: Item, lost: list[str]) -> Data:
    lost.append("lists of their own for the blanks: one list for all of them here")
    return _matching(item, lost)


def _ordering(item: Item, lost: list[str]) -> Data:
    response = _single_response(item)
    items = choices_of(item, response, lost)
    orders = [[plain(text_of(each)) for each in below(one.element, "varequal")] for one in item.conditions]
    asked = next((order for order in orders if len(order) > 1), [])
    if sorted(asked) != sorted(items):
        raise Refused("its file does not say the right order of all things")
    if [each for each in below(response, "material") if each.get("position")]:
        lost.append("the words above and below the list")
    return {"kind": "order", "choices": [items[name] for name in asked], "scoring": "whole"}


def _calculated(item: Item, lost: list[str]) -> Data:
    """Canvas' formula questions: `[x]` in the text, ranges for the variables, one formula."""
    inside = next(below(item.element, "calculated"), None)
    formulas = [plain(text_of(each)) for each in below(item.element, "formula")]
    if inside is None or len(formulas) != 1 or not _CALCULATION.fullmatch(formulas[0]):
        raise Refused("its formula is not one of numbers, variables and + - * / ^")
    tolerance = plain(text_of(inside, "answer_tolerance")) or "0"
    answer: Data = {"formula": formulas[0]}
    share = tolerance.removesuffix("%")
    amount = number(share)
    if amount:
        answer["relative" if share != tolerance else "absolute"] = amount / 100 if share != tolerance else amount
    parameters = {}
    for var in (each for variables in below(inside, "vars") for each in below(variables, "var")):
        scale = _whole(var.get("scale") or "0")
        ends = [number(text_of(var, "min")), number(text_of(var, "max"))]
        parameters[var.get("name") or ""] = {"range": ends} | ({"step": Decimal(1).scaleb(-scale)} if scale else {})
    lost.append("the numbers that were drawn there: they are drawn anew from the same ranges")
    prompt = _VARIABLE.sub(lambda at: f"{{{at[1]}}}" if at[1] in parameters else at[0], item.prompt([]))
    return {"kind": "numeric", "prompt": prompt, "parameters": parameters, "answer": answer}


_READERS: Mapping[str, Callable[[Item, list[str]], Data]] = {
    "multiple_choice_question": _single,
    "true_false_question": _single,
    "multiple_answers_question": _multiple,
    "numerical_question": _numeric,
    "short_answer_question": _short,
    "essay_question": _essay,
    "matching_question": _matching,
    "multiple_dropdowns_question": _dropdowns,
    "ordering_question": _ordering,
    "calculated_question": _calculated,
}
_REASONS = {
    "text_only_question": "it is a text that asks nothing",
    "fill_in_multiple_blanks_question": "it has several blanks in one text: make each a question of its own",
    "file_upload_question": "files that students upload are assignments here, not questions",
    "hot_spot_question": "it asks for a place in a picture, which is no kind of question here",
}
