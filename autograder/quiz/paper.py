"""What one student gets to see of a quiz: drawn, picked and shuffled, without a trace of the key.

    Quiz + secret + (student, attempt) ──▶ Paper ──to_json──▶ whatever shows it
    response in shown letters          ──▶ Sheet.authored ──▶ response in the ids of the file, as it is scored

Choices are lettered by the places where this student sees them: the ids of the file would tell the right order, and
who shares a letter would share an answer. `Paper` has only what may be seen; which letter is which id stands apart, in
`Sheet`, and stays with us. All of it follows from the secret, so nothing has to be stored but the draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograder.quiz.choosing import penalty
from autograder.quiz.fields import LETTERS
from autograder.quiz.keys import left_ids, right_texts
from autograder.quiz.placeholders import filled, shown
from autograder.quiz.questions import Choice, Item, MatchQuestion, Question, Quiz
from autograder.quiz.responses import Response
from autograder.quiz.variants import Stream, picked
from autograder.results import number

DrawnFor = Callable[[Question, str, int], Mapping[str, Fraction]]
"""(question, student, attempt) → the parameters of that variant."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing to choose: its letter or number, and its text."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question as a student sees it. `choices`: also items of an order and left sides; `rights`: right sides.

    `scoring` and `penalty` are the rule, which students have to know before they answer.
    """

    id: str
    kind: str
    title: str | None
    points: Decimal
    prompt: str
    choices: tuple[Shown, ...] = ()
    rights: tuple[Shown, ...] = ()
    starter: str | None = None
    certainty: bool = False
    scoring: str | None = None
    penalty: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The question as data."""
        return {**asdict(self), "points": number(self.points)}


