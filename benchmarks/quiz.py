"""`python -m benchmarks.quiz`: how long a class's quiz takes, through the functions that the commands call.

A quiz of 20 questions of five kinds, with answers of made-up students as a response file has them. Measured are reading
the file, scoring, storing in a gradebook on disk, a regrade as a dry run and written (one key changed), and the item
analysis; CPU time of this process, which is what wall time is on a quiet machine. Exit status: 0 both contracted
numbers are met and time grows no faster than the class, 1 not.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from autograder.gradebook import Gradebook
from autograder.quiz.analysis import analyse
from autograder.quiz.draws import Draws
from autograder.quiz.load import load_quiz
from autograder.quiz.matrix import table_of
from autograder.quiz.questions import Quiz
from autograder.quiz.recording import record_scores
from autograder.quiz.regrade import commit, plan
from autograder.quiz.responses import load_responses
from autograder.quiz.sheet import score_class

SCORING, REGRADE = 1.0, 5.0
"""Contracted seconds for 1,000 students and 20 questions on 2 cores."""
CONTRACTED_CLASS = 1000
FASTER = 1.5
"""Time per student may grow by this factor from the smallest to the largest class: caches get colder."""

_QUESTIONS = (
    "kind: single, prompt: P, choices: [{text: a, correct: true}, {text: b}, {text: c}, {text: d}]",
    "kind: multiple, prompt: P, choices: [{text: a, correct: true}, {text: b, correct: true}, {text: c}, {text: d}]",
    "kind: numeric, prompt: P, answer: {value: 3.14, relative: 0.01}",
    "kind: text, prompt: P, answer: {accept: [transformer], ignore: [case, spaces], distance: 1}",
    "kind: order, prompt: P, choices: [{text: a}, {text: b}, {text: c}, {text: d}]",
)
_COUNT = 20


class Clock:
    """CPU seconds of this process by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measured(self, name: str) -> Iterator[None]:
        """Add what the block takes."""
        before = time.process_time()
        yield
        self.seconds[name] = time.process_time() - before


def write_quiz(path: Path, *, changed: bool = False) -> None:
    """A quiz of 20 questions; `changed`: the first one has another key."""
    questions = [f"  - {{id: q{place}, {_QUESTIONS[place % len(_QUESTIONS)]}}}" for place in range(_COUNT)]
    if changed:
        questions[0] = questions[0].replace("a, correct: true}, {text: b", "a}, {text: b, correct: true")
    path.write_text("\n".join(["quiz: bench", "title: Bench", "questions:", *questions]) + "\n")


def write_responses(path: Path, students: int) -> None:
    """A row for every student and question: right, wrong, odd and blank ones; numbers and words differ by student."""
    draw = random.Random(596)
    answers: tuple[Callable[[], str], ...] = (
        lambda: draw.choice("ABCD"),
        lambda: ";".join(draw.sample("ABCD", draw.randint(0, 4))),
        lambda: f"{draw.gauss(3.14, 0.05):.4f}",
        lambda: draw.choice(("transformer", "Transformers", "transfromer", f"net {draw.random():.5f}", "")),
        lambda: ";".join(draw.sample("ABCD", 4)),
    )
    with path.open("w", encoding="utf-8") as file:
        file.write("student,question,response\n")
        for student in range(students):
            file.writelines(f"s{student:06},q{place},{answers[place % 5]()}\n" for place in range(_COUNT))


def measure(folder: Path, students: int) -> dict[str, float]:
    """CPU seconds of each step for a class of that size."""
    clock, path, rows = Clock(), folder / "bench.yml", folder / "responses.csv"
    write_quiz(path)
    write_responses(rows, students)
    quiz = load_quiz(path)
    with clock.measured("read responses"):
        responses = load_responses(rows, {question.id for question in quiz.questions})
    with clock.measured("score"):
        scores = tuple(score_class(quiz, responses, Draws(quiz, None)))
    with Gradebook.open(folder / f"{students}.db") as gradebook:
        with clock.measured("store"):
            record_scores(gradebook.quizzes, quiz, responses, scores)
        _regrade(clock, gradebook, path)
    with clock.measured("analyse"):
        analyse(table_of(quiz, responses, Draws(quiz, None)).answers)
    return clock.seconds


def _regrade(clock: Clock, gradebook: Gradebook, path: Path) -> None:
    write_quiz(path, changed=True)
    quiz: Quiz = load_quiz(path)
    with clock.measured("regrade, dry run"):
        planned = plan(quiz, gradebook.quizzes, Draws(quiz, None))
    with clock.measured("regrade, written"):
        commit(gradebook.quizzes, planned, reason="benchmark", author="benchmark")


def table(results: dict[int, dict[str, float]]) -> Table:
    """One row a step, one column a class."""
    made = Table(title=f"Quizzes: CPU seconds for {_COUNT} questions", title_justify="left")
    made.add_column("")
    for students in results:
        made.add_column(f"{students:,} students", justify="right")
    for step in next(iter(results.values())):
        made.add_row(step, *(f"{seconds[step]:.2f}" for seconds in results.values()))
    return made


def faults(results: dict[int, dict[str, float]]) -> list[str]:
    """What is not as contracted, in sentences."""
    found = []
    if one := results.get(CONTRACTED_CLASS):
        for name, took, limit in (
            ("scoring", one["score"], SCORING),
            ("a regrade", one["regrade, dry run"] + one["regrade, written"], REGRADE),
        ):
            if took > limit:
                found.append(f"{name} of {CONTRACTED_CLASS:,} students takes {took:.2f} s, contracted are {limit:g} s")
    (small, first), (large, last) = min(results.items()), max(results.items())
    growth = (sum(last.values()) / large) / (sum(first.values()) / small)
    if growth > FASTER:
        found.append(f"a student costs {growth:.1f} times as much in a class of {large:,} as in one of {small:,}")
    return found


@click.command()
@click.option("--students", multiple=True, type=click.IntRange(min=1), default=(1000, 10_000, 100_000),
              show_default=True, help="Sizes of the class.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(path_type=Path), default=None, help="Write the numbers here.")
def main(students: tuple[int, ...], json_file: Path | None) -> None:
    """Measure reading, scoring, storing, regrading and analysing a quiz."""
    with tempfile.TemporaryDirectory(prefix="quiz-bench-") as name:
        measure(Path(name), 100)  # warm: imports, bytecode
        results = {count: measure(Path(name), count) for count in students}
    Console().print(table(results))
    wrong = faults(results)
    for line in wrong:
        click.echo(line, err=True)
    if json_file is not None:
        json_file.write_text(json.dumps(results, indent=1) + "\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
