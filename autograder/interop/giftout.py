"""A quiz → GIFT, for Moodle's import. Texts are HTML there; ids and tags stand in the comment before a question."""

from __future__ import annotations

import re
from fractions import Fraction

from autograder.interop.carried import Exported, Refused
from autograder.interop.grades import shares_of, to_percent
from autograder.interop.leaving import Carrier, local_pictures, margin
from autograder.interop.textkeys import exact_texts
from autograder.interop.tohtml import Formulas, to_html, words
from autograder.quiz.questions import (
    MatchQuestion,
    MultipleQuestion,
    NumericQuestion,
    OpenQuestion,
    Question,
    Quiz,
    SingleQuestion,
    TextQuestion,
)  # fmt: skip

_SPECIAL = re.compile(r"[~=#{}:\\]")


def write(quiz: Quiz) -> Exported:
    """The quiz as GIFT."""
    made, warnings, refused = Carrier("GIFT", ("tags", "title"), _question).each(quiz)
    parts = [f"$CATEGORY: {_escaped(quiz.title.replace('/', ' '))}", *(text for _, text in made)]
    return Exported(("\n\n".join(parts) + "\n").encode(), tuple(warnings), tuple(refused), len(made))


def _question(question: Question, lost: list[str]) -> str:
    """One question. Raises Refused."""
    tags = "".join(f" [tag:{tag}]" for tag in question.tags)
    name = _escaped(question.title or question.id)
    texts = [question.prompt, question.explanation, *(each.text for each in getattr(question, "choices", ()))]
    if local_pictures(*texts):
        lost.append("its pictures: a GIFT file holds text only")
    inside = _answers(question, lost)
    if question.explanation:
        inside += f"\n\t####{_html(question.explanation)}"
    return f"// [id:{question.id}]{tags}\n::{name}::[html]{_html(question.prompt)}{{{inside}\n}}"


def _answers(question: Question, lost: list[str]) -> str:
    match question:
        case SingleQuestion() | MultipleQuestion():
            return _choices(question, lost)
        case NumericQuestion():
            value, tolerance = margin(question.answer, lost, "GIFT")
            return f"#{value:f}" + (f":{tolerance:f}" if tolerance else "")
        case TextQuestion():
            texts, case = exact_texts(question.answer, lost, "GIFT")
            if case:
                lost.append("the difference of capital and small letters")
            return "".join(f"\n\t={_escaped(text.replace('*', chr(92) + '*'))}" for text in texts)
        case MatchQuestion():
            return _pairs(question, lost)
        case OpenQuestion():
            lost.append("points for taking part" if question.credit == "participation" else "its rubric")
            return ""
    raise Refused(f"GIFT has no questions of the kind `{question.kind}`")


def _choices(question: SingleQuestion | MultipleQuestion, lost: list[str]) -> str:
    if not question.shuffle:
        lost.append("the fixed order of its choices")
    single = isinstance(question, SingleQuestion)
    rows = []
    for choice, share in zip(question.choices, shares_of(question, lost), strict=True):
        right = single and share == 1
        weight = "" if right or share == Fraction(0) else f"%{to_percent(share)}%"
        feedback = f"#{_html(choice.feedback)}" if choice.feedback else ""
        rows.append(f"\n\t{'=' if right else '~'}{weight}{_html(choice.text, inline=True)}{feedback}")
    return "".join(rows)


def _pairs(question: MatchQuestion, lost: list[str]) -> str:
    rows = [(_html(pair.left, inline=True), pair.right) for pair in question.pairs]
    rows += [("", text) for text in question.distractors]
    if any(words(right) != right for _, right in rows):
        lost.append("markup in a right side of a pair: Moodle shows plain text there")
    if any("->" in left + words(right) for left, right in rows):
        raise Refused("a side of a pair holds ->, which GIFT takes for the arrow between them")
    return "".join(f"\n\t={left} -> {_escaped(words(right))}" for left, right in rows)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text).replace("\n", "\\n")


def _html(markdown: str, *, inline: bool = False) -> str:
    return _escaped(to_html(markdown, Formulas.MATHJAX, inline=inline))