@dataclass(frozen=True, slots=True)
class ShownSection:
    """Questions under a title; without sections in the quiz there is one, without a title."""

    title: str | None
    text: str | None
    questions: tuple[ShownQuestion, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A student's quiz."""

    quiz: str
    title: str
    text: str | None
    sections: tuple[ShownSection, ...]

    def to_json(self) -> dict[str, Any]:
        """The paper as data: all of it may be seen by the student."""
        return {
            "quiz": self.quiz,
            "title": self.title,
            "text": self.text,
            "sections": [
                {
                    "title": section.title,
                    "text": section.text,
                    "questions": [question.to_json() for question in section.questions],
                }
                for section in self.sections
            ],
        }


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper and what its letters mean: (question, shown) → id of the file. Never shown."""

    paper: Paper
    meanings: Mapping[tuple[str, str], str]

    def authored(self, question: str, response: str) -> str:
        """A response in the ids of the file. What names nothing that was shown is left as it is, to be told later."""
        parts = [part.strip() for part in response.split(";")]
        if not any(name == question for name, _ in self.meanings):
            return response
        return ";".join(
            "=".join(self.meanings.get((question, side.strip().upper()), side.strip()) for side in part.split("="))
            for part in parts
        )


def hand_out(quiz: Quiz, secret: bytes, drawn_for: DrawnFor, student: str, attempt: int = 1) -> Sheet:
    """What a student gets, and what its letters mean. `drawn_for`: `Draws.of`, whose new draws the caller stores."""
    meanings: dict[tuple[str, str], str] = {}
    chosen = _chosen(quiz, secret, student, attempt)

    def stream(name: str) -> Stream:
        return Stream(secret, quiz.id, name, student, str(attempt))

    def questions(ids: Sequence[str], shuffle: bool, name: str) -> tuple[ShownQuestion, ...]:
        order = stream(f"order {name}").shuffled(len(ids)) if shuffle else range(len(ids))
        found = []
        for each in (quiz.question(ids[place]) for place in order):
            found.append(_shown(each, drawn_for(each, student, attempt), stream(f"choices {each.id}"), meanings))
        return tuple(found)

    if not quiz.sections:
        ids = [name for group in _groups(quiz, None, chosen) for name in group]
        sections: tuple[ShownSection, ...] = (ShownSection(None, None, questions(ids, quiz.shuffle, "quiz")),)
    else:
        sections = tuple(
            ShownSection(
                section.title,
                section.text,
                questions(
                    [name for group in _groups(quiz, section.questions, chosen) for name in group],
                    quiz.shuffle or section.shuffle,
                    section.id,
                ),
            )
            for section in quiz.sections
        )
    return Sheet(Paper(quiz.id, quiz.title, quiz.text, sections), meanings)


def authored(quiz: Quiz, secret: bytes, drawn_for: DrawnFor, responses: Iterable[Response]) -> tuple[Response, ...]:
    """Responses in the letters that each student saw, in the ids of the file instead."""
    sheets: dict[tuple[str, int], Sheet] = {}
    found = []
    for each in responses:
        who = each.student, each.attempt
        if who not in sheets:
            sheets[who] = hand_out(quiz, secret, drawn_for, *who)
        found.append(replace(each, text=sheets[who].authored(each.question, each.text)))
    return tuple(found)


def _chosen(quiz: Quiz, secret: bytes, student: str, attempt: int) -> dict[str, tuple[str, ...]]:
    """Pool → the questions that this student gets of it."""
    return {pool.id: picked(pool, secret, quiz.id, student, attempt) for pool in quiz.pools}


def _groups(quiz: Quiz, names: Sequence[str] | None, chosen: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The questions behind the names of a section, pool by pool; all of the quiz without a section."""
    if names is not None:
        return [chosen.get(name, (name,)) for name in names]
    kept = {name for each in chosen.values() for name in each}
    return [(each.id,) for each in quiz.questions if quiz.pool_of(each.id) is None or each.id in kept]


def _shown(
    question: Question, drawn: Mapping[str, Fraction], stream: Stream, meanings: dict[tuple[str, str], str]
) -> ShownQuestion:
    choices: tuple[Shown, ...] = ()
    rights: tuple[Shown, ...] = ()
    match question.kind:
        case "single" | "multiple":
            choices = _lettered(question.id, _mixed(question.choices, question.shuffle, stream), drawn, meanings)
        case "order":
            choices = _lettered(question.id, _mixed(question.choices, True, stream), drawn, meanings)
        case "match":
            choices, rights = _paired(question, stream, meanings)
    return ShownQuestion(
        id=question.id,
        kind=question.kind,
        title=question.title,
        points=question.points,
        prompt=filled(question.prompt, drawn),
        choices=choices,
        rights=rights,
        starter=question.starter if question.kind == "code" else None,
        certainty=question.certainty,
        scoring=question.scoring.value if question.kind in ("multiple", "order") else None,
        penalty=shown(penalty(question)) if question.kind == "single" and question.penalty else None,
    )


def _mixed(items: Sequence[Choice | Item], shuffle: bool, stream: Stream) -> list[Choice | Item]:
    """The items in a new order; fixed ones keep their places."""
    moving = [place for place, item in enumerate(items) if not (isinstance(item, Choice) and item.fixed)]
    mixed = list(items)
    if shuffle:
        for place, other in zip(moving, stream.shuffled(len(moving)), strict=True):
            mixed[place] = items[moving[other]]
    return mixed


def _lettered(
    question: str, items: Sequence[Choice | Item], drawn: Mapping[str, Fraction], meanings: dict[tuple[str, str], str]
) -> tuple[Shown, ...]:
    meanings.update({(question, letter): item.id for letter, item in zip(LETTERS, items, strict=False)})
    return tuple(Shown(letter, filled(item.text, drawn)) for letter, item in zip(LETTERS, items, strict=False))


def _paired(
    question: MatchQuestion, stream: Stream, meanings: dict[tuple[str, str], str]
) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    """Both sides, each mixed; equal right sides are shown once."""
    lefts = left_ids(question)
    order = stream.shuffled(len(lefts)) if question.shuffle else list(range(len(lefts)))
    left = tuple(Shown(LETTERS[at], question.pairs[place].left) for at, place in enumerate(order))
    meanings.update({(question.id, LETTERS[at]): lefts[place] for at, place in enumerate(order)})
    first: dict[str, str] = {}
    for name, text in right_texts(question).items():
        first.setdefault(text, name)
    texts = list(first)
    mixed = [texts[place] for place in stream.shuffled(len(texts))]  # always: their order in the file is the key
    meanings.update({(question.id, str(at)): first[text] for at, text in enumerate(mixed, 1)})
    return left, tuple(Shown(str(at), text) for at, text in enumerate(mixed, 1))
