"""Two fingerprints of a question: of what is asked, and of what is right and how it scores.

A response belongs to a question version: regrading it with another one would be a guess. A score belongs to a key
version too: it changes with the key, the rule, the points and the policy. Explanations, titles and tags are in neither.
"""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from autograder.course.fields import Entry
from autograder.quiz.questions import MatchQuestion, OrderQuestion, Question

_ASKED = frozenset({"id", "kind", "prompt", "parameters", "starter", "credit"})
_NEITHER = frozenset({"title", "explanation", "tags", "shuffle", "choices", "pairs", "distractors"})


def question_version(question: Question) -> str:
    """16 hex digits that change when what students are asked changes."""
    asked = {name: value for name, value in _plain(question).items() if name in _ASKED}
    return _digest(asked | {"offered": _offered(question)})


def key_version(question: Question) -> str:
    """16 hex digits that change when what is right, or how much it earns, changes."""
    plain = _plain(question)
    right = {name: value for name, value in plain.items() if name not in _ASKED | _NEITHER}
    if isinstance(question, MatchQuestion):
        right["pairs"] = plain["pairs"]
    elif isinstance(question, OrderQuestion):
        right["order"] = [item.id for item in question.choices]
    elif question.kind in ("single", "multiple"):
        right["choices"] = sorted([c.id, c.correct, str(c.weight)] for c in question.choices)
    return _digest(right)


def _offered(question: Question) -> Any:
    """What there is to choose from, whatever its order: an order or the pairs are the key."""
    match question.kind:
        case "single" | "multiple" | "order":
            return sorted([item.id, item.text] for item in question.choices)
        case "match":
            rights = {pair.right for pair in question.pairs} | set(question.distractors)
            return [sorted(pair.left for pair in question.pairs), sorted(rights)]
    return None


def _plain(question: Question) -> dict[str, Any]:
    return {name: _bare(getattr(question, name)) for name in type(question).model_fields}


def _bare(value: Any) -> Any:
    """A value as JSON has it; numbers by what they are worth, so that 1 and 1.0 are the same."""
    if isinstance(value, Entry):
        return {name: _bare(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple | list):
        return [_bare(item) for item in value]
    if isinstance(value, dict):
        return {name: _bare(item) for name, item in value.items()}
    return str(Fraction(value)) if isinstance(value, Decimal | Fraction) else value


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
