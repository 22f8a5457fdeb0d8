"""What `sanitise` makes of hostile text."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.sanitise import block, json_line, line, visible

ANYTHING = st.text(st.characters(exclude_categories=())) | st.text(
    st.sampled_from("\x1b[]m0;8\x07\\\r\nab\x9b\x9d\x9c\u202e\u200d\u0301é\ud800")
)


@given(ANYTHING)
def test_visible_leaves_nothing_hidden(text):
    """No control, format, surrogate or separator character survives, but a joiner among non-ASCII signs."""
    for sign in visible(text):
        kept = sign in "\n\t\u200c\u200d"
        assert kept or unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(ANYTHING)
def test_visible_twice_changes_nothing(text):
    """The result is stable, so that a text may pass two nets."""
    assert visible(visible(text)) == visible(text)


def test_visible_covers_every_format_character():
    """Python's own tables hold no control or format character that is passed on."""
    codes = map(chr, range(sys.maxunicode + 1))
    odd = [
        sign for sign in codes if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and sign not in "\n\t"
    ]
    assert [hex(ord(sign)) for sign in odd if visible(sign) == sign] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[Hgone", "␛␛gone"),
        ("\x1b]52;c;ZXZpbA==\x07x", "␛x"),
        ("\x1b]8;;http://evil\x1b\\here\x1b]8;;\x1b\\", "␛here␛"),
        ("\x1b]0;never closed", "␛]0;never closed"),
        ("\x1b\x1b[0m[2Jx", "␛x"),
        ("failed\rpassed", "failed␍\npassed"),
        ("a\r\nb", "a\nb"),
        ("nul\x00 bell\x07 del\x7f", "nul␀ bell␇ del␡"),
        ("abc\u202edef", "abc⟨U+202E⟩def"),
        ("a\u200db", "a⟨U+200D⟩b"),
        ("e" + "\u0301" * 9, "e" + "\u0301" * 4 + "⟨+5 marks⟩"),
    ],
)
def test_visible_shows_placeholder(text, shown):
    """Each kind of trick becomes what the table in the module's header says."""
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["naïve café", "می‌خواهم", "👩‍💻 ❤️", "क्‍ष", "日本語", "x² → ∞"])
def test_visible_keeps_honest_text(text):
    """Accents, other scripts and emoji stay as they are."""
    assert visible(text) == text


def test_line_is_one_line_and_marked_where_cut():
    """A name cannot open a second row."""
    assert line("a\nb\tc") == "a␊b c"
    assert line("x" * 300, 10) == "x" * 10 + "…"


def test_line_shows_colours_that_a_name_would_hide_in():
    """`ada` and `ada` with a colour code are two names, and look like two."""
    assert line("ada\x1b[m") == "ada␛"
    assert line("a\x9b31mda") == "a␛da"


@given(st.dictionaries(ANYTHING, ANYTHING | st.lists(ANYTHING)))
def test_json_line_hides_nothing_and_says_the_same(value):
    """One printable line that a program reads as the very value."""
    text = json_line(value)
    assert json.loads(text) == value
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not [sign for sign in text if unicodedata.category(sign) in hidden]


def test_json_line_leaves_letters_alone():
    """Names stay legible in every script; only what cannot be seen is spelled, and what would cover the next line."""
    assert json_line({"a": "日本 é naïve"}) == '{"a": "日本 é naïve"}'
    assert json_line({"a": "x\u202e\x7f\x9b\ud800"}) == r'{"a": "x\u202e\u007f\u009b\ud800"}'
    assert json_line({"a": "e" + "\u0301" * 6}) == '{"a": "e' + "\u0301" * 4 + r'\u0301\u0301"}'


def test_block_leaves_out_the_middle():
    """The beginning and the end of a long output stay, with the number of characters between."""
    shown = block("a" * 500 + "b" * 500, 90)
    assert shown == "a" * 60 + "\n[… 910 characters left out …]\n" + "b" * 30


def test_block_counts_lines():
    """A million short lines are cut as well."""
    shown = block("x\n" * 5_000, lines=30).split("\n")
    assert len(shown) == 31
    assert shown[20] == "[… 4,970 lines left out …]"
