"""A question with another key, written as a response would be: for second keys and keys of before.

The ids that responses name: choices and items have their own, the left sides of pairs are A, B, C …, the right sides
1, 2, 3 … in authored order, distractors after them.
"""

from __future__ import annotations

from fractions import Fraction

from autograder.quiz.fields import LETTERS
from autograder.quiz.numbers import Unreadable, read_number
from autograder.quiz.questions import MatchQuestion, Question


class Unfit(ValueError):
    """A response that cannot be taken apart; the message says why and what would be read."""


def split_ids(response: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The ids in `B;A;C`, as the question spells them, each once. Raises Unfit."""
    folded = {name.casefold(): name for name in known} if len({name.casefold() for name in known}) == len(known) else {}
    picked: list[str] = []
    for part in response.split(";"):
        text = part.strip()
        name = text if text in known else folded.get(text.casefold())
        if not text or name in picked:
            continue
        if name is None:
            raise Unfit(f"there is no choice “{text[:20]}” (there are {';'.join(known)})")
        picked.append(name)
    return tuple(picked)


def split_pairs(response: str, question: MatchQuestion) -> dict[str, str]:
    """Left id → text of the right side in `A=2;B=1`. Raises Unfit."""
    lefts, rights = left_ids(question), right_texts(question)
    chosen: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in response.split(";"))):
        left, equals, right = (each.strip() for each in part.partition("="))
        name = left.upper()
        if not equals or name not in lefts or (right and right not in rights):
            raise Unfit(f"“{part[:20]}” is no pair: write {lefts[0]}=1 with the numbers 1 to {len(rights)}")
        if name in chosen:
            raise Unfit(f"{name} is matched twice")
        if right:
            chosen[name] = rights[right]
    return chosen


def left_ids(question: MatchQuestion) -> tuple[str, ...]:
    """A, B, C … for the left sides."""
    return tuple(LETTERS[: len(question.pairs)])


def right_texts(question: MatchQuestion) -> dict[str, str]:
    """1, 2, 3 … → the right sides in authored order, then the distractors; equal texts are the same thing."""
    texts = [*(pair.right for pair in question.pairs), *question.distractors]
    return {str(number): text for number, text in enumerate(texts, 1)}


def choice_ids(question: Question) -> tuple[str, ...]:
    """The ids that a response to this question picks from; none where it is typed."""
    match question.kind:
        case "single" | "multiple" | "order":
            return tuple(choice.id for choice in question.choices)
        case "match":
            return left_ids(question)
    return ()


def with_key(question: Question, key: str) -> Question:
    """The question with this key instead of its own. Raises Unfit where the key cannot be read as a response.

    Not for `match`: what its numbers mean would change with its pairs.
    """
    match question.kind:
        case "single" | "multiple":
            return _rechosen(question, key)
        case "numeric":
            try:
                value = read_number(key)
            except Unreadable as error:
                raise Unfit(f"“{key[:20]}” is no number: {error}") from error
            exact = str(value.values[0])
            answer = question.answer.model_copy(update={"value": None, "formula": exact})
            return question.model_copy(update={"answer": answer})
        case "text":
            answer_ = question.answer.model_copy(update={"accept": (key,), "pattern": None})
            return question.model_copy(update={"answer": answer_})
        case "formula":
            return question.model_copy(update={"answer": question.answer.model_copy(update={"equals": key})})
        case "order":
            order = split_ids(key, choice_ids(question))
            if len(order) != len(question.choices):
                raise Unfit("an order names every item once")
            items = {item.id: item for item in question.choices}
            return question.model_copy(update={"choices": tuple(items[name] for name in order)})
    raise Unfit(f"a question of kind {question.kind} has no key")


def _rechosen(question: Question, key: str) -> Question:
    assert question.kind in ("single", "multiple")
    right = split_ids(key, choice_ids(question))
    if question.kind == "single" and len(right) != 1:
        raise Unfit("a question of kind single has one right choice")
    even = Fraction(1, len(right)) if right and question.kind == "multiple" else None
    choices = tuple(
        choice.model_copy(
            update={
                "correct": choice.id in right,
                "weight": even if choice.id in right else None,
            }
        )
        for choice in question.choices
    )
    return question.model_copy(update={"choices": choices})
