"""Numbers: how they are read, and tolerances against the tests of those who defined them."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.quiz import units
from autograder.quiz.numbers import Unreadable, read_number
from autograder.quiz.questions import Question
from autograder.quiz.scoring import score

Make = Callable[..., Question]

READ = {
    "4": "4", "-4": "-4", "+4": "4", "4.": "4", ".5": "1/2", "-.5": "-1/2", "0.50": "1/2", "1,5": "3/2",
    "1e-3": "1/1000",    "1E3": "1000", "2e+2": "200", "−3": "-3", "–3": "-3", "2/3": "2/3",
    "-2/3": "-2/3", "1 1/2": "3/2", "½": "1/2",
    "1½": "3/2", "3·10^-4": "3/10000", "3×10⁻⁴": "3/10000", "3*10**2": "300", "3 x 10^2": "300",
    "12,013,010": "12013010",    "12 013 010": "12013010", "12.013.010": "12013010", "12'013'010": "12013010",
    "1.234,5": "2469/2",
    "1,234.5": "2469/2", "1 234,5": "2469/2", "0,234": "117/500", "1.234": "617/500", "= 4": "4", "≈ 4": "4",
    " 4 ": "4", "４": "4", "2,5e3": "2500", "1_000": "1000", "0": "0", "-0": "0", "00012": "12",
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), READ.items())
def test_number_is_read(text: str, value: str) -> None:
    """Numbers in the forms in which people type them, exactly."""
    assert read_number(text).values == (Fraction(value),)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "twelve", "--5", "1..2", "1,2,3", "1 2", "1/0", "1e999999", "1.2.3", "1,23,456", "4 5 6", "NaN", "inf",
     "1" * 101, "x=3"],
)  # fmt: skip
def test_what_is_no_number_is_said_to_be_none(question: Make, text: str) -> None:
    """It is not zero in silence: it cannot be read, and the score says so."""
    with pytest.raises(Unreadable):
        read_number(text)
    found = score(question("numeric", answer={"value": 0}), text)
    assert found.share == 0
    assert (found.message is None) == (not text)


@pytest.mark.parametrize("key", ["1.234", "1234"])
def test_ambiguous_comma_is_read_both_ways(question: Make, key: str) -> None:
    """1,234 is 1.234 in one country and 1234 in another: it counts for the student."""
    assert score(question("numeric", answer={"value": Decimal(key)}), "1,234").share == 1


def cases(answer: dict[str, Any], accepted: str, refused: str) -> list[Any]:
    """One case for each response to an answer."""
    return [
        pytest.param(answer, text, share, id=f"{answer}-{text}")
        for share, texts in ((1, accepted), (0, refused))
        for text in texts.split()
    ]


def d(text: str) -> Decimal:
    """A number as the YAML reader gives it."""
    return Decimal(text)


MOODLE = [  # moodle/moodle question/type/numerical/tests/answer_test.php, every assertion that needs no float's slack
    *cases({"value": d("7"), "absolute": d("1")}, "6 7 8", "5.99 8.01"),
    *cases({"value": d("1e-20"), "absolute": d("0")}, "1e-20", "0.9999999e-20 1.0000001e-20"),
    *cases({"value": d("0"), "absolute": d("1e-24")}, "-1e-24 0 1e-24 -1e-35 1e-35", "-2e-24 2e-24 -1e-20 1e-20"),
    *cases({"value": d("1e-20"), "absolute": d("1e-24")}, "1.0001e-20 1e-20", "1.0002e-20"),
    *cases({"value": d("1234")}, "1234", "1234.000001 0"),
    *cases({"value": d("7"), "relative": d("0.1")}, "6.3 7 7.7", "6.29 7.71"),
    *cases({"value": d("7"), "geometric": d("1")}, "3.5 7 14", "3.49 14.01"),
    *cases({"value": d("-7"), "geometric": d("1")}, "-3.5 -7 -14", "-3.49 -14.01 7"),
]
CANVAS = cases(  # instructure/canvas-lms numerical_question.rb: decimals, where binary floats refuse -11.72
    {"value": d("-11.7"), "absolute": d("0.02")}, "-11.72 -11.7 -11.68", "-11.721 -11.679 11.7"
)


@pytest.mark.parametrize(("answer", "text", "share"), MOODLE + CANVAS)
def test_tolerance_agrees_with_its_source(question: Make, answer: dict[str, Any], text: str, share: int) -> None:
    """Ends are included, zero is nothing special, and nothing is lost to binary fractions."""
    assert score(question("numeric", answer=answer), text).share == share


def prairielearn(value: float, key: float, digits: int, *, significant: bool) -> bool:
    """PrairieLearn's `is_correct_scalar_sf` and `_dd` (grading_utils.py), from their definition: 0.51 units, open."""
    shift = -math.floor(math.log10(abs(key))) + digits - 1 if significant else digits
    return abs(value - key) < 0.51 * 10**-shift


@pytest.mark.parametrize("key", ["3.14159", "0.00123456", "-271.828", "12013010", "99.96"])
@pytest.mark.parametrize(("name", "digits"), [("sigfigs", 2), ("sigfigs", 4), ("decimals", 1), ("decimals", 3)])
@pytest.mark.parametrize("offset", ["0", "0.2", "-0.5", "0.505", "-0.515", "0.6", "3"])
def test_digits_agree_with_prairielearn(question: Make, key: str, name: str, digits: int, offset: str) -> None:
    """The band around the key is 0.51 units in the last digit asked for."""
    size = math.floor(math.log10(abs(float(key))))
    unit = Decimal(10) ** (size - digits + 1 if name == "sigfigs" else -digits)
    value = Decimal(key) + Decimal(offset) * unit
    expected = prairielearn(float(value), float(key), digits, significant=name == "sigfigs")
    found = score(question("numeric", answer={"value": Decimal(key), name: digits}), f"{value:f}")
    assert found.share == expected


