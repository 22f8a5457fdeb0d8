"""What holds for all pages: hostile data stays data, and the frame is accessible and loads nothing."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

import autograder.reports
from autograder.reports import QuestionInfo, class_page, executed_page, student_page
from autograder.results import CellError, Evidence, Grading, Outcome

NOW = datetime(2025, 2, 4, 9, 30, tzinfo=UTC)
TEMPLATES = Path(autograder.reports.__file__).with_name("templates")
TAGS = """
html head meta title style body a div header p h1 h2 h3 main section strong span small svg rect path table thead tbody
tr th td ul li dl dt dd pre code b bdi blockquote footer details summary time desc line text img br
"""
ATTRIBUTES = """
lang charset http-equiv content name class href id aria-labelledby aria-label aria-hidden focusable viewbox role
preserveaspectratio width height x y x1 x2 y1 y2 d text-anchor scope dir tabindex datetime alt src
"""


def poisoned(grading: Grading, text: str) -> Grading:
    """The grading with the text in every field that data can fill; ids of tests and questions stay distinct."""
    questions = tuple(
        replace(question, tests=tuple(replace(test, id=f"{test.id}{text}", message=text) for test in question.tests))
        for question in grading.report.questions
    )
    report = replace(
        grading.report,
        student=text,
        members=(text, "grace"),
        submission=text,
        submitted_at=text,
        reason=text,
        questions=questions,
        repairs=(text,),
        flags=(text,),
        isolation=text,
        device=text,
    )
    data = [{text: text}, {"text/html": text}, {"image/svg+xml": text}, {"text/plain": text, text: text}]
    outputs = [{"output_type": "display_data", "data": item} for item in data] + [
        {"output_type": "stream", "name": text, "text": [text, text]},
        {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]},
        {"output_type": text, "data": text},
        {"output_type": "display_data", "data": {"image/png": text}},
    ]
    cells = [{"cell_type": text, "source": text, "outputs": outputs}, text, None]
    evidence = Evidence(
        details={f"{id}{text}": text for id in grading.evidence.seconds},
        seconds={f"{id}{text}": 0.5 for id in grading.evidence.seconds},
        errors=(CellError(text, 1, "cosine", text, text, 1, text),),
        written={"design": text},
        executed={text: {"cells": cells}},
    )
    return Grading(report, evidence)


def poisoned_info(info, text: str):
    """The assignment with the text in its titles and docstrings."""
    questions = tuple(
        QuestionInfo(question.id, text, question.kind, question.points, (text,)) for question in info.questions
    )
    tests = {f"{id}{text}": text for id in info.tests}
    return replace(info, title=text, course_title=text, questions=questions, tests=tests)


def pages(grading: Grading, info) -> dict[str, str]:
    """All pages of one submission, of a class of it, and of the same submission undecided and rejected."""
    ends = [replace(grading, report=replace(grading.report, outcome=outcome)) for outcome in Outcome]
    made = {"class": class_page(ends, info, generated_at=NOW)}
    for end in ends:
        made[f"student {end.report.outcome}"] = student_page(end, info)
        made[f"staff {end.report.outcome}"] = executed_page(end, info)
    return made


def test_hostile_text_adds_no_element(ada, school, page, hostile):
    """With hostile text in every field a page consists of the same elements and attributes as with harmless text."""
    harmless = pages(poisoned(ada, "harmless"), poisoned_info(school.INFO, "harmless"))
    for name, html in pages(poisoned(ada, hostile), poisoned_info(school.INFO, hostile)).items():
        assert page(html).shape == page(harmless[name]).shape, name


def test_hostile_text_leaves_only_known_elements(ada, school, page, hostile):
    """No element or attribute beyond ours, no link beyond the pages beside it, nothing hidden, nothing to load."""
    for html in pages(poisoned(ada, hostile), poisoned_info(school.INFO, hostile)).values():
        for tag, attributes in page(html).elements:
            assert tag in TAGS.split()
            assert set(attributes) <= set(ATTRIBUTES.split())
            assert re.fullmatch(r"#[a-z0-9-]+|(staff|students)/[\w.~-]+\.html", attributes.get("href", "#x"))
            assert attributes.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", html)
        html.encode("utf-8")


def test_every_page_forbids_to_load_anything(ada, school, page):
    """The policy stands before anything that it could forbid, and no script is there."""
    for html in pages(ada, school.INFO).values():
        metas = [attributes for tag, attributes in page(html).elements if tag == "meta"]
        assert metas[1]["http-equiv"] == "Content-Security-Policy"
        assert metas[1]["content"].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
        assert "<script" not in html
        assert "url(" not in html


def test_every_page_has_an_outline(ada, school, page):
    """One title, one first heading, no level left out, labels that exist, ids that are unique, scoped headings."""
    for html in pages(ada, school.INFO).values():
        elements = page(html).elements
        tags = [tag for tag, _ in elements]
        assert tags.count("h1") == tags.count("main") == 1
        levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
        assert all(after - before <= 1 for before, after in pairwise([0, *levels]))
        ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        for tag, attributes in elements:
            assert set(attributes.get("aria-labelledby", "").split()) <= set(ids)
            assert attributes.get("href", "#content").removeprefix("#") in {*ids, attributes.get("href")}
            assert tag != "th" or attributes["scope"] in {"col", "row"}
            assert tag != "img" or attributes["alt"]
            assert tag != "svg" or "role" in attributes or attributes["aria-hidden"] == "true"


def test_templates_never_switch_escaping_off():
    """No `safe`, no autoescape block, no raw block, no attribute without quotes, no inline handler."""
    for template in TEMPLATES.glob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|autoescape|{%-?\s*raw|=\{\{|\son\w+=|style=|<script", text), template.name


def colours(dark: bool) -> dict[str, str]:
    """The named colours of the style sheet."""
    css = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    light, night = re.findall(r":root \{(.*?)\}", css, re.S)[:2]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return {**found, **dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", night))} if dark else found


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_colours_have_contrast(dark):
    """Text reaches 4.5 : 1 on every ground it stands on, bars and outlines 3 : 1."""
    named = colours(dark)
    grounds = ("paper", "card", "code")
    text = [(colour, ground) for colour in ("ink", "muted", "accent") for ground in grounds]
    text += [(state, f"{state}-soft") for state in ("good", "bad", "unsure", "reject")]
    text += [("ink", f"{state}-soft") for state in ("good", "bad", "unsure", "reject", "accent")]
    for colour, ground in text:
        assert contrast(named[colour], named[ground]) >= 4.5, (colour, ground)
    for colour, ground in (("accent", "card"), ("accent", "track"), ("edge", "card"), ("bad", "code")):
        assert contrast(named[colour], named[ground]) >= 3, (colour, ground)
