"""Whether a typed text is one of those accepted: normalised, within a number of typing errors, or by a pattern."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from autograder.quiz.answers import TextAnswer
from autograder.quiz.pattern import Pattern

MOST_CHARACTERS = 2000
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "–": "-", "−": "-"})


def accepts(answer: TextAnswer, accepted: Sequence[str], response: str) -> bool:
    """Whether a response is right. `accepted`: the texts, with parameters filled in. ValueError if it is too long."""
    if len(response) > MOST_CHARACTERS:
        raise ValueError(f"it has more than {MOST_CHARACTERS} characters")
    ignore = tuple(answer.ignore)
    typed = normalised(response, ignore)
    if any(near(typed, normalised(text, ignore), answer.distance) for text in accepted):
        return True
    if answer.pattern is None:
        return False
    fold = "case" in ignore
    kept = tuple(each for each in ignore if each != "case")  # the automaton folds by itself
    return _compiled(answer.pattern, fold).matches(normalised(response, kept))


def normalised(text: str, ignore: Sequence[str]) -> str:
    """The text as it is compared: composed, without blanks around it, typographic quotes and dashes as plain ones."""
    text = unicodedata.normalize("NFC", text).translate(_QUOTES).strip()
    if "accents" in ignore:
        parts = unicodedata.normalize("NFD", text)
        text = unicodedata.normalize("NFC", "".join(char for char in parts if not unicodedata.combining(char)))
    if "case" in ignore:
        text = text.casefold()
    if "punctuation" in ignore:
        text = "".join(char for char in text if unicodedata.category(char)[0] != "P").strip()
    return "".join(text.split()) if "spaces" in ignore else " ".join(text.split())


def near(text: str, other: str, distance: int) -> bool:
    """Whether at most `distance` insertions, deletions and replacements (Levenshtein) make one text out of another."""
    if text == other:
        return True
    if distance == 0 or abs(len(text) - len(other)) > distance:
        return False
    row = list(range(len(other) + 1))
    for line, char in enumerate(text, 1):
        above, row[0] = row[0], line
        low, high = max(1, line - distance), min(len(other), line + distance)
        if low > 1:
            above, row[low - 1] = row[low - 1], distance + 1
        for column in range(low, high + 1):
            step = min(above + (char != other[column - 1]), row[column - 1] + 1)
            if column < line + distance:  # beyond the band the row above was never filled in
                step = min(step, row[column] + 1)
            above, row[column] = row[column], step
        if min(row[low - 1 : high + 1]) > distance:
            return False
    return row[len(other)] <= distance


@lru_cache(maxsize=256)
def _compiled(source: str, fold: bool) -> Pattern:
    return Pattern(source, fold=fold)
