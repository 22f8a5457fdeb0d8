"""Canvas' QTI 1.2 as we write it, and forms of it that the conformance items have not."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from autograder.interop.package import write_zip
from autograder.quiz.questions import NumericQuestion
from tests.interop.samples import KINDS, MULTIPLE, PIXEL, exported, first, imported, loaded, messages, quiz_of


def items_of(folder: Path, questions: str) -> list[Any]:
    """The items of an export, without namespaces."""
    with zipfile.ZipFile(io.BytesIO(exported(quiz_of(folder, questions), "canvas").data)) as package:
        text = package.read("sample/sample.xml").replace(b'xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"', b"")
    return list(etree.fromstring(text).iter("item"))


def item(inside: str, kind: str, cardinality: str = "Single") -> bytes:
    """A file with one item and two choices, scored by `inside`."""
    return (
        '<questestinterop><item ident="q" title="Q"><itemmetadata><qtimetadata><qtimetadatafield>'
        f"<fieldlabel>question_type</fieldlabel><fieldentry>{kind}</fieldentry></qtimetadatafield></qtimetadata>"
        "</itemmetadata><presentation><material><mattext>What?</mattext></material>"
        f'<response_lid ident="r" rcardinality="{cardinality}"><render_choice>'
        '<response_label ident="a"><material><mattext>A</mattext></material></response_label>'
        '<response_label ident="b"><material><mattext>B</mattext></material></response_label></render_choice>'
        f"</response_lid></presentation><resprocessing>{inside}</resprocessing></item></questestinterop>"
    ).encode()


def condition(test: str, score: str = "100") -> str:
    """A condition that sets the score."""
    return f'<respcondition><conditionvar>{test}</conditionvar><setvar action="Set">{score}</setvar></respcondition>'


def test_several_right_choices_are_and_of_not(tmp_path: Path) -> None:
    """`varequal` for right and `not varequal` for wrong choices, joined by `and`, all of the points at once."""
    (made,) = items_of(tmp_path, MULTIPLE.replace("RULE", "net_correct"))
    (join,) = made.iter("and")
    assert [each.tag for each in join] == ["varequal", "not", "varequal", "not", "not"]
    assert [each.text for each in made.iter("setvar")] == ["100"]


@pytest.mark.parametrize(
    ("answer", "exact", "ends"),
    [
        ("value: 200, relative: 0.2", {"margintype": "percent", "margin": "20"}, ("vargte", "160.0", "240.0")),
        ("value: 200, absolute: 0.5", {}, ("vargte", "199.5", "200.5")),
        ("value: 1000, decimals: 2", {"precisiontype": "decimals", "precision": "2"}, ("vargt", "999.995", "1000.005")),
        (
            "value: 1234, sigfigs: 2",
            {"precisiontype": "significantDigits", "precision": "2"},
            ("vargt", "1184", "1284"),
        ),
        ("value: -7, relative: 0.1", {"margintype": "percent", "margin": "10"}, ("vargte", "-7.7", "-6.3")),
    ],
)
def test_number_is_exact_or_within(answer: str, exact: dict[str, str], ends: tuple[str, ...], tmp_path: Path) -> None:
    """`varequal` or a range; a precision excludes its lower end."""
    (made,) = items_of(tmp_path, f"\n  - {{id: n, kind: numeric, prompt: P, answer: {{{answer}}}}}\n")
    (join,) = made.iter("or")
    equal, both = join
    assert {key: equal.get(key) for key in exact} == exact
    assert both[0].tag == ends[0]
    assert [Decimal(each.text) for each in both] == [Decimal(ends[1]), Decimal(ends[2])]


def test_best_of_a_lopsided_range_is_said(tmp_path: Path) -> None:
    """A range that is not around its best answer becomes one around its middle."""
    test = "<or><varequal>3</varequal><and><vargte>2</vargte><varlte>5</varlte></and></or>"
    placed = imported(item(condition(test), "numerical_question"), "canvas")
    question = first(loaded(placed, tmp_path))
    assert isinstance(question, NumericQuestion)
    assert (question.answer.value, question.answer.absolute) == (Decimal("3.5"), Decimal("1.5"))
    assert "best answer" in messages(placed)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (item(condition("<varequal>a</varequal>"), "hotspot"), "not known here"),
        (item(condition("<varequal>z</varequal>"), "multiple_choice_question"), "in a way that is not known"),
        (item("", "multiple_choice_question"), "does not say which"),
        (item(condition("<or><varequal>a</varequal><varequal>b</varequal></or>"), "multiple_answers_question"), "<or>"),
        (item(condition("<varequal>x</varequal>"), "numerical_question"), "no number"),
        (item(condition("<vargte>1</vargte>"), "numerical_question"), "no end"),
        (item(condition("<varequal>a</varequal>", "many"), "multiple_choice_question"), "no number"),
        (item(condition("<varequal>a</varequal>"), "ordering_question"), "right order"),
        (item(condition("<varequal>b</varequal>"), "matching_question"), "what belongs to what"),
        (item("", "calculated_question"), "formula"),
        (item("", "short_answer_question"), "no text"),
    ],
)
def test_item_is_refused_with_a_reason(data: bytes, words: str) -> None:
    """What is not understood is refused, never guessed."""
    (note,) = imported(data, "canvas").refused
    assert words in note.message


def test_pictures_are_found_as_canvas_names_them(tmp_path: Path) -> None:
    """In web_resources/, percent-encoded, with a query behind; one of no known kind is left out."""
    texts = "".join(
        f'&lt;img alt="p" src="{address}"/&gt;'
        for address in (
            "$IMS-CC-FILEBASE$/a%20b.png?canvas=1",
            "%24IMS-CC-FILEBASE%24/x/c.png",
            "$IMS-CC-FILEBASE$/d.svg",
        )
    )
    quiz = item(condition("<varequal>a</varequal>"), "multiple_choice_question").replace(
        b"<mattext>What?", f'<mattext texttype="text/html">{texts}'.encode()
    )
    package = write_zip(
        {
            "imsmanifest.xml": b"<manifest/>",
            "q.xml": quiz,
            "web_resources/a b.png": PIXEL,
            "x/c.png": PIXEL + b"2",
            "d.svg": b"<svg/>",
        }
    )
    placed = imported(package, "canvas")
    assert placed.pictures == {"a-b.png": PIXEL, "c.png": PIXEL + b"2"}
    assert first(loaded(placed, tmp_path)).prompt.startswith("![p](back/a-b.png)![p](back/c.png)")
    assert "d.svg" in messages(placed)


def test_pool_that_lost_its_questions_is_said() -> None:
    """A group whose questions are refused can draw nothing."""
    group = (
        "<questestinterop><section ident='g' title='G'><selection_ordering><selection><selection_number>2"
        "</selection_number></selection></selection_ordering><item ident='x' title='X'/></section></questestinterop>"
    )
    placed = imported(group.encode(), "canvas")
    assert "picks none" in messages(placed)
    assert not placed.questions


def test_what_canvas_lacks_is_said(tmp_path: Path) -> None:
    """Rules, penalties, tags, patterns, tolerances of meaning: a warning each, or a reason."""
    rows = """
  - id: a
    kind: single
    prompt: P
    penalty: 0.25
    tags: [t]
    certainty: true
    choices: [{text: x}, {text: y, correct: true}]
  - {id: b, kind: text, prompt: P, answer: {accept: [word], distance: 1}}
  - {id: c, kind: text, prompt: P, answer: {pattern: "w.*"}}
  - {id: d, kind: numeric, prompt: P, answer: {value: 7, geometric: 1}}
  - {id: e, kind: numeric, prompt: "{x}", parameters: {x: {range: [1, 9]}}, answer: {formula: x}}
  - {id: f, kind: code, prompt: P, tests: hidden/x}
"""
    out = exported(quiz_of(tmp_path, rows + KINDS["multiple"].lstrip("\n")), "canvas")
    assert [note.question for note in out.refused] == ["c", "d", "e", "f"]
    said = messages(out)
    for words in ("wrong choice costs", "tags", "certainty", "typing errors", "small letters", "`balanced`"):
        assert words in said
