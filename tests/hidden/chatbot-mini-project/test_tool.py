"""Hidden tests of the question `tool`."""

from fractions import Fraction

import pytest

from autograder.checks import assert_equal, assert_type


def in_text(student, expressions):
    """What stands in the place of each expression: one call in each text."""
    results = []
    for expression in expressions:
        text = student.call("use_calculator", f"It is [Calculator({expression})], I think.")
        assert_type(text, str)
        assert text.startswith("It is "), "the text before the call has changed"
        assert text.endswith(", I think."), "the text after the call has changed"
        results.append(text[len("It is ") : -len(", I think.")])
    return results


def random_expression(rng, depth):
    """An expression as text, and its exact value; ZeroDivisionError if there is none."""
    if depth == 0:
        number = str(rng.integers(1, 30)) + rng.choice(["", "", ".5", ".25"])
        return number, Fraction(number)
    left, a = random_expression(rng, int(rng.integers(depth)))
    right, b = random_expression(rng, depth - 1)
    sign = rng.choice(list("+-*/"))
    minus = "-" if rng.random() < 0.3 else ""
    a = -a if minus else a
    value = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[sign]()
    return f"{minus}({left}){sign} ({right})", value


def written(value):
    """Two decimals; None where rounding is a matter of taste: half-way, or a negative zero."""
    halves = round(value * 200)
    if abs(value) < Fraction(1, 100) or (halves % 2 and abs(value * 200 - halves) < Fraction(1, 10**6)):
        return None
    return f"{float(value):.2f}"


@pytest.mark.question(
    "tool", points=1, hint="Which sign comes first, and which of two equal ones? May a number be negative?"
)
def test_tool_follows_the_rules_of_arithmetic(student, rng):
    """Precedence, order from left to right, brackets, minus signs and decimals, in fixed and in random expressions."""
    known = {
        "2+3*4": "14.00",
        "10 - 4 - 3": "3.00",
        "48/4/3": "4.00",
        "2*(3+4)": "14.00",
        "-3 * -(1 + 0.5)": "4.50",
        "12 - -5": "17.00",
        "1/3": "0.33",
        "7 - 2*-3": "13.00",
        "((8))": "8.00",
        "100*2.5/4+1": "63.50",
        "1/4*8": "2.00",
        "-2.5": "-2.50",
    }
    while len(known) < 40:
        try:
            expression, value = random_expression(rng, 3)
        except ZeroDivisionError:
            continue
        if (text := written(value)) is not None:
            known[expression] = text
    assert_equal(in_text(student, known), list(known.values()))


@pytest.mark.question("tool", points=0.5, hint="Where does a call end if there is another one after it?")
def test_tool_runs_every_call(student):
    """Several calls in one text, each in its place."""
    text = "A: [Calculator(1+1)], B: [Calculator((2+3)*(4-1))][Calculator(9-2)].\nC: [Calculator(0.1+0.2)]"
    assert_equal(student.call("use_calculator", text), "A: 2.00, B: 15.007.00.\nC: 0.30")


@pytest.mark.question(
    "tool", points=0.5, hint="What is in the text if a call cannot be calculated, and what of the others?"
)
def test_tool_errors_are_texts(student):
    """Division by zero and broken expressions give CALCULATOR_ERROR; the next call is still run."""
    error = student.get("CALCULATOR_ERROR")
    assert_type(error, str)
    broken = ["1/0", "5/(2-2)", "1 +", "", "(1+2", "1)", "2 3", "* 2", "()", "1..2"]
    assert_equal(in_text(student, broken), [error] * len(broken))
    text = "[Calculator(1/0)] and [Calculator(6*4)]"
    assert_equal(student.call("use_calculator", text), f"{error} and 24.00")


@pytest.mark.question("tool", points=1, hint="Is anything run that is not one of the four signs?")
def test_tool_never_runs_python(student):
    """Powers, names, calls of functions, comparisons and texts are no expressions."""
    error = student.get("CALCULATOR_ERROR")
    assert_type(error, str)
    python = ["2**3", "7//2", "7%4", "len('abc')", "TOP_K", "1 if 1 else 2", "3 > 2", "abs(-4)", "1, 2", "2^3", "5 & 6"]
    assert_equal(in_text(student, python), [error] * len(python))
    assert_equal(in_text(student, ["2*3"]), ["6.00"])


@pytest.mark.question("tool", points=0.5, hint="Is what looks nearly like a call left alone?")
def test_tool_leaves_other_text_alone(student):
    """Text without a complete call stays as it is."""
    rest = [
        "No call here: 2+3 = 5.",
        "  Two  spaces,\ttabs\nand lines\n",
        "[Calculator(1+2] is not closed",
        "Calculator(1+2) without brackets, [calculator(1+2)], [Calendar(1+2)] and [3]",
        "",
    ]
    for text in rest:
        assert_equal(student.call("use_calculator", text), text)
    assert_equal(student.call("use_calculator", "[3] [Calculator(1+2)] [Calendar(1)]"), "[3] 3.00 [Calendar(1)]")
