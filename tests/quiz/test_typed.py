"""Texts, patterns and formulas against second implementations, and against texts that were made to hang."""

from __future__ import annotations

import itertools
import random
import re
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.quiz.evaluate import Undefined, evaluate
from autograder.quiz.expression import FormulaError, parse
from autograder.quiz.pattern import Pattern, PatternError
from autograder.quiz.questions import Question
from autograder.quiz.scoring import score
from autograder.quiz.texts import near

Make = Callable[..., Question]

# ---- texts


@pytest.mark.parametrize(
    ("answer", "text", "share"),
    [
        ({"accept": ["transformer"]}, "transformer", 1), ({"accept": ["transformer"]}, " transformer ", 1),
        ({"accept": ["transformer"]}, "Transformer", 0),
        ({"accept": "transformer", "ignore": ["case"]}, "TRANSFORMER", 1),
        ({"accept": ["transformer", "encoder"]}, "encoder", 1), ({"accept": ["self attention"]}, "self  attention", 1),
        ({"accept": ["self attention"]}, "selfattention", 0),
        ({"accept": ["self attention"], "ignore": ["spaces"]}, "selfattention", 1),
        ({"accept": ["naïve"], "ignore": ["accents"]}, "naive", 1), ({"accept": ["naïve"]}, "naive", 0),
        ({"accept": ["naïve"]}, "nai\u0308ve", 1), ({"accept": ["self-attention"]}, "self–attention", 1),
        ({"accept": ["self-attention"], "ignore": ["punctuation"]}, "selfattention.", 1),
        ({"accept": ["straße"], "ignore": ["case"]}, "STRASSE", 1),
        ({"accept": ["transformer"], "distance": 1}, "transfomer", 1),
        ({"accept": ["transformer"], "distance": 1}, "trasnformer", 0),
        ({"accept": ["transformer"], "distance": 2}, "trasnformer", 1),
        ({"pattern": "(self[- ])?attention"}, "self-attention", 1),
        ({"pattern": "(self[- ])?attention"}, "attention heads", 0),
        ({"pattern": "BERT|GPT-?[0-9]", "ignore": ["case"]}, "gpt2", 1),
        ({"accept": ["lstm"], "pattern": "gru"}, "gru", 1), ({"accept": [5]}, "5", 1),
    ],
)  # fmt: skip
def test_text_is_compared(question: Make, answer: dict[str, Any], text: str, share: int) -> None:
    """What is ignored, which typing errors are forgiven, patterns on the whole text."""
    assert score(question("text", answer=answer), text).share == share


def levenshtein(one: str, other: str) -> int:
    """The distance by its recurrence, the whole table."""
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i, j in itertools.product(range(1, len(one) + 1), range(1, len(other) + 1)):
        same = table[i - 1, j - 1] + (one[i - 1] != other[j - 1])
        table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, same)
    return table[len(one), len(other)]


@given(st.text("abc", max_size=9), st.text("abc", max_size=9), st.integers(0, 5))
def test_distance_agrees_with_the_whole_table(one: str, other: str, distance: int) -> None:
    """The band that is computed decides as the whole table does."""
    assert near(one, other, distance) == (levenshtein(one, other) <= distance)


PATTERNS = ("a*b", "(a|b)*c", "a{2,3}b?", "[a-c]+", "[^ab]*", r"\d+\.\d", "(ab)+", "a{0,2}", "(a*)*b",
            "(?:a|bc){1,2}1?", "a{1,}b", ".{3}", r"[\d.]+", "a|", "[]a]b",
            r"\w\W", "(a|ab)(c|bc)", r"a\.b", "x{0,1}a")  # fmt: skip


@pytest.mark.parametrize("source", PATTERNS)
def test_pattern_agrees_with_regular_expressions(source: str) -> None:
    """On every text of up to five signs the automaton says what `re.fullmatch` says."""
    pattern = Pattern(source)
    for size in range(6):
        for signs in itertools.product("abc1.]"[: 6 if size < 4 else 4], repeat=size):
            text = "".join(signs)
            assert pattern.matches(text) == (re.fullmatch(source, text) is not None), text


