"""Flags: each where it should be, none for too few students, and intervals that hold."""

import math

import numpy as np
import pytest

from autograder.quiz.analysis import Answers, analyse
from autograder.quiz.distractors import ChoiceStats, Picked
from autograder.quiz.flags import ENOUGH, FlagKind, find_flags
from autograder.quiz.intervals import below_one, fisher, wilson

NOTHING = (None, None, None)


def choice(name: str, correct: bool = False, share: float = 0.3, item_rest: float | None = 0.0) -> ChoiceStats:
    """A choice with these numbers."""
    return ChoiceStats(name, correct, share, item_rest, NOTHING)


def flags(students: int = 100, difficulty: float | None = 0.6, item_rest: float | None = 0.4, choices=()) -> list[str]:
    """The flags of a question, as text."""
    return list(map(str, find_flags(students, difficulty, item_rest, choices)))


@pytest.mark.parametrize(
    ("difficulty", "item_rest", "expected"),
    [
        (0.6, 0.4, []),
        (0.2, 0.1, []),
        (0.9, 0.1, []),
        (0.19, 0.4, ["hard"]),
        (0.91, 0.4, ["easy"]),
        (0.6, 0.09, ["weak"]),
        (0.1, -0.2, ["weak", "hard"]),
        (0.95, None, ["easy"]),
    ],
)
def test_thresholds(difficulty, item_rest, expected):
    """Below .2 is hard, above .9 easy, below .1 weak; the bounds themselves are no flag."""
    assert flags(difficulty=difficulty, item_rest=item_rest) == expected


def test_wrong_choice_above_the_key_is_named_first():
    """The choice that strong students prefer to the key stands first, with its id."""
    choices = [choice("A", True, item_rest=0.05), choice("B", item_rest=0.3), choice("C", share=0.04, item_rest=-0.3)]
    assert flags(item_rest=0.05, choices=choices) == ["choice-above-key:B", "weak", "unused-choice:C"]


def test_key_that_nobody_picked_is_still_compared():
    """With a key that is wrong nobody has a point; the choice that strong students pick shows it."""
    choices = [choice("A", True, share=0.0, item_rest=None), choice("B", item_rest=0.3), choice("C", item_rest=-0.3)]
    assert flags(difficulty=0.0, item_rest=None, choices=choices) == ["choice-above-key:B", "hard"]


def test_points_given_to_all_are_no_evidence_against_the_key():
    """With full credit for everybody the key's own choice is compared, and a good one is not accused."""
    choices = [choice("A", True, item_rest=0.3), choice("B", item_rest=0.1)]
    assert flags(difficulty=0.8, item_rest=None, choices=choices) == []


def test_granted_question_has_no_flag():
    """Points for taking part are no sign of an easy question."""
    points = np.ones((50, 2))
    points[:20, 1] = 0
    found = [analyse(Answers(("a", "b"), points, np.ones(2), granted=granted)) for granted in (frozenset(), {"a"})]
    assert [list(map(str, quiz.items[0].flags)) for quiz in found] == [["easy"], []]


def test_right_choice_is_never_unused():
    """A key that few pick is a hard question, not a choice to drop."""
    assert flags(difficulty=0.03, choices=[choice("A", True, share=0.03)]) == ["hard"]


def test_every_flag_has_a_sentence():
    """A reader gets words, with the choice's id where there is one."""
    found = find_flags(100, 0.1, 0.0, [choice("B", share=0.01, item_rest=0.2)])
    assert {flag.kind for flag in found} == set(FlagKind) - {FlagKind.EASY}
    assert all(len(flag.sentence) > 20 and "{" not in flag.sentence for flag in found)
    assert "choice B" in found[0].sentence


@pytest.mark.parametrize(("students", "flagged"), [(ENOUGH - 1, False), (ENOUGH, True)])
def test_small_class_has_intervals_and_no_flags(students, flagged):
    """With 29 students a question that is far too easy is not flagged, and its interval is there."""
    points = np.ones((students, 3))
    points[: students // 2, 1:] = 0
    points[0, 0] = 0
    quiz = analyse(Answers(("a", "b", "c"), points, np.ones(3)))
    assert bool(quiz.items[0].flags) is flagged
    assert all(item.difficulty_interval for item in quiz.items)
    assert quiz.alpha_interval is not None


def test_miskeyed_question_is_found_in_a_class():
    """A question whose key names the wrong choice is flagged with the choice that should be the key."""
    rng = np.random.default_rng(3)
    ability = rng.normal(size=200)
    right = ability[:, None] + rng.normal(size=(200, 6)) > 0
    truth = right[:, 0]
    wrong = np.where(rng.random(200) < 0.5, 0, 2)
    picks = np.where(truth, 1, wrong)  # the strong pick B, the key says A
    points = right.astype(float)
    points[:, 0] = picks == 0
    table = picks[:, None] == np.arange(3)
    picked = {"q0": Picked(("A", "B", "C"), frozenset("A"), table)}
    quiz = analyse(Answers(tuple(f"q{n}" for n in range(6)), points, np.ones(6), picked))
    assert "choice-above-key:B" in map(str, quiz.items[0].flags)


def test_wilson_agrees_with_published_values():
    """Newcombe (Statistics in Medicine 17, 1998), table I, method 3."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1 / 29, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_intervals_stay_where_the_number_can_be():
    """A share within 0 to 1, a correlation within -1 to 1, a reliability below 1; nothing of nobody."""
    assert wilson(0.5, 0) is wilson(-0.1, 50) is fisher(0.5, 3) is fisher(None, 50) is below_one(1.0, 0.1) is None
    low, high = fisher(0.99, 5) or (2, 2)
    assert -1 < low < 0.99 < high < 1
    assert fisher(1.0, 50) == (1.0, 1.0)
    low, high = below_one(0.95, 0.2) or (2, 2)
    assert low < 0.95 < high < 1


def test_fisher_is_symmetric_in_z():
    """The interval of 0 is tanh of plus and minus 1.96 standard errors."""
    assert fisher(0.0, 103) == pytest.approx((-math.tanh(0.1959964), math.tanh(0.1959964)), abs=1e-6)
