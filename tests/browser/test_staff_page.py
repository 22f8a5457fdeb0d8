"""The pages of a hostile submission, opened as a TA opens them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.reports import AssignmentInfo, Kind, QuestionInfo, write_reports
from autograder.results import (
    CellError,
    Evidence,
    Grading,
    Outcome,
    QuestionResult,
    Report,
    TestResult,
    Verdict,
    Visibility,
)

from .conftest import Listener
from .hostile import NAVIGATE, OUTPUTS, TYPESETTER, Hostile, rendered

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECONDS = 0.7
"""How long nothing must happen; the control below shows that everything happens in far less."""
LONGEST = 20.0
POINTS = Decimal(2)
INFO = AssignmentInfo(
    "sums", "Sums", "A course", POINTS * 2, (QuestionInfo("q", "A sum", Kind.CODE, POINTS * 2),), {"test_sum": "Sums."}
)


def hostile_grading(url: str) -> Grading:
    """A submission that has every hostile text as every kind of output, and wherever a text can stand."""
    texts = [output.at(url) for output in OUTPUTS]
    kinds = dict.fromkeys(output.kind for output in OUTPUTS)
    outputs: list[dict[str, Any]] = [
        {"output_type": "display_data", "data": {kind: text}, "metadata": {"isolated": False}}
        for text in texts
        for kind in kinds
    ]
    outputs += [{"output_type": "execute_result", "data": {"text/plain": text, "text/html": text}} for text in texts]
    outputs += [{"output_type": "stream", "name": "stdout", "text": text} for text in texts]
    outputs += [{"output_type": "error", "ename": text, "evalue": text, "traceback": [text]} for text in texts]
    cells = [{"cell_type": "markdown", "source": text} for text in texts]
    cells += [{"cell_type": "code", "source": texts[0], "outputs": outputs[at : at + 30]} for at in range(0, 300, 30)]
    everything = "\n".join(texts)
    passed = TestResult("test_sum", Verdict.PASSED, POINTS, POINTS, Visibility.PUBLIC)
    failed = TestResult("test_more", Verdict.FAILED, Decimal(0), POINTS, Visibility.PUBLIC, everything)
    report = Report(
        assignment="sums",
        student=texts[0],
        members=tuple(texts),
        submission="sha256:0",
        outcome=Outcome.GRADED,
        max_points=POINTS * 2,
        points=POINTS,
        questions=(QuestionResult("q", POINTS, POINTS * 2, (passed, failed)),),
        repairs=tuple(texts),
        flags=tuple(texts),
        isolation="full",
    )
    errors = tuple(CellError("n.ipynb", 0, "q", text, text, 1, text) for text in texts)
    details = {"test_more": everything}
    return Grading(report, Evidence(details, {}, errors, {"w": everything}, {"n.ipynb": {"cells": cells}}))


@pytest.fixture
def folder(tmp_path: Path, listener: Listener) -> Path:
    """The reports of that submission, and of the same one rejected."""
    grading = hostile_grading(listener.url)
    everything = "\n".join(output.at(listener.url) for output in OUTPUTS)
    refused = replace(grading.report, student="refused", outcome=Outcome.REJECTED, points=None, reason=everything)
    write_reports(tmp_path, [grading, Grading(refused)], INFO, generated_at=datetime(2025, 2, 3, tzinfo=UTC))
    return tmp_path


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def settle(page: Page, listener: Listener, wanted: set[str] = frozenset(), seconds: float = SECONDS) -> None:  # type: ignore[assignment]
    """Wait until the listener heard what is wanted, or for so long."""
    for _ in range(int(seconds * 10)):
        if wanted and wanted <= listener.heard:
            return
        page.wait_for_timeout(100)


def test_nothing_of_a_hostile_submission_acts(page: Page, folder: Path, listener: Listener) -> None:
    """Opened and clicked through, no page runs a script, asks anybody for anything or leads away; all is legible."""
    asked: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    assert len(pages(folder)) == 5
    for path in pages(folder):
        page.goto(path.as_uri())
        page.mouse.click(600, 450)
        settle(page, listener)
        assert page.url == path.as_uri()
        assert page.evaluate("window.ran") is None
        assert page.locator("script, iframe, object, embed, form, input, link, base, video, style + style").count() == 0
        assert page.locator("meta[http-equiv=refresh]").count() == 0
        assert page.locator("h1").inner_text() == "Sums"
        assert page.locator("main").is_visible()
        for link in page.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
            assert re.fullmatch(r"#[a-z0-9-]+|(staff|students)/[\w.~%-]+\.html", link)
    assert listener.heard == set()
    assert dialogs == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}


def test_staff_page_shows_what_was_tried(page: Page, folder: Path, listener: Listener) -> None:
    """Every hostile text is there to be read, as text, below the notice that says whose words these are."""
    (path,) = [path for path in pages(folder / "staff") if path.name != "refused.html"]
    page.goto(path.as_uri())
    text = page.locator("body").inner_text()
    assert [output.name for output in OUTPUTS if output.at(listener.url) not in text] == []
    assert "2 of 4 points" in text
    assert text.index("quotes a student’s work") < text.index("As it ran: n.ipynb")


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.name)
def test_the_same_output_acts_where_it_is_rendered(page: Page, listener: Listener, output: Hostile) -> None:
    """The control: in a page that trusts its author the output reaches the listener."""
    listener.files["typesetter.js"] = TYPESETTER
    html = f"<!doctype html><title>x</title><h1>x</h1><main>{rendered(output, listener.url)}</main>"
    listener.files["page.html"] = f"{html}<script src='/typesetter.js'></script>"
    page.goto(f"{listener.url}/page.html")
    if output.click is not None:
        page.locator(output.click).click(no_wait_after=True)
    settle(page, listener, {output.name}, LONGEST)
    assert output.name in listener.heard


@pytest.mark.parametrize("policy", [True, False])
def test_policy_holds_where_escaping_failed(page: Page, folder: Path, listener: Listener, policy: bool) -> None:
    """The second net: put into our page as they stand, the outputs run nothing and ask nobody; without it they do."""
    path = pages(folder / "staff")[0]
    html = path.read_text(encoding="utf-8")
    outputs = [output for output in OUTPUTS if output.name not in NAVIGATE]
    raw = "".join(rendered(output, listener.url) for output in outputs)
    whole = html.replace('<main id="content">', f'<main id="content">{raw}', 1)
    assert whole != html
    if not policy:
        whole, count = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", whole)
        assert count == 1
    path.write_text(whole, encoding="utf-8")
    page.goto(path.as_uri())
    for output in outputs:
        if output.click is not None and policy:
            page.locator(output.click).dispatch_event("click")
    settle(page, listener, set() if policy else {"script", "iframe", "svg"}, SECONDS if policy else LONGEST)
    assert page.evaluate("window.ran") == (None if policy else 1)
    assert (listener.heard == set()) is policy
