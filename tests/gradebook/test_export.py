"""The class as CSV: exact, harmless in a spreadsheet, and the same when read back."""

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.gradebook import Grade, Person, export_csv, guard, unguard
from autograder.results import Outcome


def _grade(student="ada", points="17", assignment="a", **more):
    amount = None if points is None else Decimal(points)
    grade = Grade(assignment, student, (student,), Outcome.GRADED, amount, Decimal(20), Decimal(0), None, 1)
    return replace(grade, **more)


def _table(grades, assignments=("a",), **more):
    stream = io.StringIO(newline="")
    export_csv(stream, grades, assignments=assignments, **more)
    return list(csv.reader(io.StringIO(stream.getvalue(), newline="")))


def test_rows_columns_and_exact_amounts():
    """One row per student, at least two decimals, and nothing rounded."""
    grades = [_grade(points="17"), _grade(assignment="b", points="0.125"), _grade("bob", "1E+1")]
    assert _table(grades, ("a", "b")) == [
        ["student", "a", "b", "total"],
        ["ada", "17.00", "0.125", "17.125"],
        ["bob", "10.00", "", "10.00"],
    ]


def test_roster_gives_names_and_rows_without_grades():
    """Everybody on the roster has a row, in its order; strangers follow."""
    people = [Person("bob", "Bob", "b@x.edu", "AA"), Person("cem")]
    assert _table([_grade("ada"), _grade("bob")], people=people) == [
        ["student", "name", "email", "section", "a", "total"],
        ["bob", "Bob", "b@x.edu", "AA", "17.00", "17.00"],
        ["cem", "", "", "", "", "0.00"],
        ["ada", "", "", "", "17.00", "17.00"],
    ]


def test_undecided_is_no_zero():
    """An undecided assignment leaves its cell and the total empty; a rejected one counts as zero."""
    undecided = _grade(points=None, outcome=Outcome.UNDECIDED)
    rejected = _grade("bob", None, outcome=Outcome.REJECTED)
    assert _table([undecided, rejected, _grade("bob", "3", "b")], ("a", "b"))[1:] == [
        ["ada", "", "", ""],
        ["bob", "", "3.00", "3.00"],
    ]


def test_group_members_share_a_report_and_the_later_one_counts():
    """Everybody in a group has its points, until a report of their own is recorded."""
    group = _grade("ada", "20", members=("ada", "bob"), report_id=1)
    own = _grade("bob", "5", report_id=2)
    for order in ([group, own], [own, group]):
        assert _table(order)[1:] == [["ada", "20.00", "20.00"], ["bob", "5.00", "5.00"]]


def test_hand_in_decides_and_not_who_was_graded_first():
    """Alone first, in a group later: the group's counts, in whatever order two jobs have recorded them."""
    early, late = "2025-02-03T10:00:00-08:00", "2025-02-03T19:00:00+00:00"
    for first, second in ((1, 2), (2, 1)):
        alone = _grade("ada", "20", submitted_at=early, report_id=first)
        group = _grade("ada+bob", "5", members=("ada", "bob"), submitted_at=late, report_id=second)
        assert _table([alone, group])[1][:2] == _table([group, alone])[1][:2] == ["ada", "5.00"]
        # Where one has no time nobody knows: the newer report counts.
        points = "5.00" if second > first else "20.00"
        assert _table([replace(alone, submitted_at=None), group])[1][:2] == ["ada", points]


def test_weights_make_the_total_a_share():
    """The total is weight times share, rounded once to four decimals."""
    grades = [_grade(points="1", max_points=Decimal(3)), _grade(assignment="b", points="20")]
    weights = {"a": Decimal(10), "b": Decimal(10)}
    assert _table(grades, ("a", "b"), weights=weights)[1] == ["ada", "1.00", "20.00", "13.3333"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-o", "@SUM(A1)", " =1", "＝1", "'=1", '=HYPERLINK("x")'])
def test_formula_is_text_and_the_same_on_reimport(cell):
    """The exported cell starts with an apostrophe, and unguard gives the id back."""
    row = _table([_grade(cell)])[1]
    assert row[0] == f"'{cell}"
    assert unguard(row[0]) == cell


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("\t=1", r"'\u0009=1"),
        ("new\nline", r"'new\u000aline"),
        ("clip\x1b]52;c;QQ==\x07", r"'clip\u001b]52;c;QQ==\u0007"),
        ("c1\x9b2J", r"'c1\u009b2J"),
        ("gnp\N{RIGHT-TO-LEFT OVERRIDE}", r"'gnp\u202e"),
        ("ad\N{ZERO WIDTH SPACE}a", r"'ad\u200ba"),
        ("ad\N{ZERO WIDTH JOINER}a", r"'ad\u200da"),
        ("tag\U000e0041", r"'tag\U000e0041"),
        ("half\ud800", r"'half\ud800"),
        ("=\\u202e", r"'=\\u202e"),
        ("ada;=1+1", r"'ada;\u003d1+1"),
        ('x, "@y', r"""'x, "\u0040y"""),
        ("plain\\u202e", "plain\\u202e"),
        ("می‌خواهم", "می‌خواهم"),
        ("👩‍💻", "👩‍💻"),
        ("Smith; Ann-Marie", "Smith; Ann-Marie"),
    ],
)
def test_hidden_characters_are_spelled_and_the_same_on_reimport(cell, shown):
    """What a terminal would obey, or an eye not see, is spelled; honest text and harmless backslashes stay bare."""
    assert guard(cell) == shown
    assert unguard(shown) == cell


@given(st.text(st.characters(exclude_categories=())) | st.text("=;, '\"\\u0123456789abcdef\x1b\u202eU\n"))
def test_every_cell_survives_guard_and_csv(cell):
    """Whatever a name holds, it is harmless on the way out and itself on the way in."""
    assert unguard(guard(cell)) == cell
    if cell:
        people = [Person(cell, cell, cell, cell)]
        row = _table([_grade(cell)], people=people)[1]
        assert [unguard(text) for text in row[:4]] == [cell] * 4


@given(st.text("=+-@;,|\t\n\r\"' ab\x1b", max_size=12), st.sampled_from(",;\t|"))
def test_no_spreadsheet_finds_a_formula_whatever_separates_its_cells(cell, separator):
    """Read with any separator, quotes obeyed or not, no cell of the file begins like a formula or hides anything."""
    stream = io.StringIO(newline="")
    export_csv(stream, [_grade(cell)], assignments=("a",), people=[Person(cell, cell)], status=True)
    text = stream.getvalue()
    assert text.replace("\r\n", "").isprintable()
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting):
            assert not [found for found in row if found.lstrip('" ').startswith(tuple("=+-@"))]


@given(st.lists(st.decimals(0, 100, places=3), max_size=20))
def test_totals_are_exact(amounts):
    """Adding decimals loses nothing."""
    names = [f"a{number}" for number in range(len(amounts))]
    grades = [_grade(assignment=name, points=str(amount)) for name, amount in zip(names, amounts, strict=True)]
    table = _table(grades, names, people=[Person("ada")])
    assert Decimal(table[1][-1]) == sum(amounts)


def test_exported_from_a_gradebook(book, record, grading):
    """`grades` feeds the export directly."""
    record(grading(points="0.30"))
    assert _table(book.grades("cosine"), ("cosine",)) == [["student", "cosine", "total"], ["ada", "0.30", "0.30"]]
