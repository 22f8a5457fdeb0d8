"""Our Canvas package beside that of text2qti 0.8.0, item by item, for the kinds that both know."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from autograder.interop.fromhtml import to_markdown
from tests.interop.samples import exported, quiz_of

text2qti = pytest.importorskip("text2qti.quiz")
qti = pytest.importorskip("text2qti.qti")
config = pytest.importorskip("text2qti.config")

THEIRS = """Quiz title: A sample

Title: single
Points: 2
1. What does *back-propagation* compute for $x_1^2$?
... It computes; the optimiser steps.
*a) The **gradient** of the loss
... Yes.
b) A step of `SGD`
... That uses it.
c) Less than $a < b$ & more

Title: truth
2. Attention is all you need.
*a) True
b) False

Title: multiple
Points: 1.5
3. Which can represent XOR?
[*] A tree
[ ] A linear model
[*] A network

Title: text
4. Which model?
* transformer
* a <b> & c

Title: exact
5. How many?
= 1234 +- 0

Title: margin
6. Which cosine?
= 0.99 +- 0.05

Title: essay
7. Which movie, and why?
... Any answer with numbers.
____
"""
OURS = """
  - id: single
    kind: single
    points: 2
    prompt: "What does *back-propagation* compute for $x_1^2$?"
    explanation: It computes; the optimiser steps.
    choices:
      - {text: "The **gradient** of the loss", correct: true, feedback: Yes.}
      - {text: "A step of `SGD`", feedback: That uses it.}
      - {text: "Less than $a < b$ & more"}
  - id: truth
    kind: single
    prompt: Attention is all you need.
    choices: [{text: "True", correct: true}, {text: "False"}]
  - id: multiple
    kind: multiple
    points: 1.5
    prompt: Which can represent XOR?
    choices: [{text: A tree, correct: true}, {text: A linear model}, {text: A network, correct: true}]
  - {id: text, kind: text, prompt: Which model?, answer: {accept: [transformer, a <b> & c], ignore: [case]}}
  - {id: exact, kind: numeric, prompt: How many?, answer: {value: 1234}}
  - {id: margin, kind: numeric, prompt: Which cosine?, answer: {value: 0.99, absolute: 0.05}}
  - id: essay
    kind: open
    credit: participation
    prompt: "Which movie, and why?"
    explanation: Any answer with numbers.
"""
NUMBERS = ("vargte", "varlte")


def items(package: bytes) -> Iterator[Any]:
    """The items of a package."""
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        assert "imsmanifest.xml" in files.namelist()
        inside = [each for each in files.namelist() if each.endswith(".xml") and each.count("/") == 1]
        (name,) = [each for each in inside if "meta" not in each]
        yield from etree.fromstring(files.read(name)).iter("{*}item")


def reduced(item: Any) -> list[tuple[Any, ...]]:
    """An item as a list of its elements: names, attributes, texts; identifiers by the order in which they come.

    HTML is compared as what it shows, numbers as numbers: both are written a little differently.
    """
    names: dict[str, str] = {}

    def named(value: str) -> str:
        stem = value.removesuffix("_fb")
        fixed = {"general", "correct", "general_incorrect", "response1", "answer1"}
        return value if stem in fixed else names.setdefault(stem, f"#{len(names)}") + value[len(stem) :]

    def shown(element: Any) -> object:
        text = (element.text or "").strip()
        tag = etree.QName(element).localname
        if tag == "mattext":
            return " ".join(to_markdown(text, []).replace("’", "'").split())
        if tag == "varequal" and text in choices:
            return named(text)
        return float(text) if tag in (*NUMBERS, "setvar") or (numeric and tag == "varequal") else text

    fields = {each[0].text: each[1].text for each in item.iter("{*}qtimetadatafield")}
    choices = {each.get("ident") for each in item.iter("{*}response_label")}
    numeric = fields["question_type"] == "numerical_question"
    rows: list[tuple[Any, ...]] = [(fields["question_type"], float(fields["points_possible"]))]
    for element in item.iter():
        tag = etree.QName(element).localname
        if tag in ("item", "itemmetadata", "qtimetadata", "qtimetadatafield", "fieldlabel", "fieldentry"):
            continue
        attributes = {
            key: named(value) if key in ("ident", "linkrefid") else value for key, value in element.attrib.items()
        }
        rows.append((tag, attributes, shown(element)))
    return rows


def test_every_item_is_equal(tmp_path: Path) -> None:
    """Type, points, texts, feedback, right answers and the order of all of it are the same."""
    theirs = qti.QTI(text2qti.Quiz(THEIRS, config=config.Config(), source_name="sample")).zip_bytes()
    ours = exported(quiz_of(tmp_path, OURS), "canvas").data
    pairs = list(zip(items(theirs), items(ours), strict=True))
    assert len(pairs) == 7
    for their, our in pairs:
        assert reduced(our) == reduced(their)
