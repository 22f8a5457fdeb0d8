"""A changed key: who changes and by how much, written once with a reason, raw responses untouched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.gradebook import Gradebook, QuizBook
from autograder.quiz.draws import Draws
from autograder.quiz.load import load_quiz
from autograder.quiz.questions import Quiz
from autograder.quiz.recording import record_scores, version_of
from autograder.quiz.regrade import RegradeRefused, commit, plan
from autograder.quiz.responses import parse_responses
from autograder.quiz.sheet import score_class

QUIZ = """
quiz: test
title: A test
questions:
  - {id: sky, kind: single, prompt: What colour?, choices: [{text: Red, correct: true}, {text: Blue}, {text: Green}]}
  - {id: primes, kind: multiple, points: 2, prompt: Which are prime?,
     choices: [{text: Two, correct: true}, {text: Three, correct: true}, {text: Four}, {text: Six}]}
  - {id: count, kind: numeric, prompt: How many?, answer: {value: 7}}
  - {id: order, kind: order, prompt: Sort., choices: [{text: First}, {text: Second}, {text: Third}]}
  - {id: why, kind: open, points: 3, prompt: Why?, credit: rubric, rubric: [{id: reason, points: 3, text: A reason}]}
"""
RESPONSES = """student,question,response,attempt,time,certainty
ada,sky,A,,,
ada,primes,A;B,,,
ada,count,7,,,
ada,order,A;B;C,,,
grace,sky,B,,2025-02-03T10:15,
grace,primes,b;c,,,
grace,why,Because.,,,
alan,sky,,,,
alan,count,8,,,
"""


@pytest.fixture
def book(tmp_path: Path) -> Iterator[QuizBook]:
    """The quizzes of an empty gradebook."""
    with Gradebook.open(tmp_path / "gradebook.db") as gradebook:
        yield gradebook.quizzes


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Quiz]:
    """Read the quiz, with texts of it replaced: `read(old, new, …)`."""

    def load(*changes: str) -> Quiz:
        text = QUIZ
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "test.yml"
        path.write_text(text, encoding="utf-8")
        return load_quiz(path)

    return load


def score(book: QuizBook, quiz: Quiz, text: str = RESPONSES, outside=None):
    """Score and record a file of responses."""
    responses = parse_responses(text, {question.id for question in quiz.questions}, "responses.csv")
    return record_scores(book, quiz, responses, score_class(quiz, responses, Draws(quiz, None), outside))


def planned(book: QuizBook, quiz: Quiz, **moves):
    """What a regrade would do."""
    return plan(quiz, book, Draws(quiz, None), moves)


def points(book: QuizBook) -> dict[str, Decimal]:
    """What counts for each student."""
    return {one.sheet.student: one.score.points for one in book.current("test")}


BLUE = ("{text: Red, correct: true}, {text: Blue}", "{text: Red}, {text: Blue, correct: true}")


def test_unchanged_quiz_has_nothing_to_write(book, read):
    """A regrade by the same key changes nobody and writes nothing."""
    score(book, read())
    found = planned(book, read())
    assert (found.students, found.changes, found.replacements) == (3, (), ())
    assert commit(book, found, reason="r", author="a") is None
    assert book.regrades("test") == []


def test_wording_alone_needs_no_regrade(book, read):
    """Prompt, explanation and title are not what scores depend on."""
    score(book, read())
    assert planned(book, read("What colour?", "What colour is it?", "A test", "The test")).replacements == ()


def test_changed_key_shows_who_gains_and_loses(book, read):
    """Ada had the point for red, grace gets it for blue, alan's blank stays nothing; nothing is written."""
    score(book, read())
    before = points(book)
    found = planned(book, read(*BLUE))
    assert [(one.student, one.before - one.after, one.questions) for one in found.lose] == [("ada", 1, ("sky",))]
    assert [(one.student, one.after - one.before, one.questions) for one in found.gain] == [("grace", 1, ("sky",))]
    assert points(book) == before
    assert book.outline("test", found.version.version) is None