@pytest.mark.parametrize("source", ["(a+)+b", "(a|a)*b", "(.*)*x", "((a?){30}){3}b"])
def test_pattern_cannot_be_made_to_hang(source: str) -> None:
    """Patterns that take `re` longer than the age of the world: time grows with the text, four times for four times."""
    pattern = Pattern(source)

    def seconds(length: int) -> float:
        begun = time.process_time()
        assert not pattern.matches("a" * length + "!")
        return time.process_time() - begun

    seconds(50)
    assert seconds(800) < 100 * max(seconds(200), 1e-4)


@pytest.mark.parametrize(
    "source",
    ["a**", "(a", "a)", "(?=a)", r"\1", "^a", "a$", "[a", "{2}", "a{3,2}", "((a{99}){99}){99}", "a{x}", "a\\", r"\b",
     "[z-a]", "*"],
)  # fmt: skip
def test_pattern_that_cannot_be_read_is_refused(source: str) -> None:
    """Each with a sentence."""
    with pytest.raises(PatternError, match=r"\w+ \w+"):
        Pattern(source)


# ---- formulas

SAME = [
    ("s*(1-s)", "s - s^2", "s"), ("s*(1-s)", "s(1-s)", "s"), ("s*(1-s)", "-s^2+s", "s"), ("s*(1-s)", "S = s(1−s)", "s"),
    ("1/(1+exp(-x))", "sigmoid(x)", "x"), ("1/(1+exp(-x))", "e^x/(1+e^x)", "x"), ("tanh(x)", "2σ(2x)-1", "x"),
    ("sin(x)^2+cos(x)^2", "1", "x"), ("log(x)", "ln x", "x"), ("sqrt(x^2)", "|x|", "x"), ("(x^2-1)/(x-1)", "x+1", "x"),
    ("-y*log(p)-(1-y)*log(1-p)", "-(y ln(p) + (1-y) ln(1-p))", "y p"), ("2^3^2", "512", ""), ("log2(8)", "3", ""),
    ("sin(x)*cos(y)", "(sin(x+y)+sin(x-y))/2", "x y"), ("relu(x)", "(x+|x|)/2", "x"), ("max(x, 0)", "relu(x)", "x"),
    ("(a+b)^3", "a³+3a²b+3a b²+b³", "a b"), ("x/2", "0.5x", "x"), ("exp(a+b)", "exp(a)exp(b)", "a b"),
    ("cosh(x)", "(exp(x)+exp(-x))/2", "x"), ("tan(x)", "sin(x)/cos(x)", "x"), ("x^(1/2)", "√x", "x"),
    ("pi*r^2", "πr²", "r"), ("2*n*m", "2n×m", "n m"), ("a/b/c", "a/(b*c)", "a b c"), ("log10(x)", "ln(x)/ln(10)", "x"),
]  # fmt: skip
OTHER = [
    ("s*(1-s)", "s*(s-1)", "s"), ("s*(1-s)", "s", "s"), ("s*(1-s)", "s(1+s)", "s"), ("s*(1-s)", "0.25", "s"),
    ("1/(1+exp(-x))", "1/(1+exp(x))", "x"), ("-x^2", "(-x)^2", "x"), ("x", "|x|", "x"), ("log(x)", "log10(x)", "x"),
    ("sqrt(x^2)", "x", "x"), ("a-b-c", "a-(b-c)", "a b c"), ("a/b/c", "a/(b/c)", "a b c"), ("x+1e-20", "x", "x"),
    ("exp(x)", "1+x+x^2/2+x^3/6", "x"), ("sin(x)", "x", "x"), ("2^3^2", "64", ""), ("x^0.5", "log(x)", "x"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "text", "names", "share"), [*((*each, 1) for each in SAME), *((*each, 0) for each in OTHER)]
)
def test_formula_counts_if_equivalent(question: Make, key: str, text: str, names: str, share: int) -> None:
    """Equivalent ones count however they are written, others do not."""
    found = score(question("formula", answer={"equals": key, "variables": names.split()}), text)
    assert found.message is None
    assert found.share == share


