"""A quiz → plain text as one types it; `paste.py` says how it looks."""

from __future__ import annotations

import re
from decimal import Decimal

from autograder.interop.carried import Exported, Refused
from autograder.interop.leaving import Carrier
from autograder.interop.paste import MARKER
from autograder.interop.rubrics import rubric_text
from autograder.interop.yamlout import share_text
from autograder.quiz.answers import NumericAnswer
from autograder.quiz.questions import (
    Choice,
    FormulaQuestion,
    MatchQuestion,
    MultipleQuestion,
    NumericQuestion,
    OpenQuestion,
    OrderQuestion,
    OrderRule,
    Policy,
    Question,
    Quiz,
    Rule,
    SingleQuestion,
    TextQuestion,
)  # fmt: skip

_MARKED = re.compile(rf"\\*(?:{MARKER.pattern}|>)")
_INDENT = "    "
_KEEPS = ("tags", "title", "points", "policy", "certainty", "formula")


def write(quiz: Quiz) -> Exported:
    """The quiz as text."""
    made, warnings, refused = Carrier("the text format", _KEEPS, _question, needs_key=False).each(quiz)
    parts = [f"# {quiz.title}", *(text for _, text in made)]
    return Exported(("\n\n".join(parts) + "\n").encode(), tuple(warnings), tuple(refused), len(made))


def _question(question: Question, lost: list[str]) -> str:
    head = f"## {question.id}" + (f": {question.title}" if question.title else "")
    answers = _answers(question, lost)
    parts = [head, *_keys(question), "", _escaped(question.prompt), "", *answers]
    if question.explanation:
        parts += ["", f"! {_escaped(question.explanation)}"]
    return "\n".join(parts)


def _escaped(text: str) -> str:
    return "\n".join(f"\\{line}" if _MARKED.match(line) else line for line in text.split("\n"))


def _keys(question: Question) -> list[str]:
    keys: dict[str, str] = {}
    if question.points != 1:
        keys["points"] = f"{question.points:f}"
    if question.tags:
        keys["tags"] = ", ".join(question.tags)
    if question.certainty:
        keys["certainty"] = "yes"
    if question.policy is not Policy.CURRENT:
        keys["policy"] = question.policy.value
    for name in ("also", "previous"):
        if given := getattr(question, name):
            keys[name] = " | ".join(given)
    if getattr(question, "shuffle", True) is False:
        keys["shuffle"] = "no"
    match question:
        case MultipleQuestion() if question.scoring not in (Rule.BALANCED, Rule.WEIGHTS):
            keys["scoring"] = question.scoring.value
        case OrderQuestion() if question.scoring is not OrderRule.PAIRS:
            keys["scoring"] = question.scoring.value
        case SingleQuestion() if question.penalty:
            keys["penalty"] = "guessing" if question.penalty == "guessing" else share_text(question.penalty).strip('"')
        case TextQuestion():
            answer = question.answer
            keys |= {"ignore": ", ".join(answer.ignore)} if answer.ignore else {}
            keys |= {"distance": str(answer.distance)} if answer.distance else {}
            keys |= {"pattern": answer.pattern} if answer.pattern is not None else {}
    return [f"{name}: {value}" for name, value in keys.items()]


def _answers(question: Question, lost: list[str]) -> list[str]:
    match question:
        case SingleQuestion():
            return [row for choice in question.choices for row in _choice(choice, "()", lost)]
        case MultipleQuestion():
            return [row for choice in question.choices for row in _choice(choice, "[]", lost)]
        case NumericQuestion():
            return [f"= {_number(question.answer, lost)}"]
        case TextQuestion():
            if not question.answer.accept:
                raise Refused("its answer is a pattern alone; the text format needs one accepted text too")
            return [f'= "{text}"' for text in question.answer.accept]
        case FormulaQuestion():
            if question.answer.domain:
                lost.append("where its formula is compared (`domain`)")
            names = ", ".join(question.answer.variables)
            return [f"= `{question.answer.equals}`" + (f" in {names}" if names else "")]
        case OrderQuestion():
            return [row for place, item in enumerate(question.choices, 1) for row in _below(f"{place}) ", item.text)]
        case MatchQuestion():
            rows = [(_line(pair.left, lost), _line(pair.right, lost)) for pair in question.pairs]
            if any(" -> " in left for left, _ in rows):
                raise Refused("a left side of a pair holds ->, which the text format takes for the arrow between them")
            return [f"~ {left} -> {right}" for left, right in rows] + [f"~ -> {each}" for each in question.distractors]
        case OpenQuestion():
            return ["____", *rubric_text(question).splitlines()]
    raise Refused("the text format has no questions of this kind")


def _choice(choice: Choice, box: str, lost: list[str]) -> list[str]:
    mark = "x" if choice.correct else " "
    if choice.weight is not None and not (box == "()" and choice.correct):
        mark = share_text(choice.weight).strip('"')
    rows = _below(f"{box[0]}{mark}{box[1]} ", choice.text)
    return rows + [f"{_INDENT}> {line}".rstrip() for line in (choice.feedback or "").split("\n") if choice.feedback]


def _below(mark: str, text: str) -> list[str]:
    first, *rest = text.split("\n")
    return [f"{mark}{first}", *(f"{_INDENT}{_escaped(line)}".rstrip() for line in rest)]


def _line(text: str, lost: list[str]) -> str:
    if "\n" in text:
        lost.append("line breaks in a side of a pair")
    return " ".join(text.split("\n"))


def _number(answer: NumericAnswer, lost: list[str]) -> str:
    if answer.value is None:
        raise Refused("its answer is a formula, and the text format needs a number")
    for key in ("partial", "written", "unit"):
        if getattr(answer, key) is not None:
            lost.append(f"`{key}` of the answer")
    if answer.relative is not None:
        return f"{answer.value:f} +- {_short(answer.relative * 100)}%"
    ends = {
        "absolute": f"+- {answer.absolute:f}" if answer.absolute is not None else "",
        "geometric": f"geometric {answer.geometric:f}" if answer.geometric is not None else "",
        "sigfigs": f"to {answer.sigfigs} digits",
        "decimals": f"to {answer.decimals} decimals",
    }
    given = [text for key, text in ends.items() if getattr(answer, key) is not None]
    return " ".join([f"{answer.value:f}", *given])


def _short(value: Decimal) -> str:
    return f"{value.normalize():f}"