def test_band_around_the_tolerance_earns_a_part(question: Make) -> None:
    """edX: within the tolerance everything, within twice of it half."""
    answer = {"value": d("10"), "absolute": d("1"), "partial": {"within": 2, "credit": d("0.5")}}
    asked = question("numeric", answer=answer)
    shares = [score(asked, text).share for text in ("10", "11", "11.01", "12", "12.01", "8", "7.99")]
    assert shares == [1, 1, Fraction(1, 2), Fraction(1, 2), 0, Fraction(1, 2), 0]


@pytest.mark.parametrize(
    ("written", "text", "share"),
    [
        ({"decimals": 2}, "92.00", 1), ({"decimals": 2}, "92", 0), ({"decimals": 2}, "92.0", 0),
        ({"decimals": 0}, "92", 1), ({"sigfigs": 4}, "92.00", 1), ({"sigfigs": 2}, "92.00", 0),
        ({"sigfigs": 2}, "9.2e1", 1), ({"sigfigs": 2, "credit": d("0.5")}, "92.0", Fraction(1, 2)),
        ({"sigfigs": 2}, "93", 0), ({"decimals": 2}, "184/2", 0),
    ],
)  # fmt: skip
def test_typed_precision_is_looked_at(question: Make, written: dict[str, Any], text: str, share: Fraction) -> None:
    """The right value in another precision earns the credit that the author gives it."""
    asked = question("numeric", answer={"value": d("92"), "absolute": d("0.5"), "written": written})
    assert score(asked, text).share == share


@pytest.mark.parametrize(
    ("keys", "text", "share"),
    [
        ({}, "10 m/s", 1), ({}, "36 km/h", 1), ({}, "36 km/hour", 1), ({}, "10 m s^-1", 1), ({}, "10 m·s⁻¹", 1),
        ({}, "10", 0), ({}, "10 kg", 0), ({}, "36 m/s", 0), ({"unit_credit": d("0.5")}, "10", Fraction(1, 2)),
        ({"unit_credit": d("0.5")}, "10 kg", Fraction(1, 2)), ({"unit_credit": d("0.5")}, "11", 0),
        ({"units": "exact"}, "10 m/s", 1), ({"units": "exact"}, "36 km/h", 0), ({"units": "only"}, "99 m/s", 1),
        ({"units": "only"}, "10 km", 0),
    ],
)  # fmt: skip
def test_units_are_converted_exactly(question: Make, keys: dict[str, Any], text: str, share: Fraction) -> None:
    """Any unit of the same kind counts, unless the author wants that one."""
    pytest.importorskip("pint")
    asked = question("numeric", answer={"value": d("10"), "unit": "m/s", **keys})
    assert score(asked, text).share == share


@pytest.mark.parametrize(
    "text", ["10 dB", "10 Np/percent*kelvin", "10 mol*dBm", "10 degC", "10 m/s/0", "10 (", "10 m**(m)"]
)
def test_unit_that_cannot_be_converted_is_another_unit(question: Make, text: str) -> None:
    """Scales that Pint cannot compute with, and what is no unit at all: nothing raises, nothing is earned."""
    pytest.importorskip("pint")
    assert score(question("numeric", answer={"value": d("10"), "unit": "m/s"}), text).share == 0


def test_missing_pint_is_told(question: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """With how to get it; the unit that was asked for, typed as it is, needs no Pint."""
    monkeypatch.setitem(sys.modules, "pint", None)
    units._registry.cache_clear()
    units._parsed.cache_clear()
    asked = question("numeric", answer={"value": d("10"), "unit": "m/s"})
    try:
        assert score(asked, "10 m/s").share == 1
        with pytest.raises(units.UnitsMissing, match="pip install"):
            score(asked, "36 km/h")
    finally:
        units._registry.cache_clear()
        units._parsed.cache_clear()


def test_percent_without_a_unit_is_a_hundredth(question: Make) -> None:
    """12 % is 0.12; any other word behind the number is said."""
    asked = question("numeric", answer={"value": d("0.12")})
    assert score(asked, "12 %").share == 1
    found = score(asked, "0.12 kg")
    assert found.share == 0
    assert found.message is not None


@given(st.decimals(-(10**9), 10**9, allow_nan=False, places=6), st.decimals(0, 1000, places=4), st.sampled_from("+-"))
def test_absolute_tolerance_includes_its_ends(key: Decimal, tolerance: Decimal, side: str) -> None:
    """The end counts and the next number beyond it does not, for any key: decimals are exact."""
    from autograder.quiz.questions import NumericQuestion

    asked = NumericQuestion.model_validate(
        {"id": "q", "kind": "numeric", "prompt": "…", "answer": {"value": key, "absolute": tolerance}}
    )
    step = tolerance if side == "+" else -tolerance
    beyond = step + (Decimal("1e-9") if side == "+" else Decimal("-1e-9"))
    assert score(asked, f"{key + step:f}").share == 1
    assert score(asked, f"{key + beyond:f}").share == 0
