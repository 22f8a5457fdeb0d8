"""Hidden tests of the question `glove`."""

import re

import numpy as np
import pytest

from autograder.checks import assert_equal, assert_raises
from autograder.errors import StudentError


def vector(*values):
    """One word's vector as the box asks for it."""
    return np.array(values, dtype=np.float32)


def broken_file(student, name, lines, number, line):
    """The path of a file with these lines, in which one line, counted from 1, is replaced by another."""
    return student.file(name, ("\n".join([*lines[: number - 1], line, *lines[number:]]) + "\n").encode())


def assert_names(error, number):
    """The message holds the number of the line, and not as a part of a longer number."""
    assert re.search(rf"(?<!\d){number}(?!\d)", error.message), f"the message does not name line {number}"


@pytest.mark.question("glove", points=0.5, hint="Which vector does a word get that stands on two lines?")
def test_glove_keeps_the_first_of_a_repeated_word(student, rng):
    """A repeated word keeps its first vector."""
    first, second, third = (rng.integers(1, 100, size=3) for _ in range(3))
    rows = [("milk", first), ("honey", second), ("milk", third), ("milk", second)]
    text = "".join(f"{word} {' '.join(map(str, values))}\n" for word, values in rows)
    vectors = student.call("load_glove", student.file("repeated.txt", text.encode()))
    assert_equal(vectors, {"milk": vector(*first), "honey": vector(*second)})


@pytest.mark.question(
    "glove",
    points=0.5,
    hint="Lines can be malformed in several ways: what is raised, and which number does each message name?",
)
def test_glove_names_the_malformed_line(student):
    """A malformed line of any kind raises ValueError with its number, counted from 1."""
    lines = [f"word{letter} 0.5 0.25 0.125" for letter in "abcdefghijklmnopqrs"]
    good = student.call("load_glove", student.file("good.txt", "\n".join([*lines[:2], ""]).encode()))
    assert_equal(good, {"worda": vector(0.5, 0.25, 0.125), "wordb": vector(0.5, 0.25, 0.125)})
    for number, values in [(17, "0.5 0.25"), (12, "0.5 0.25 0.125 0.5")]:
        path = broken_file(student, f"values-{values.count(' ')}.txt", lines, number, f"broken {values}")
        assert_names(assert_raises(ValueError, student.call, "load_glove", path), number)
    others = [("text", 14, "broken 0.5 abc 0.5"), ("nan", 16, "broken 0.5 0.5 nan"), ("inf", 11, "broken -inf 0.5 0.5")]
    for name, number, line in [*others, ("blank", 13, "")]:
        path = broken_file(student, f"{name}.txt", lines, number, line)
        try:
            student.call("load_glove", path)  # that something is raised here is asked for by the next two tests
        except StudentError as error:
            if error.is_a("ValueError"):
                assert_names(error, number)


@pytest.mark.question("glove", points=0.5, hint="float() reads more texts than finite numbers.")
def test_glove_refuses_what_is_no_finite_number(student):
    """A value that is text, not a number or infinite raises ValueError."""
    good = student.call("load_glove", student.file("good.txt", b"milk 1 2\nhoney 25e-2 -0.5\n"))
    assert_equal(good, {"milk": vector(1, 2), "honey": vector(0.25, -0.5)})
    for index, text in enumerate(["abc", "nan", "inf", "-inf"]):
        path = student.file(f"bad{index}.txt", f"milk 1 2\nhoney 3 {text}\ncake 5 6\n".encode())
        assert_raises(ValueError, student.call, "load_glove", path)


@pytest.mark.question("glove", points=0.5, hint="Where in the file may a blank line stand, and where not?")
def test_glove_blank_lines(student):
    """A blank line is malformed inside the file and ignored at its end."""
    good = student.call("load_glove", student.file("end.txt", b"milk 1 2\nhoney 3 4\n\n"))
    assert_equal(good, {"milk": vector(1, 2), "honey": vector(3, 4)})
    path = student.file("middle.txt", b"milk 1 2\n\nhoney 3 4\n")
    assert_raises(ValueError, student.call, "load_glove", path)


@pytest.mark.question(
    "glove", points=0.5, hint="In which encoding is the file, and which character alone separates the fields?"
)
def test_glove_words_beyond_ascii(student):
    """Words are read as UTF-8, and a no-break space belongs to the word."""
    text = "café 1 2\nnew\u00a0york 3 4\nΩmega 5 6\n"
    vectors = student.call("load_glove", student.file("words.txt", text.encode("utf-8")))
    assert_equal(vectors, {"café": vector(1, 2), "new\u00a0york": vector(3, 4), "Ωmega": vector(5, 6)})
