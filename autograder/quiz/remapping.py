"""Choices that changed under responses: a stored `B` has to mean what it meant when it was picked.

Responses name choices by their ids, most often the letters of their places. If choices were added, removed or moved
since, the same letters say something else, and scoring them would be a guess: it is refused until the author says what
became of each choice, `xor=A:B,B:A,C:` (old:new, nothing behind the colon: gone). A corrected text alone moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from autograder.course.problems import listed
from autograder.errors import Problem
from autograder.gradebook import Regrade
from autograder.quiz.questions import Quiz
from autograder.quiz.recording import options_of

Moves = Mapping[str, str | None]
"""Old id → new id; None: the choice is gone."""

_PROBLEM_KEY: Final = "choices"


@dataclass(frozen=True, slots=True)
class Remapping:
    """What became of choices, by (version that was answered, question); `record` is what a regrade keeps of it."""

    moves: Mapping[tuple[str, str], Moves] = field(default_factory=dict)
    record: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def response(self, version: str, question: str, text: str) -> str:
        """A response to that version, in the ids of today."""
        moves = self.moves.get((version, question))
        return text if moves is None else moved(text, moves)


def moved(text: str, moves: Moves) -> str:
    """The response with every id replaced; what named a choice that is gone is left out."""
    folded = {old.casefold(): new for old, new in moves.items()}
    parts = ([_new(side, moves, folded) for side in part.split("=")] for part in text.split(";"))
    return ";".join("=".join(side or "" for side in part) for part in parts if None not in part)


def _new(side: str, moves: Moves, folded: Moves) -> str | None:
    name = side.strip()
    return moves[name] if name in moves else folded.get(name.casefold(), side)


def parse_moves(text: str) -> tuple[str, dict[str, str | None]]:
    """`xor=A:B,B:A,C:` as the question and its moves. Raises ValueError."""
    question, equals, pairs = text.partition("=")
    if not equals:
        raise ValueError(f"`{text}` names no question: write QUESTION=OLD:NEW,OLD:NEW")
    moves: dict[str, str | None] = {}
    for pair in pairs.split(","):
        old, colon, new = (part.strip() for part in pair.partition(":"))
        if not colon or not old or old in moves:
            raise ValueError(f"`{pair}` is not OLD:NEW, or is there twice; nothing behind the colon means gone")
        moves[old] = new or None
    return question.strip(), moves


def remapping(
    quiz: Quiz,
    outlines: Mapping[str, Mapping[str, Any]],
    given: Mapping[str, Moves],
    past: Iterable[Regrade],
    problems: list[Problem],
) -> Remapping:
    """What becomes of the choices in responses to the versions of `outlines`; what is not clear becomes a problem.

    `given` are the author's moves by question; moves of earlier regrades between the same choices still hold.
    """
    today = {question.id: (question.kind, options_of(question)) for question in quiz.questions}
    known = {_edge(each["from"], each["to"]): each["moves"] for one in past for each in one.mappings.values()}
    moves: dict[tuple[str, str], Moves] = {}
    record: dict[str, dict[str, Any]] = {}
    for version, outline in outlines.items():
        for name, then in outline.items():
            if name not in today or today[name][0] != then["kind"]:
                problems.append(_gone(quiz, name, then["kind"]))
                continue
            old, new = then["options"], today[name][1]
            if not is_moved(old, new):
                continue
            found = given.get(name) or known.get(_edge(old, new))
            wrong = _fault(found, old, new)
            if found is None or wrong is not None:
                problems.append(_unclear(quiz, name, old, new, wrong))
            else:
                moves[version, name] = found
                record[name] = {"from": old, "to": new, "moves": dict(found)}
    problems.extend(_unneeded(quiz, given, moves, problems))
    return Remapping(moves, record)


def is_moved(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether an id may mean something else: other ids, or a text that now stands at another one."""
    if old.keys() != new.keys():
        return True
    texts = {text: name for name, text in new.items()}
    return any(new[name] != text and text in texts for name, text in old.items())


def suggestion(question: str, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """The moves that equal texts suggest, as they are written; a choice whose text is nowhere is gone."""
    texts = {text: name for name, text in new.items()}
    return f"{question}=" + ",".join(f"{name}:{texts.get(text, '')}" for name, text in old.items())


def _edge(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple(sorted(old.items())), tuple(sorted(new.items()))


def _fault(moves: Moves | None, old: Mapping[str, str], new: Mapping[str, str]) -> str | None:
    if moves is None:
        return None
    if moves.keys() != old.keys():
        return f"the mapping is for {listed(moves)}, but the choices were {listed(old)}"
    strangers = [name for name in moves.values() if name is not None and name not in new]
    return f"the mapping leads to {listed(strangers)}, and there is no such choice" if strangers else None


def _unclear(quiz: Quiz, name: str, old: Mapping[str, str], new: Mapping[str, str], wrong: str | None) -> Problem:
    counts = f"{len(old)} then, {len(new)} now" if len(old) != len(new) else "other ids or another order"
    message = wrong or f"the choices of `{name}` changed after it was answered ({counts})"
    remedy = f"say what became of each: --map {suggestion(name, old, new)}"
    return Problem(quiz.path, None, _PROBLEM_KEY, message, remedy)


def _gone(quiz: Quiz, name: str, kind: str) -> Problem:
    message = f"`{name}` was answered as a question of kind {kind} and is no longer there"
    return Problem(quiz.path, None, "questions", message, "put it back, with `policy: void` if it should not count")


def _unneeded(
    quiz: Quiz, given: Mapping[str, Moves], moves: Mapping[tuple[str, str], Moves], problems: Iterable[Problem]
) -> Iterator[Problem]:
    """Moves for questions that need none: most likely a slip, and never silently dropped."""
    used = {name for _, name in moves}
    if not any(problem.key == _PROBLEM_KEY for problem in problems):
        for name in given.keys() - used:
            message = f"the choices of `{name}` did not change, so nothing is mapped"
            yield Problem(quiz.path, None, _PROBLEM_KEY, message, f"leave out --map {name}=…")
