"""The executed notebook as staff see it."""

import base64
import struct
import zlib

import pytest

from autograder.reports import executed_page
from autograder.results import Evidence, Grading


def executed(ada, content):
    """Ada's submission with this as its executed notebook."""
    return Grading(ada.report, Evidence(executed={"n.ipynb": content}))


def test_executed_page_shows_evidence_and_outputs(ada, school, page):
    """Details of hidden tests, the rubric, text outputs without colour codes, and the picture."""
    parsed = page(executed_page(ada, school.INFO))
    for details in ada.evidence.details.values():
        assert details in parsed.text
    assert "Argues from the angle" in parsed.text
    assert "0.9659\ndone" in parsed.text
    assert "ZeroDivisionError: division by zero" in parsed.text
    assert [tag for tag, _ in parsed.elements].count("img") == 1


def test_executed_page_tells_the_peak_of_memory(ada, school, page):
    """Staff read how much memory a notebook took, where somebody counted it."""
    counted = Grading(ada.report, Evidence(peak=180 * 2**20))
    assert "180 MiB of memory at most" in page(executed_page(counted, school.INFO)).text.replace("\xa0", " ")
    assert "of memory" not in page(executed_page(Grading(ada.report, Evidence()), school.INFO)).text


def test_executed_page_tells_what_was_used_of_a_card(ada, school, page):
    """Staff read for each question the peak of memory and the time on a card, and what its driver saw."""
    tests = [test.id for question in ada.report.questions for test in question.tests][:2]
    used = {test: (2**20 * (n + 1), 0.25) for n, test in enumerate(tests)}
    text = page(executed_page(Grading(ada.report, Evidence(card=used, card_peak=2**31)), school.INFO)).text
    assert "2.0 GiB of the card at most" in text.replace("\xa0", " ")
    assert "On the card: " in text
    assert "the card" not in page(executed_page(Grading(ada.report, Evidence()), school.INFO)).text


def test_executed_page_quotes_rich_outputs(ada, school, page):
    """HTML, SVG, Markdown and LaTeX are their source; plain text goes before them and names what is left out."""
    outputs = [
        {"output_type": "display_data", "data": {"text/html": "<b>html</b>"}},
        {"output_type": "display_data", "data": {"image/svg+xml": ["<svg onload=", "alert(1)>"]}},
        {"output_type": "execute_result", "data": {"text/latex": "$x$", "text/plain": "plain x"}},
    ]
    parsed = page(executed_page(executed(ada, {"cells": [{"cell_type": "code", "outputs": outputs}]}), school.INFO))
    assert "<b>html</b>" in parsed.text
    assert "<svg onload=alert(1)>" in parsed.text
    assert "value (not shown: text/latex)" in parsed.text
    assert "plain x" in parsed.text


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {"cells": 3},
        {"cells": [None, 1, "x", {"outputs": {}}, {"source": {"a": 1}, "outputs": [None, {"data": [1]}]}]},
        {"cells": [{"outputs": [{"output_type": "error", "traceback": "no list"}, {"output_type": "stream"}]}]},
    ],
)
def test_executed_page_survives_any_json(ada, school, page, content):
    """A notebook of the wrong shape makes a page all the same."""
    assert "As it ran: n.ipynb" in page(executed_page(executed(ada, content), school.INFO)).text


def test_executed_page_is_bounded(ada, school):
    """Endless cells, outputs, texts and pictures are cut, and the page says so."""
    many = [{"output_type": "stream", "name": "stdout", "text": "spam\n" * 100_000}] * 50
    picture = {"output_type": "display_data", "data": {"image/png": school.png()}}
    cells = [{"cell_type": "code", "source": "x", "outputs": many}, *[{"outputs": [picture]}] * 1_000]
    html = executed_page(executed(ada, {"cells": cells}), school.INFO)
    assert len(html) < 2_000_000
    assert html.count("<img") == 30
    assert "10 more outputs left out" in html
    assert "601 more cells left out" in html
    assert "characters left out" in html


def blank(width: int, height: int) -> str:
    """A picture of one colour, a bit for each of its pixels, as the base64 text of an output."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + parts).decode()


def test_pixels_of_a_page_are_bounded(ada, school):
    """Large pictures, small as files, are shown until their pixels would fill the memory of whoever opens the page."""
    picture = {"output_type": "display_data", "data": {"image/png": blank(4_000, 3_900)}}
    html = executed_page(executed(ada, {"cells": [{"cell_type": "code", "outputs": [picture] * 9}]}), school.INFO)
    assert html.count("<img") == 4
    assert html.count("[a picture that cannot be shown]") == 5