def test_commit_writes_what_was_shown(book, read):
    """After the commit the points are those of the plan, and the history has reason, author and both scores."""
    score(book, read())
    found = planned(book, read(*BLUE))
    number = commit(book, found, reason=" Blue is right ", author="ta")
    assert points(book) == {"ada": Decimal(4), "grace": Decimal(1), "alan": Decimal(0)}
    (entry,) = book.regrades("test")
    assert (entry.id, entry.reason, entry.author, entry.changed) == (number, "Blue is right", "ta", 2)
    assert [one.score.points for one in book.history("test", "ada")] == [Decimal(5), Decimal(4)]


def test_commit_twice_writes_once(book, read):
    """The second plan finds nothing to write: a regrade is idempotent."""
    score(book, read())
    quiz = read(*BLUE)
    commit(book, planned(book, quiz), reason="r", author="a")
    again = planned(book, quiz)
    assert (again.changes, again.replacements) == ((), ())
    assert commit(book, again, reason="r", author="a") is None
    assert len(book.regrades("test")) == 1


def test_back_to_the_first_key_restores_every_point(book, read):
    """Regrading forth and back ends where it began, with both regrades in the history."""
    score(book, read())
    before = points(book)
    commit(book, planned(book, read(*BLUE)), reason="blue", author="a")
    commit(book, planned(book, read()), reason="red after all", author="a")
    assert points(book) == before
    assert [one.reason for one in book.regrades("test")] == ["blue", "red after all"]


def test_raw_responses_are_never_changed(book, read):
    """What was typed is the same text after regrades, also where choices were mapped."""
    score(book, read())
    before = {name: book.sheets("test", name) for name in points(book)}
    commit(book, planned(book, read(*BLUE)), reason="r", author="a")
    quiz = read("{text: Red, correct: true}, {text: Blue}", "{text: Blue}, {text: Red, correct: true}")
    commit(book, planned(book, quiz, sky={"A": "B", "B": "A", "C": "C"}), reason="r", author="a")
    assert {name: book.sheets("test", name) for name in before} == before
    assert '"response":"b;c"' in before["grace"][0]


POLICIES = {
    "full_credit": {"ada": 5, "grace": 1, "alan": 1},
    "full_credit_if_answered": {"ada": 5, "grace": 1, "alan": 0},
    "void": {"ada": 4, "grace": 0, "alan": 0},
    "accept_also, also: B": {"ada": 5, "grace": 1, "alan": 0},
}
"""Grace has nothing else: of the primes she has one right and one wrong."""


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_is_a_regrade(book, read, policy):
    """Each policy for a flawed question gives its points, and void takes the question out of the maximum."""
    score(book, read())
    found = planned(book, read("{id: sky, kind: single,", f"{{id: sky, kind: single, policy: {policy},"))
    commit(book, found, reason="flawed", author="a")
    assert points(book) == POLICIES[policy]
    assert {one.score.max_points for one in book.current("test")} == {Decimal(7 if policy == "void" else 8)}


def test_changed_rule_is_a_regrade(book, read):
    """Another rule for the multiple choice gives its own points: grace has one of two, and one wrong."""
    score(book, read())
    found = planned(book, read("{id: primes,", "{id: primes, scoring: each_answer,"))
    assert [(one.student, one.after) for one in found.gain] == [("alan", Decimal(1)), ("grace", Decimal(1))]


MOVED = {
    "added": ("{text: Green}]", "{text: Green}, {text: Grey}]", "A:A,B:B,C:C"),
    "removed": ("{text: Blue}, {text: Green}]", "{text: Green}]", "A:A,B:,C:B"),
    "swapped": ("{text: Blue}, {text: Green}]", "{text: Green}, {text: Blue}]", "A:A,B:C,C:B"),
    "renamed": ("{text: Blue}", "{id: blue, text: Blue}", "A:A,B:blue,C:C"),
}


