"""A quiz and its questions as they are written in quizzes/<id>.yml: one frozen model per kind, unknown keys refused.

A question holds what is asked, the key and the rule by which it scores; nothing in it is secret to the author, and
everything but prompt and choices' texts is secret to students. Responses are texts as in a response file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from autograder.course.assignment import RubricItem
from autograder.course.fields import Entry, Flag, Line, Percent, Points, Prose, RelativePath, Slug, one_of, whole
from autograder.quiz.answers import FormulaAnswer, NumericAnswer, TextAnswer
from autograder.quiz.fields import LETTERS, ChoiceId, Expression, Name, Number, Penalty, Responses, Share, word


class Rule(StrEnum):
    """How a multiple-choice question with several right choices scores (docs/quizzes.md has the formulas)."""

    ALL_OR_NOTHING = "all_or_nothing"
    NET_CORRECT = "net_correct"
    EACH_ANSWER = "each_answer"
    HALVES = "halves"
    COVERAGE = "coverage"
    WEIGHTS = "weights"
    BALANCED = "balanced"


class Policy(StrEnum):
    """What becomes of a question that turned out to be flawed."""

    CURRENT = "current"
    CURRENT_OR_PREVIOUS = "current_or_previous"
    ACCEPT_ALSO = "accept_also"
    FULL_CREDIT = "full_credit"
    FULL_CREDIT_IF_ANSWERED = "full_credit_if_answered"
    VOID = "void"


class OrderRule(StrEnum):
    """How an order scores: whole or nothing, by neighbours that are right, or by places that are right."""

    WHOLE = "whole"
    PAIRS = "pairs"
    POSITION = "position"


class Choice(Entry):
    """One choice. `id` is A, B, C … in authored order unless it names its own; `weight` is for the rule `weights`."""

    id: ChoiceId
    text: Prose = Field(examples=["A decision tree of depth two"])
    correct: Flag = False
    weight: Share | None = None
    feedback: Prose | None = None
    fixed: Flag = False
    """Keeps its place when choices are shuffled."""


class Item(Entry):
    """One thing to be put in order."""

    id: ChoiceId
    text: Prose = Field(examples=["AlexNet"])


class Pair(Entry):
    """Two things that belong together. The left ones have the ids A, B, C …, the right ones 1, 2, 3 …"""

    left: Prose = Field(examples=["Adam"])
    right: Prose = Field(examples=["optimiser"])


class Parameter(Entry):
    """What a variant draws: one of `choice`, a number in `range` by `step`, or a `formula` of what stands above it."""

    choice: tuple[Number, ...] | None = None
    range: tuple[Number, Number] | None = None
    step: Number | None = None
    formula: Expression | None = None


def _lettered(value: Any) -> Any:
    """Choices without an id get the letter of their place."""
    if not isinstance(value, list):
        return value
    return [
        {"id": LETTERS[place], **item} if isinstance(item, dict) and place < len(LETTERS) else item
        for place, item in enumerate(value)
    ]


Choices = Annotated[tuple[Choice, ...], BeforeValidator(_lettered), Field(examples=["[{text: Yes, correct: true}]"])]
Items = Annotated[tuple[Item, ...], BeforeValidator(_lettered), Field(examples=["[{text: First}, {text: Second}]"])]


class Asked(Entry):
    """What every question has. `also` and `previous` are keys written as responses, for the policies of that name."""

    id: Slug = Field(examples=["xor"])
    title: Line | None = None
    points: Points = Decimal(1)
    prompt: Prose = Field(examples=["Which of these can represent XOR?"])
    explanation: Prose | None = None
    tags: tuple[Slug, ...] = ()
    certainty: Flag = False
    policy: Annotated[Policy, word(Policy)] = Policy.CURRENT
    also: Responses = ()
    previous: Responses = ()


class Varied(Asked):
    """A question that may be drawn anew for each student: `{name}` in its texts stands for a parameter."""

    parameters: dict[Name, Parameter] = Field(default_factory=dict)


class SingleQuestion(Varied):
    """One choice is right. A wrong one costs `penalty`, a part of the points; `guessing` is 1/(choices - 1)."""

    kind: Literal["single"]
    choices: Choices
    shuffle: Flag = True
    penalty: Penalty = Fraction(0)


class MultipleQuestion(Varied):
    """Any number of choices are right."""

    kind: Literal["multiple"]
    choices: Choices
    shuffle: Flag = True
    scoring: Annotated[Rule, word(Rule)] = Rule.BALANCED


class NumericQuestion(Varied):
    """The answer is a number."""

    kind: Literal["numeric"]
    answer: NumericAnswer = Field(examples=["{value: 0.9959, absolute: 0.0005}"])


class TextQuestion(Varied):
    """The answer is a word or a few."""

    kind: Literal["text"]
    answer: TextAnswer = Field(examples=["{accept: [transformer]}"])


class FormulaQuestion(Varied):
    """The answer is a formula; equivalent ones count."""

    kind: Literal["formula"]
    answer: FormulaAnswer = Field(examples=['{equals: "s*(1-s)", variables: [s]}'])


class OrderQuestion(Asked):
    """Things to be put in order: authored in the right one, always shown shuffled."""

    kind: Literal["order"]
    choices: Items
    scoring: Annotated[OrderRule, word(OrderRule)] = OrderRule.PAIRS


class MatchQuestion(Asked):
    """Pairs to be found; `distractors` are further right sides that belong to nothing."""

    kind: Literal["match"]
    pairs: tuple[Pair, ...] = Field(examples=["[{left: Adam, right: optimiser}]"])
    distractors: tuple[Prose, ...] = ()
    shuffle: Flag = True


class CodeQuestion(Asked):
    """A piece of code, graded by tests. `tests` is a folder below tests/, `public` one below quizzes/."""

    kind: Literal["code"]
    starter: Prose | None = None
    tests: RelativePath = Field(examples=["hidden/lecture-12"])
    public: RelativePath | None = None


class OpenQuestion(Asked):
    """A free answer: points for taking part, or by a person with a rubric."""

    kind: Literal["open"]
    credit: Annotated[Literal["participation", "rubric"], one_of("participation", "rubric")] = Field(
        examples=["participation"]
    )
    rubric: tuple[RubricItem, ...] = ()


Question = (
    SingleQuestion
    | MultipleQuestion
    | NumericQuestion
    | TextQuestion
    | FormulaQuestion
    | OrderQuestion
    | MatchQuestion
    | CodeQuestion
    | OpenQuestion
)
Tagged = Annotated[Question, Field(discriminator="kind")]


class Section(Entry):
    """Questions and pools, by id, that are shown together under a title."""

    id: Slug = Field(examples=["basics"])
    title: Line = Field(examples=["Basics"])
    text: Prose | None = None
    questions: tuple[Slug, ...] = Field(examples=["[xor, who]"], min_length=1)
    shuffle: Flag = False


class Pool(Entry):
    """Each student gets `pick` of these questions; they all have the same points."""

    id: Slug = Field(examples=["activations"])
    pick: Annotated[int, whole(1, 1000)] = Field(examples=["3"])
    questions: tuple[Slug, ...] = Field(examples=["[relu, tanh, sigmoid]"], min_length=1)


Keep = Literal["best", "last", "first", "mean"]


class Attempts(Entry):
    """Which attempt at a question counts. `credit`: percent for the first, second … attempt; the last one goes on."""

    keep: Annotated[Keep, one_of("best", "last", "first", "mean")] = "best"
    most: Annotated[int, whole(1, 1000)] | None = None
    credit: tuple[Percent, ...] = ()


class QuizFile(Entry):
    """quizzes/<id>.yml as it is written."""

    quiz: Slug = Field(examples=["lecture-02"])
    title: Line = Field(examples=["Deep learning foundations"])
    text: Prose | None = None
    shuffle: Flag = False
    attempts: Attempts = Attempts()
    sections: tuple[Section, ...] = ()
    pools: tuple[Pool, ...] = ()
    questions: tuple[Tagged, ...] = Field(examples=["[{id: xor, kind: single, prompt: …, choices: […]}]"], min_length=1)


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz whose file, questions, sections and pools agree. Pictures lie in the folder of its name beside `path`."""

    id: str
    title: str
    path: Path
    questions: tuple[Question, ...]
    text: str | None = None
    shuffle: bool = False
    attempts: Attempts = field(default_factory=Attempts)
    sections: tuple[Section, ...] = ()
    pools: tuple[Pool, ...] = ()

    def question(self, question_id: str) -> Question:
        """The question with this id. KeyError if there is none."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def pool_of(self, question_id: str) -> Pool | None:
        """The pool that a question is drawn from, or None."""
        return next((pool for pool in self.pools if question_id in pool.questions), None)

    @property
    def max_points(self) -> Decimal:
        """What one student can earn: void questions earn nothing, a pool as much as it picks."""
        return sum(self._amounts(), Decimal(0))

    def _amounts(self) -> Iterator[Decimal]:
        for question in self.questions:
            pool = self.pool_of(question.id)
            if question.policy is Policy.VOID:
                continue
            if pool is None:
                yield question.points
        for pool in self.pools:
            yield pool.pick * self.question(pool.questions[0]).points
