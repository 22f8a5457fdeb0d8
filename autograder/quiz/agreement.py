"""Whether the parts of a quiz agree: ids, pools, sections, and within each question what its own keys demand.

Works on what could be read: questions that are right by themselves, even if others are not, so that an author sees all
disagreements in the first run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.course.problems import did_you_mean, listed
from autograder.course.yamlfile import KeyPath, YamlFile
from autograder.errors import Problem
from autograder.quiz.questions import Pool, Question, QuizFile
from autograder.quiz.readable import unreadable
from autograder.quiz.soundness import faults_of


@dataclass(frozen=True, slots=True)
class Placed:
    """A question that is right by itself, and its place in the file."""

    place: KeyPath
    entry: Question


def check_question(file: YamlFile, question: Placed) -> Iterator[Problem]:
    """What does not agree within one question."""
    faults = list(faults_of(question.entry))
    for fault in faults or unreadable(question.entry):  # what is contradictory need not be read
        yield file.problem((*question.place, *fault.key), fault.message, fault.remedy)


def check_parts(
    file: YamlFile, questions: Sequence[Placed], broken: Iterable[str], model: QuizFile | None
) -> Iterator[Problem]:
    """Ids are unique; pools and sections name questions that are there; attempts give less credit each time."""
    seen: dict[str, int | None] = {}
    for question in questions:
        name = question.entry.id
        if name in seen:
            wrong = f"the question `{name}` is here twice, first on line {seen[name]}"
            yield file.problem((*question.place, "id"), wrong, "give every question of the quiz an id of its own")
        seen.setdefault(name, file.line((*question.place, "id")))
    if model is None:
        return
    known = {*seen, *broken}
    by_id = {question.entry.id: question.entry for question in questions}
    yield from _check_pools(file, model.pools, known, by_id)
    yield from _check_sections(file, model, known)
    credit = list(model.attempts.credit)
    if credit != sorted(credit, reverse=True):
        yield file.problem(("attempts", "credit"), "a later attempt earns more than an earlier one", "sort the list")


def _check_pools(
    file: YamlFile, pools: Sequence[Pool], known: set[str], by_id: dict[str, Question]
) -> Iterator[Problem]:
    home: dict[str, str] = {}
    names: set[str] = set()
    for number, pool in enumerate(pools):
        place: KeyPath = ("pools", number)
        if pool.id in names or pool.id in known:
            yield file.problem((*place, "id"), f"the id `{pool.id}` is used already", "give the pool an id of its own")
        names.add(pool.id)
        if pool.pick > len(pool.questions):
            wrong = f"the pool picks {pool.pick} of {len(pool.questions)} questions"
            yield file.problem((*place, "pick"), wrong, f"write at most {len(pool.questions)}")
        for position, name in enumerate(pool.questions):
            here = (*place, "questions", position)
            if name not in known:
                yield file.problem(here, f"there is no question `{name}`", did_you_mean(name, known, "add it"))
            elif name in home:
                wrong = f"the question `{name}` is in the pool `{home[name]}` already"
                yield file.problem(here, wrong, "put a question into one pool, once")
            home.setdefault(name, pool.id)
        amounts = {by_id[name].points for name in pool.questions if name in by_id}
        if len(amounts) > 1:
            wrong = (
                f"the questions of the pool `{pool.id}` have different points: {', '.join(map(str, sorted(amounts)))}"
            )
            yield file.problem(
                (*place, "questions"), wrong, "give them the same points, so that each draw is worth as much"
            )


def _check_sections(file: YamlFile, model: QuizFile, known: set[str]) -> Iterator[Problem]:
    if not model.sections:
        return
    pooled = {name for pool in model.pools for name in pool.questions}
    names = known | {pool.id for pool in model.pools}
    home: dict[str, str] = {}
    ids: set[str] = set()
    for number, section in enumerate(model.sections):
        if section.id in ids:
            yield file.problem(("sections", number, "id"), f"the section `{section.id}` is here twice", "rename one")
        ids.add(section.id)
        for position, name in enumerate(section.questions):
            here: KeyPath = ("sections", number, "questions", position)
            if name not in names:
                yield file.problem(here, f"there is no question or pool `{name}`", did_you_mean(name, names, "add it"))
            elif name in pooled:
                yield file.problem(here, f"the question `{name}` is in a pool", "name the pool here")
            elif name in home:
                yield file.problem(here, f"`{name}` is in the section `{home[name]}` already", "keep it in one section")
            home.setdefault(name, section.id)
    missing = sorted(names - pooled - set(home))
    if missing:
        wrong = f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} in no section"
        yield file.problem(("sections",), wrong, "add it to a section, or remove all sections")