@pytest.mark.parametrize("change", MOVED)
def test_moved_choices_are_refused_with_a_mapping_to_copy(book, read, change):
    """Other choices, or the same ones in another order, could make a letter mean something else."""
    old, new, suggested = MOVED[change]
    score(book, read())
    with pytest.raises(CourseError) as caught:
        planned(book, read(old, new))
    (problem,) = caught.value.problems
    assert f"--map sky={suggested}" in problem.remedy
    assert book.regrades("test") == []


def test_mapped_choices_score_as_they_were_meant(book, read):
    """Blue moved from B to A and is right now: grace, who picked blue, gains, and ada, who picked red, loses."""
    score(book, read())
    quiz = read("{text: Red, correct: true}, {text: Blue}", "{text: Blue, correct: true}, {text: Red}")
    found = planned(book, quiz, sky={"A": "B", "B": "A", "C": "C"})
    assert [one.student for one in found.gain] == ["grace"]
    assert [one.student for one in found.lose] == ["ada"]


def test_mapping_is_kept_for_the_next_regrade(book, read):
    """What the author said once holds between the same choices, and stands in the history."""
    score(book, read())
    moved = ("{text: Red, correct: true}, {text: Blue}", "{text: Blue}, {text: Red, correct: true}")
    moves = {"A": "B", "B": "A", "C": "C"}
    commit(book, planned(book, read(*moved), sky=moves), reason="order", author="a")
    found = planned(book, read(*moved, "value: 7", "value: 8"))
    assert {one.student for one in found.changes} == {"ada", "alan"}
    assert book.regrades("test")[0].mappings["sky"]["moves"] == moves


def test_new_responses_need_no_old_mapping(book, read):
    """Who answers after the choices moved is scored by the letters of then."""
    score(book, read())
    moved = read("{text: Red, correct: true}, {text: Blue}", "{text: Blue}, {text: Red, correct: true}")
    commit(book, planned(book, moved, sky={"A": "B", "B": "A", "C": "C"}), reason="order", author="a")
    score(book, moved, "student,question,response\nemmy,sky,B\n")
    assert planned(book, moved).changes == ()
    assert points(book)["emmy"] == points(book)["ada"] - 4 == Decimal(1)


@pytest.mark.parametrize(
    ("moves", "message"),
    [
        ({"A": "B", "B": "A"}, "the choices were"),
        ({"A": "B", "B": "A", "C": "Z"}, "no such choice"),
    ],
)
def test_wrong_mapping_is_refused(book, read, moves, message):
    """A mapping that leaves a choice out, or leads nowhere, is no mapping."""
    score(book, read())
    quiz = read("{text: Blue}, {text: Green}]", "{text: Green}, {text: Blue}]")
    with pytest.raises(CourseError, match=message):
        planned(book, quiz, sky=moves)


def test_mapping_that_nothing_needs_is_refused(book, read):
    """A slip in a question's name is not dropped silently."""
    score(book, read())
    with pytest.raises(CourseError, match="did not change, so nothing is mapped"):
        planned(book, read(), primes={"A": "B", "B": "A", "C": "C", "D": "D"})


def test_corrected_text_of_a_choice_moves_nothing(book, read):
    """A spelling corrected in a choice needs no mapping and changes nobody."""
    score(book, read())
    assert planned(book, read("{text: Green}", "{text: Greenish}")).changes == ()


def test_removed_question_is_refused(book, read):
    """Points do not vanish with a question: it has to be void."""
    score(book, read())
    gone = "  - {id: count, kind: numeric, prompt: How many?, answer: {value: 7}}\n"
    with pytest.raises(CourseError, match="policy: void"):
        planned(book, read(gone, ""))


