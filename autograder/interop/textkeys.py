"""Our text answers as the list of texts that other systems compare with."""

from __future__ import annotations

from autograder.interop.carried import Refused
from autograder.quiz.answers import TextAnswer


def exact_texts(answer: TextAnswer, lost: list[str], name: str) -> tuple[tuple[str, ...], bool]:
    """The texts that are right, and whether capital letters matter. Raises Refused where no list says the same."""
    if answer.pattern is not None:
        raise Refused(f"its answer is a pattern, and {name} compares with texts")
    if not answer.accept:
        raise Refused(f"no text is right, and {name} needs one")
    if answer.distance:
        lost.append(f"typing errors: up to {answer.distance} count as right here")
    others = [each for each in answer.ignore if each != "case"]
    if others:
        lost.append(f"ignoring {' and '.join(others)} in an answer")
    return answer.accept, "case" not in answer.ignore
