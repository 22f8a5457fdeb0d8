"""One report as text for staff: every verdict with what lies behind it, the student's own faults, open questions.

Built from `reports.StaffView`, whose texts are sanitised. Everything is shown as rich `Text`, never as markup:
a student's text may hold brackets.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.reports import Kind, StaffView
from autograder.reports.amounts import amount, moment_of, seconds
from autograder.reports.redact import ErrorView, QuestionView, TestView
from autograder.results import Outcome, Verdict

WIDEST = 110
_VERDICTS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.UNDECIDED: "yellow"}
_OUTCOMES = {Outcome.GRADED: "green", Outcome.REJECTED: "red", Outcome.UNDECIDED: "yellow"}
_INDENT = 2
_DEEPER = 4
_NO_FENCE = "none"


def report_text(view: StaffView, number: int, person: str) -> Group:
    """The whole report number `number`; `person` is the roster's name, or empty."""
    return Group(*_header(view, person), *_questions(view), *_notes(view), Text(), _footer(view, number))


def _header(view: StaffView, person: str) -> Iterator[RenderableType]:
    report = view.public
    yield Text(report.assignment, style="bold")
    name = f"{report.student} ({person})" if person else report.student
    group = f", together with {', '.join(report.members)}" if report.members else ""
    yield Text(name + group)
    line = Text(report.outcome.value, style=_OUTCOMES[report.outcome])
    if report.outcome is Outcome.GRADED:
        line.append(f"  {amount(report.points)} of {amount(report.max_points)} points", style="bold default")
        if report.pending > 0:
            line.append(f", {amount(report.pending)} open for a person", style="default")
    yield line
    if report.reason:
        yield _indented(Text(report.reason))
    if view.isolation == _NO_FENCE and report.outcome is Outcome.GRADED:
        yield Text("Made without a fence: this is never exported as a grade.", style="red")


def _questions(view: StaffView) -> Iterator[RenderableType]:
    for question in view.public.questions:
        yield Text()
        yield _row("", Text(question.title, style="bold"), "", _points(question), "")
        for test in question.tests:
            yield from _test(test)
        if question.kind is Kind.WRITTEN:
            yield from _written(question)


def _points(question: QuestionView) -> Text:
    return Text(f"{amount(question.points)} / {amount(question.max_points)}", style="bold")


def _row(mark: str, name: Text, visibility: str, points: Text, time: str) -> Table:
    """One line in columns that are the same for all rows of a report."""
    row = Table.grid(padding=(0, 1), expand=True)
    if mark:
        row.add_column(width=_INDENT - 1)
        row.add_column(width=len(Verdict.UNDECIDED))
    row.add_column(ratio=1, overflow="fold")
    row.add_column(width=6)
    row.add_column(width=9, justify="right")
    row.add_column(width=7, justify="right")
    lead = [Text(), Text(mark, style=_VERDICTS[Verdict(mark)])] if mark else []
    row.add_row(*lead, name, visibility, points, Text(time, style="dim"))
    return row


def _test(test: TestView) -> Iterator[RenderableType]:
    points = Text(f"{amount(test.points)} / {amount(test.max_points)}")
    time = "" if test.seconds is None else seconds(test.seconds)
    yield _row(test.verdict.value, Text(test.id), test.visibility.value, points, time)
    if test.verdict is Verdict.PASSED:
        return
    if test.about:
        yield _labelled("about", test.about)
    if test.hint:
        yield _labelled("hint", test.hint)
    if test.saw:
        yield _labelled("saw", test.saw)


def _written(question: QuestionView) -> Iterator[RenderableType]:
    if question.answer:
        yield _labelled("answer", question.answer)
    else:
        yield _indented(Text("no answer", style="yellow"))
    if question.points is None:
        for text in question.rubric:
            yield _labelled("rubric", text)


def _notes(view: StaffView) -> Iterator[RenderableType]:
    report = view.public
    if report.errors:
        yield from _titled("Cells of the student's that failed")
        for error in report.errors:
            yield from _error(error)
    for title, texts in (("Flags", report.flags), ("Repairs", report.repairs)):
        if texts:
            yield from _titled(title)
            yield from (_indented(Text(text)) for text in texts)


def _titled(title: str) -> Iterator[Text]:
    yield Text()
    yield Text(title, style="bold")


def _error(error: ErrorView) -> Iterator[RenderableType]:
    place = f"cell {error.cell} of {error.notebook}"
    place += f", line {error.line}" if error.line is not None else ""
    place += f" ({error.question})" if error.question else ""
    yield _indented(Text(f"{place}: {error.name}: {error.message}"))
    if error.source:
        yield Padding(Text(error.source, style="dim"), (0, 0, 0, _DEEPER))


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, _INDENT))


def _labelled(label: str, text: str) -> Padding:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=6)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label, style="dim"), Text(text))
    return Padding(grid, (0, 0, 0, _DEEPER))


def _footer(view: StaffView, number: int) -> Text:
    report = view.public
    facts = [
        f"report {number}",
        f"fence {view.isolation}",
        f"device {view.device}",
        *([] if view.snapshots else ["snapshots off"]),
        f"seed {view.seed}",
        seconds(view.seconds),
        *([f"handed in {moment_of(report.submitted_at)}"] if report.submitted_at else []),
        report.submission[: len("sha256:") + 12],
    ]
    return Text(" · ".join(facts), style="dim")