def test_points_from_outside_are_kept(book, read):
    """What a person gave for the open question survives a regrade of another one."""
    score(book, read(), outside={("grace", "why", 1): Fraction(1, 3)})
    assert points(book)["grace"] == Decimal(1)
    commit(book, planned(book, read(*BLUE)), reason="r", author="a")
    (grace,) = [one for one in book.current("test") if one.sheet.student == "grace"]
    assert (grace.score.points, grace.score.pending) == (Decimal(2), Decimal(0))
    doubled = ("id: why, kind: open, points: 3", "id: why, kind: open, points: 6")
    doubled += ("{id: reason, points: 3", "{id: reason, points: 6")
    commit(book, planned(book, read(*BLUE, *doubled)), reason="r", author="a")
    assert points(book)["grace"] == Decimal(3)


def test_code_is_run_again(book, read):
    """The tests of today decide the stored code, in one run for the class; where they cannot be run, points stay."""
    code = "{id: count, kind: code, prompt: Write., tests: hidden/test"
    quiz = read("{id: count, kind: numeric, prompt: How many?, answer: {value: 7}", code)
    keys = [("ada", "count", 1), ("alan", "count", 1)]
    score(book, quiz, outside=dict.fromkeys(keys, Fraction(1)))
    before = points(book)
    assert planned(book, quiz).replacements == ()
    asked = []

    def run_code(rows):
        asked.append([(each.student, each.text) for each in rows])
        return {keys[0]: Fraction(1, 2), keys[1]: Fraction(1)}

    found = plan(quiz, book, Draws(quiz, None), {}, run_code)
    assert asked == [[("ada", "7"), ("alan", "8")]]
    assert [(one.student, one.after) for one in found.lose] == [("ada", before["ada"] - Decimal("0.5"))]


def test_commit_needs_reason_and_author(book, read):
    """Without them nothing is written."""
    score(book, read())
    found = planned(book, read(*BLUE))
    for reason, author in (("", "ta"), ("r", " ")):
        with pytest.raises(RegradeRefused, match="a reason and an author"):
            commit(book, found, reason=reason, author=author)
    assert book.regrades("test") == []


def test_plan_that_is_out_of_date_is_refused(book, read):
    """Responses that came in after the plan are not overwritten by it."""
    score(book, read())
    found = planned(book, read(*BLUE))
    score(book, read(), RESPONSES.replace("ada,sky,A", "ada,sky,B"))
    with pytest.raises(RegradeRefused, match="run it again"):
        commit(book, found, reason="r", author="a")
    assert book.regrades("test") == []


def test_scoring_under_a_changed_key_waits_for_the_regrade(book, read):
    """`record_scores` names who is known under the old key, and leaves their points."""
    score(book, read())
    found = score(book, read(*BLUE), RESPONSES + "emmy,sky,B,,,\n")
    assert (found.new, found.known, set(found.waiting)) == (("emmy",), (), {"ada", "grace", "alan"})
    assert points(book)["ada"] == Decimal(5)


def test_version_follows_what_scores_depend_on(read):
    """Keys, rules, points, choices, policies and attempts make another version; words do not."""
    first = version_of(read()).version
    changes = [
        BLUE,
        ("points: 2", "points: 4"),
        ("{id: primes,", "{id: primes, scoring: halves,"),
        ("{text: Six}", "{text: Eight}"),
        ("value: 7", "value: 7.5"),
        ("title: A test", "title: A test\nattempts: {keep: first}"),
        ("{id: sky,", "{id: sky, policy: void,"),
    ]
    versions = [version_of(read(*change)).version for change in changes]
    assert len({first, *versions}) == len(changes) + 1
    assert version_of(read("How many?", "How many are there?")).version == first


def test_third_of_a_point_survives_storing(book, read):
    """A share that no decimal holds comes back exactly, so that a fresh scoring finds nothing new."""
    quiz = read("{id: order, kind: order,", "{id: order, kind: order, scoring: position,")
    score(book, quiz, RESPONSES.replace("ada,order,A;B;C", "ada,order,A;C;B"))
    (ada,) = [one for one in book.current("test") if one.sheet.student == "ada"]
    assert {each.id: each.share for each in ada.score.questions}["order"] == Fraction(1, 3)
    assert planned(book, quiz).replacements == ()
