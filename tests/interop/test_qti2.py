"""QTI 2.2: valid against its schema where that can be had, and of the right structure everywhere."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.interop.samples import CONFORMANCE, KINDS, MULTIPLE, PIXEL, exported, messages, quiz_of

NAMES = {"q": "http://www.imsglobal.org/xsd/imsqti_v2p2", "m": "http://www.imsglobal.org/xsd/imscp_v1p1"}
SCHEMA = CONFORMANCE / "schema" / "qtiv2p2" / "imsqti_v2p2.xsd"
RICH = """
  - id: rich
    kind: single
    title: Every kind of text
    prompt: |-
      # Title

      A table and a [link](https://example.org), ~~struck~~:

      | a | b |
      | :-- | --: |
      | $x$ | ![a net](sample/net.png) |

      3. three
      4. four

      > quoted

      ```python
      x < 1
      ```

      $$
      x^2
      $$
    choices: [{text: "`a`", fixed: true}, {text: "$b$", correct: true, feedback: "*Yes*"}, {text: "line\\\\\\nbreak"}]
    explanation: "Because\\n\\n- one\\n- two"
"""


def files_of(folder: Path, questions: str, head: str = "") -> dict[str, Any]:
    """The documents of an export by name, pictures as bytes."""
    (folder / "sample").mkdir(exist_ok=True)
    (folder / "sample" / "net.png").write_bytes(PIXEL)
    data = exported(quiz_of(folder, questions, head), "qti2").data
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        read = {name: package.read(name) for name in package.namelist()}
    return {name: etree.fromstring(data) if name.endswith(".xml") else data for name, data in read.items()}


EVERYTHING = RICH + "".join(KINDS.values())
RULES = ("balanced", "net_correct", "all_or_nothing")


@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"the schema of QTI 2.2 is not in {SCHEMA.parent}")
@pytest.mark.parametrize("rule", RULES)
def test_items_and_test_are_valid(rule: str, tmp_path: Path) -> None:
    """Every item and the test follow the schema."""
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    for name, document in files_of(tmp_path, EVERYTHING + MULTIPLE.replace("RULE", rule).replace("xor", "two")).items():
        if name.endswith(".xml") and name != "imsmanifest.xml":
            schema.assertValid(document)


def test_package_names_all_of_its_files(tmp_path: Path) -> None:
    """The manifest lists every file, the test every item, in order."""
    files = files_of(tmp_path, EVERYTHING)
    listed = files["imsmanifest.xml"].xpath("//m:file/@href", namespaces=NAMES)
    assert sorted(listed) == sorted(set(files) - {"imsmanifest.xml"})
    items = files["test.xml"].xpath("//q:assessmentItemRef/@href", namespaces=NAMES)
    assert items == [
        f"items/{name}.xml" for name in ("rich", "gradient", "xor", "cosine", "who", "pairs", "years", "design")
    ]
    assert files["images/net.png"] == PIXEL


def test_identifiers_of_an_item_hold_together(tmp_path: Path) -> None:
    """What response processing, mappings and interactions name is declared or offered in the same item."""
    for name, item in files_of(tmp_path, EVERYTHING).items():
        if not name.startswith("items/"):
            continue
        declared = set(
            item.xpath("q:responseDeclaration/@identifier | q:outcomeDeclaration/@identifier", namespaces=NAMES)
        )
        used = item.xpath(
            "//q:responseProcessing//@identifier | //@responseIdentifier | //@outcomeIdentifier", namespaces=NAMES
        )
        assert set(used) <= declared
        offered = item.xpath("//q:simpleChoice/@identifier | //q:simpleAssociableChoice/@identifier", namespaces=NAMES)
        correct = " ".join(item.xpath("//q:correctResponse/q:value/text()", namespaces=NAMES)).split()
        if offered:
            assert set(correct) <= set(offered)
            assert len(offered) == len(set(offered))


def score(item: Any, picked: set[str]) -> float:
    """What a mapping gives for picked choices, by the rules of QTI's mapResponse."""
    (mapping,) = item.xpath("//q:mapping", namespaces=NAMES)
    entries = {each.get("mapKey"): float(each.get("mappedValue")) for each in mapping}
    total = sum(entries.get(name, float(mapping.get("defaultValue"))) for name in picked)
    return min(max(total, float(mapping.get("lowerBound", "-inf"))), float(mapping.get("upperBound", "inf")))


def test_mapping_scores_as_the_rule_does(tmp_path: Path) -> None:
    """Two right of five, balanced: all right 1, everything 0, one right a half, one right and one wrong a sixth."""
    item = files_of(tmp_path, KINDS["multiple"])["items/xor.xml"]
    picks = {"A C": 1, "A B C D E": 0, "A": 0.5, "A B": 1 / 6, "": 0, "B": 0}
    for picked, expected in picks.items():
        assert score(item, {f"choice_{each}" for each in picked.split()}) == pytest.approx(expected, abs=1e-9)


def test_pools_and_tolerances_are_there(tmp_path: Path) -> None:
    """A pool is a section that selects; tolerances are exact, absolute or relative."""
    rows = """
  - {id: a, kind: numeric, prompt: P, answer: {value: 3}}
  - {id: b, kind: numeric, prompt: P, answer: {value: 3, absolute: 0.25}}
  - {id: c, kind: numeric, prompt: P, answer: {value: 3, relative: 0.05}}
"""
    files = files_of(tmp_path, rows, "pools: [{id: some, pick: 1, questions: [a, b]}]\n")
    assert files["test.xml"].xpath("//q:selection/@select", namespaces=NAMES) == ["1"]
    modes = {
        name: dict(files[f"items/{name}.xml"].xpath("//q:equal", namespaces=NAMES)[0].attrib)
        for name in ("a", "b", "c")
    }
    assert modes["a"] == {"toleranceMode": "exact"}
    assert modes["b"] == {"toleranceMode": "absolute", "tolerance": "0.25 0.25"}
    assert modes["c"] == {"toleranceMode": "relative", "tolerance": "5 5"}


def test_what_cannot_be_carried_is_said(tmp_path: Path) -> None:
    """Formulas are refused, a rule without a mapping is a warning."""
    rows = MULTIPLE.replace("RULE", "coverage")
    rows += "  - {id: f, kind: formula, prompt: P, answer: {equals: x, variables: [x]}}\n"
    out = exported(quiz_of(tmp_path, rows), "qti2")
    assert [note.question for note in out.refused] == ["f"]
    assert "coverage" in messages(out)
