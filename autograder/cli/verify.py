"""`autograder verify`: an assignment's grader proven against known answers."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from autograder.cli.common import course_option, jobs_option, open_course
from autograder.cli.progress import Meter
from autograder.course import Assignment, load_assignment, relative_to
from autograder.dispatch.engine import LocalEngine
from autograder.grading.material import load_material
from autograder.grading.verify import Seen, Verification, read_cases, verify
from autograder.grading.workfolder import WorkFolder
from autograder.results import Verdict

_SIGNS = {Verdict.PASSED: "·", Verdict.FAILED: "x", Verdict.UNDECIDED: "?"}


@click.command()
@click.argument("names", metavar="[ID]…", nargs=-1)
@click.option("--repeat", type=click.IntRange(1, 100), default=1, show_default=True, help="Rounds, each another seed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per assignment instead.")
@jobs_option
@course_option
def command(names: tuple[str, ...], repeat: int, as_json: bool, jobs: int, course_folder: Path | None) -> int:
    """Prove the graders of assignments ID… (default: all): reference 100 %, blank 0, each wrong answer exactly its
    tests."""
    course = open_course(course_folder)
    ok = True
    for name in names or course.assignments:
        assignment = load_assignment(course, name)
        result = prove(assignment, repeat, jobs)
        ok = ok and result.ok
        if as_json:
            click.echo(json.dumps(to_json(result, assignment)))
        else:
            show(result, assignment, repeat)
    return 0 if ok else 1


def prove(assignment: Assignment, repeat: int, jobs: int) -> Verification:
    """Verify one assignment with a progress bar."""
    material = load_material(assignment)
    cases = tuple(read_cases(material))
    with (
        closing(WorkFolder()) as place,
        Meter(repeat * len(cases), assignment.id, "answers to grade") as meter,
    ):
        return verify(
            material,
            cases,
            place.path,
            LocalEngine(jobs).run,
            repeat=repeat,
            jobs=jobs,
            on_ready=meter.ready,
            on_case=lambda seen: meter.advance(),
        )


def show(result: Verification, assignment: Assignment, repeat: int) -> None:
    """Print the matrix, the time per question and what is wrong."""
    console = Console()
    console.print(f"[bold]{result.assignment}[/bold]: {len(result.tests)} tests, {len(result.cases)} known answers, "
                  f"{repeat} round{'s' * (repeat != 1)}", highlight=False)  # fmt: skip
    if result.seen:
        for line in matrix(result):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
        for question, seconds in result.seconds_per_question(tests_by_question(assignment)).items():
            console.print(f"  {question}: {seconds:.2f} s", highlight=False)
    for problem in relative_to(result.problems, Path.cwd()):
        console.print(str(problem), style="red", highlight=False, markup=False)
    console.print("green" if result.ok else f"{len(result.problems)} problems", style="green" if result.ok else "red")


def tests_by_question(assignment: Assignment) -> dict[str, tuple[str, ...]]:
    """Code question → its tests' ids."""
    found: dict[str, tuple[str, ...]] = {}
    for test in assignment.tests:
        found[test.question] = (*found.get(test.question, ()), test.id)
    return found


def matrix(result: Verification) -> list[str]:
    """Known answer × test: `x` lost, `·` passed, `?` undecided; a capital X where it was not foreseen.

    The signs stand first, so that they are one below the other in a narrow terminal, too.
    """
    lines = [f"{number:>3} {test}" for number, test in enumerate(result.tests, 1)]
    lines.append("".join(str(number % 10) for number in range(1, len(result.tests) + 1)))
    for case in result.cases:
        rounds = [seen for seen in result.seen if seen.case is case]
        signs = "".join(_sign(rounds, case.loses, test) for test in result.tests)
        lines.append(f"{signs}  {case.sort} {case.name}")
    return lines


def _sign(rounds: list[Seen], loses: frozenset[str], test: str) -> str:
    wanted = Verdict.FAILED if test in loses else Verdict.PASSED
    seen = {one.verdicts.get(test, Verdict.UNDECIDED) for one in rounds}
    odd = seen - {wanted}
    return _SIGNS[wanted] if not odd else {Verdict.FAILED: "X", Verdict.PASSED: "O", Verdict.UNDECIDED: "?"}[min(odd)]


def to_json(result: Verification, assignment: Assignment) -> dict[str, Any]:
    """The verification as data."""
    return {
        "assignment": result.assignment,
        "ok": result.ok,
        "tests": list(result.tests),
        "answers": [
            {
                "name": seen.case.name,
                "sort": seen.case.sort.value,
                "round": seen.round + 1,
                "loses": sorted(seen.case.loses),
                "verdicts": {test: verdict.value for test, verdict in seen.verdicts.items()},
                "fault": seen.fault,
            }
            for seen in result.seen
        ],
        "seconds": {
            question: round(seconds, 3)
            for question, seconds in result.seconds_per_question(tests_by_question(assignment)).items()
        },
        "problems": [
            {"file": str(p.file), "line": p.line, "key": p.key, "message": p.message, "remedy": p.remedy}
            for p in result.problems
        ],
    }
