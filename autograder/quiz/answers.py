"""The keys of questions that are typed: numeric, text and formula."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from autograder.course.fields import Entry, Line, one_of, whole
from autograder.quiz.fields import Credit, Expression, Name, Number, Responses, Tolerance

Digits = Annotated[int, whole(1, 30)]
Places = Annotated[int, whole(0, 30)]


class Band(Entry):
    """Part of the points for what misses the tolerance, but not `within` times the tolerance."""

    within: Number = Field(default=Decimal(2), examples=["2"])
    credit: Credit = Field(default=Fraction(1, 2), examples=["0.5"])


class Written(Entry):
    """How precisely the number has to be typed; the right value in another precision earns `credit`."""

    decimals: Places | None = None
    sigfigs: Digits | None = None
    credit: Credit = Fraction(0)


class NumericAnswer(Entry):
    """A number: `value`, or a `formula` over the question's parameters; at most one tolerance, none is exact.

    `absolute`, `relative` and `geometric` include their ends; `sigfigs` and `decimals` accept what differs by less
    than 0.51 units in the last digit asked for.
    """

    value: Number | None = None
    formula: Expression | None = None
    absolute: Tolerance | None = None
    relative: Tolerance | None = None
    geometric: Tolerance | None = None
    sigfigs: Digits | None = None
    decimals: Places | None = None
    partial: Band | None = None
    written: Written | None = None
    unit: Line | None = None
    units: Annotated[Literal["convert", "exact", "only"], one_of("convert", "exact", "only")] = "convert"
    unit_credit: Credit = Fraction(0)
    """What the right number earns with a wrong unit or none."""


Ignored = Annotated[
    Literal["case", "spaces", "accents", "punctuation"], one_of("case", "spaces", "accents", "punctuation")
]


class TextAnswer(Entry):
    """Texts that count, what does not matter in them, how many typing errors are allowed; or a pattern (whole text)."""

    accept: Responses = ()
    ignore: tuple[Ignored, ...] = ()
    distance: Annotated[int, whole(0, 5)] = 0
    pattern: Line | None = None


class FormulaAnswer(Entry):
    """A formula in `variables`; any equivalent one counts. `domain`: variable → [least, most] where it is compared."""

    equals: Expression = Field(examples=['"s*(1-s)"'])
    variables: tuple[Name, ...] = Field(default=(), examples=["[s]"])
    domain: dict[Name, tuple[Number, Number]] = Field(default_factory=dict)