@pytest.mark.parametrize(
    "text",
    ["s(1-", "s+*2", "t", "__import__('os')", "s.real", "lambda: 1", "1 if s else 2", "((((" * 30, "s" * 501,
     "exp()", "max(s)", "s;s", "s s)", "9" * 501, "exp", "s,s", "-" * 400],
)  # fmt: skip
def test_what_is_no_formula_is_said_to_be_none(question: Make, text: str) -> None:
    """Nothing of Python is evaluated: it is no formula, and the score says so."""
    found = score(question("formula", answer={"equals": "s*(1-s)", "variables": ["s"]}), text)
    assert found.share == 0
    assert found.message is not None


@pytest.mark.parametrize("text", ["9^9^9^9", "s^99999", "exp(exp(exp(9+s)))", "1/(s-s)", "log(-1-s^2)", "0^(-1)"])
def test_formula_without_a_value_is_wrong_and_quick(question: Make, text: str) -> None:
    """Towers of powers and divisions by zero end at once."""
    begun = time.process_time()
    assert score(question("formula", answer={"equals": "s", "variables": ["s"]}), text).share == 0
    assert time.process_time() - begun < 5


@given(st.integers(0, 2**32))
def test_value_agrees_with_python(seed: int) -> None:
    """A random formula of fractions has the value that Python's own fractions give it."""
    generator = random.Random(seed)

    def grow(depth: int) -> str:
        if depth == 0 or generator.random() < 0.2:
            return generator.choice(["x", "y", f"({generator.randrange(1, 9)})"])
        sign = generator.choice(["+", "-", "*", "/", "^"])
        if sign == "^":
            return f"({grow(depth - 1)})^{generator.randrange(4)}"
        return f"({grow(depth - 1)}{sign}{grow(depth - 1)})"

    text = grow(4)
    point = {"x": Fraction(generator.randrange(1, 50), 7), "y": Fraction(-generator.randrange(1, 50), 11)}
    python = re.sub(r"\((\d)\)", r"F(\1)", text).replace("^", "**")
    try:
        expected = eval(python, {"F": Fraction, **point})
    except ZeroDivisionError:
        with pytest.raises(Undefined):
            evaluate(parse(text, ("x", "y")), point)
    else:
        assert evaluate(parse(text, ("x", "y")), point) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [  # digits from the tables of the OEIS: A001113, A000796, A002162, A049469, A049470, A073742, A002193
        ("e", "2.71828182845904523536028747135266249775724709369995"),
        ("pi", "3.14159265358979323846264338327950288419716939937510"),
        ("ln(2)", "0.69314718055994530941723212145817656807550013436025"),
        ("sin(1)", "0.84147098480789650665250232163029899962256306079837"),
        ("cos(1)", "0.54030230586813971740093660744297660373231042061792"),
        ("sinh(1)", "1.17520119364380145688238185059560081515571798133409"),
        ("2^0.5", "1.41421356237309504880168872420969807856967187537694"),
    ],
)
def test_functions_have_fifty_right_digits(text: str, value: str) -> None:
    """Sixty digits are carried, and fifty of them are right."""
    assert abs(Fraction(evaluate(parse(text, ()), {})) - Fraction(value)) < Fraction(1, 10**49)


@pytest.mark.parametrize("angle", ["1000", "-77.5", "355", "0", "1.5707963267948966"])
def test_sine_is_right_for_large_angles(angle: str) -> None:
    """sin² + cos² = 1 and the sign is that of the library's, far from zero."""
    import math

    point = {"x": Fraction(angle)}
    sine, cosine = (Fraction(evaluate(parse(f"{name}(x)", ("x",)), point)) for name in ("sin", "cos"))
    assert abs(sine**2 + cosine**2 - 1) < Fraction(1, 10**55)
    assert float(sine) == pytest.approx(math.sin(float(angle)), abs=1e-12)
    assert float(cosine) == pytest.approx(math.cos(float(angle)), abs=1e-12)


def test_unknown_name_is_named() -> None:
    """The message names the word and the names that there are."""
    with pytest.raises(FormulaError, match=r"“t” here \(the names are s\)"):
        parse("t*(1-t)", ("s",))
