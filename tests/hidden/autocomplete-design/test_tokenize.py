"""Hidden tests of the question `tokenize`."""

import pytest

from autograder.checks import assert_equal


@pytest.mark.question("tokenize", points=0.5, hint="When does an apostrophe belong to a word, and when is it a quote?")
def test_tokenize_apostrophes(student):
    """Inner apostrophes stay, those at the edge go."""
    tokens = student.call("tokenize", "It's 'yes' at six o'clock, the students' rock'n'roll isn't ''")
    expected = ["it's", "yes", "at", "six", "o'clock", ",", "the", "students", "rock'n'roll", "isn't"]
    assert_equal(tokens, expected)


@pytest.mark.question("tokenize", points=0.5, hint="Where does a number begin and end? Look at EEP596 and 3.50.")
def test_tokenize_numbers(student, rng):
    """A number is a run of digits, and letters end it."""
    n, m = (int(number) for number in rng.integers(100, 1000, size=2))
    assert_equal(
        student.call("tokenize", f"EEP{n} {m}.{n},{m}a"), ["eep", f"{n}", f"{m}", ".", f"{n}", ",", f"{m}", "a"]
    )


@pytest.mark.question("tokenize", points=0.5, hint="Is every mark a token of its own, also without a space before it?")
def test_tokenize_marks(student):
    """Four marks are tokens, each for itself."""
    assert_equal(
        student.call("tokenize", "what?! no...yes ,ok!"), ["what", "?", "!", "no", ".", ".", ".", "yes", ",", "ok", "!"]
    )


@pytest.mark.question("tokenize", points=0.5, hint="What becomes of hyphens, underscores, brackets and line ends?")
def test_tokenize_leaves_the_rest_out(student):
    """Everything else separates and is left out; a text without tokens gives an empty list."""
    tokens = student.call("tokenize", "<card> e-mail_me (now);\n50% $9 “quoted”\tend:")
    assert_equal(tokens, ["card", "e", "mail", "me", "now", "50", "9", "quoted", "end"])
    assert_equal(student.call("tokenize", " -- \n_"), [])


@pytest.mark.question("tokenize", points=0.5, hint="Which letters are there besides a to z?")
def test_tokenize_other_letters(student):
    """Letters of other alphabets are letters, and become lower-case too."""
    assert_equal(student.call("tokenize", "Café ÜBER naïve Ελλάδα"), ["café", "über", "naïve", "ελλάδα"])
