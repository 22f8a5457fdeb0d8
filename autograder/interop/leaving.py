"""What every writer does with a quiz: each question carried or refused, and said what of it stays behind."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Generic

from autograder.errors import CourseError, Problem
from autograder.interop.carried import DIGITS, Made, Note, Refused, notes
from autograder.interop.tohtml import pictures_in
from autograder.quiz.answers import NumericAnswer
from autograder.quiz.numeric import magnitude
from autograder.quiz.questions import Attempts, Choice, Policy, Question, Quiz

MOST_PICTURE = 10 * 2**20


@dataclass(frozen=True, slots=True)
class Carrier(Generic[Made]):
    """A format: its name, which general things it keeps (`tags`, `title`, `points`, `pools`), and how it writes one."""

    name: str
    keeps: Collection[str]
    write: Callable[[Question, list[str]], Made]
    needs_key: bool = True

    def each(self, quiz: Quiz) -> tuple[list[tuple[Question, Made]], list[Note], list[Note]]:
        """What was made of each question that can be carried; warnings; refusals."""
        made: list[tuple[Question, Made]] = []
        warnings = notes("", self._left_behind(quiz))
        refused: list[Note] = []
        for question in quiz.questions:
            lost: list[str] = []
            try:
                self._refuse(question)
                with localcontext(prec=DIGITS):
                    made.append((question, self.write(question, lost)))
            except Refused as error:
                refused.append(Note(question.id, str(error)))
                continue
            lost = [*self._general(question), *lost]
            warnings += notes(question.id, dict.fromkeys(lost))
        return made, warnings, refused

    def _refuse(self, question: Question) -> None:
        if getattr(question, "parameters", None):
            raise Refused(f"its numbers are drawn anew for each student; {self.name} cannot do that with this question")
        if question.kind == "single" and self.needs_key and not any(choice.correct for choice in question.choices):
            raise Refused(f"no choice is right (its policy is `{question.policy.value}`), and {self.name} needs one")
        if question.kind == "code":
            raise Refused(f"code is run and tested here; {self.name} has no such question")
        if question.kind == "formula" and "formula" not in self.keeps:
            raise Refused(f"formulas are compared by meaning here; {self.name} has no such question")

    def _general(self, question: Question) -> list[str]:
        lost = []
        if question.policy is not Policy.CURRENT and "policy" not in self.keeps:
            lost.append(f"the policy `{question.policy.value}` for a flawed question")
        if question.certainty and "certainty" not in self.keeps:
            lost.append("certainty marking")
        if question.tags and "tags" not in self.keeps:
            lost.append("its tags")
        if question.title and "title" not in self.keeps:
            lost.append("its title")
        if question.points != 1 and "points" not in self.keeps:
            lost.append(f"its {question.points} points: {self.name} gives it the points set there")
        choices: tuple[Choice, ...] = getattr(question, "choices", ())
        if any(getattr(choice, "fixed", False) for choice in choices):
            lost.append("choices that keep their place when shuffled")
        return lost

    def _left_behind(self, quiz: Quiz) -> list[str]:
        lost = []
        if quiz.attempts != Attempts() and "attempts" not in self.keeps:
            lost.append("the rules for attempts")
        if quiz.sections:
            lost.append("the sections: their questions come one after the other")
        if quiz.pools and "pools" not in self.keeps:
            lost.append("the pools: all their questions are there")
        if quiz.shuffle and "shuffle" not in self.keeps:
            lost.append("the shuffling of questions")
        if quiz.text and "text" not in self.keeps:
            lost.append("the text before the questions")
        return lost


def choice_id_warning(choices: Collection[Choice]) -> list[str]:
    """A warning where choices have ids of their own: other systems name them anew."""
    usual = all(choice.id == chr(ord("A") + place) for place, choice in enumerate(choices))
    return [] if usual else ["the choices' own ids"]


def picture_bytes(quiz: Quiz, path: str) -> bytes:
    """A picture of the quiz. CourseError if it is not there, too large, or outside of the quiz's folder."""
    home = quiz.path.parent.resolve()
    file = (home / path).resolve()
    if not file.is_relative_to(home) or not file.is_file() or file.stat().st_size > MOST_PICTURE:
        remedy = f"put it into {quiz.id}/ beside the quiz; at most {MOST_PICTURE >> 20} MiB"
        raise CourseError([Problem(quiz.path, None, None, f"there is no picture {path[:80]!r}", remedy)])
    return file.read_bytes()


def is_local(path: str) -> bool:
    """Whether a picture's path leads to a file of the quiz, and not to the web."""
    return ":" not in path and not path.startswith("//")


def local_pictures(*texts: str | None) -> tuple[str, ...]:
    """The pictures of the quiz in some texts, each once."""
    return tuple(dict.fromkeys(path for text in texts if text for path in pictures_in(text) if is_local(path)))


def margin(answer: NumericAnswer, lost: list[str], name: str) -> tuple[Decimal, Decimal]:
    """Key and absolute tolerance that accept the same numbers. Raises Refused where there is no such tolerance."""
    if answer.value is None:
        raise Refused(f"its answer is a formula, and {name} needs a number")
    lose_of_answer(answer, lost)
    value = answer.value
    if answer.absolute is not None:
        return value, answer.absolute
    if answer.relative is not None:
        lost.append("the tolerance became an absolute one that accepts the same numbers")
        return value, abs(value) * answer.relative
    if answer.geometric is not None:
        raise Refused(f"its tolerance is geometric, and {name} has none that accepts the same numbers")
    if answer.decimals is not None or answer.sigfigs is not None:
        lost.append("the tolerance in digits became an absolute one; its ends count too")
        return value, unit_of(answer, value) * Decimal("0.51")
    return value, Decimal(0)


def unit_of(answer: NumericAnswer, value: Decimal) -> Decimal:
    """One unit of the last digit that the answer asks for."""
    places = answer.decimals if answer.sigfigs is None else answer.sigfigs - 1 - magnitude(Fraction(value))
    return Decimal(1).scaleb(-(places or 0))


def lose_of_answer(answer: NumericAnswer, lost: list[str]) -> None:
    if answer.partial is not None:
        lost.append("part of the points for a number that is nearly right")
    if answer.written is not None:
        lost.append("the check of how many digits were typed")
    if answer.unit is not None:
        lost.append(f"the unit `{answer.unit}`: the answer is the number alone")
