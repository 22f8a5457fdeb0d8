"""1PL and 2PL: LSAT6 to the digits given, girth as a second opinion, and refusals instead of nonsense."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from autograder.quiz.latent import ENOUGH, Model, NoFit, fit

LSAT6 = Path(__file__).resolve().parents[3] / "shared" / "data" / "lsat6.csv"
QUESTIONS = ("a", "b", "c", "d", "e")
NAN = float("nan")


@pytest.fixture(scope="module")
def lsat6() -> np.ndarray:
    """1,000 students and five questions of the Law School Admission Test, section 6."""
    if not LSAT6.exists():
        pytest.skip(f"{LSAT6} is not here")
    with LSAT6.open(encoding="utf-8") as file:
        patterns = list(csv.DictReader(file))
    each = np.array([[int(sign) for sign in row["pattern"]] for row in patterns], dtype=float)
    return np.repeat(each, [int(row["count"]) for row in patterns], axis=0)


def simulated(slopes, intercepts, students: int = 1500, seed: int = 1) -> np.ndarray:
    """Answers of students whose abilities are normal."""
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-(np.outer(rng.normal(size=students), slopes) + np.asarray(intercepts))))
    return (rng.random(chance.shape) < chance).astype(float)


def test_lsat6_2pl_to_the_digits_given(lsat6):
    """Slopes, intercepts and the log-likelihood."""
    found = fit(QUESTIONS, lsat6, Model.TWO)
    assert found.log_likelihood == pytest.approx(-2466.6534, abs=0.5001e-4)
    assert [each.slope for each in found.curves] == pytest.approx([0.8257, 0.7227, 0.8909, 0.6884, 0.6569], abs=1e-4)
    intercepts = [each.intercept for each in found.curves]
    assert intercepts == pytest.approx([2.7732, 0.9902, 0.2491, 1.2848, 2.0533], abs=1e-4)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_girth_agrees_on_lsat6(lsat6):
    """girth 0.8.0 finds the same slopes and difficulties, for both models, within .002."""
    girth = pytest.importorskip("girth")
    answers = lsat6.T.astype(int)
    two, one = girth.twopl_mml(answers), girth.onepl_mml(answers)
    ours = fit(QUESTIONS, lsat6, Model.TWO)
    assert [each.slope for each in ours.curves] == pytest.approx(two["Discrimination"], abs=2e-3)
    assert [each.difficulty for each in ours.curves] == pytest.approx(two["Difficulty"], abs=1e-2)
    ours = fit(QUESTIONS, lsat6, Model.ONE)
    assert ours.curves[0].slope == pytest.approx(float(one["Discrimination"]), abs=2e-3)
    assert [each.difficulty for each in ours.curves] == pytest.approx(one["Difficulty"], abs=1e-2)


def test_1pl_has_one_slope_and_fits_no_better(lsat6):
    """The 1PL is the 2PL with equal slopes, so its likelihood is at most that."""
    one, two = fit(QUESTIONS, lsat6, Model.ONE), fit(QUESTIONS, lsat6, Model.TWO)
    assert len({each.slope for each in one.curves}) == 1
    assert one.log_likelihood < two.log_likelihood


def test_true_curves_are_found_again():
    """Curves that answers were drawn from lie within four standard errors of what is found."""
    slopes, intercepts = [0.5, 1.0, 1.5, 2.0, 1.2, 0.8], [-1.0, 0.0, 1.0, 0.5, -0.5, 2.0]
    found = fit(tuple("abcdef"), simulated(slopes, intercepts), Model.TWO)
    for each, slope, intercept in zip(found.curves, slopes, intercepts, strict=True):
        assert abs(each.slope - slope) < 4 * each.slope_error
        assert abs(each.intercept - intercept) < 4 * each.intercept_error
        assert 0 < each.slope_error < 0.5


def test_missing_rows_at_random_change_little():
    """With a fifth of the rows missing the same curves are found, within four errors."""
    slopes, intercepts = [1.0, 1.0, 1.5, 1.2, 0.8], [0.0, 1.0, -1.0, 0.5, -0.5]
    answers = simulated(slopes, intercepts, students=3000)
    answers[np.random.default_rng(2).random(answers.shape) < 0.2] = NAN
    found = fit(QUESTIONS, answers, Model.TWO)
    for each, slope in zip(found.curves, slopes, strict=True):
        assert abs(each.slope - slope) < 4 * each.slope_error


def test_questions_without_right_and_wrong_are_left_out():
    """Partial points, and questions that all or nobody had right, are named and not fitted."""
    answers = simulated([1.0] * 6, [0.0] * 6)
    answers[:, 1] = 1.0
    answers[:5, 4] = 0.5
    found = fit(tuple("abcdef"), answers, Model.ONE)
    assert found.left_out == ("b", "e")
    assert [each.id for each in found.curves] == ["a", "c", "d", "f"]


def test_few_students_are_refused_unless_asked_for():
    """Below 200 students there is no model, but for who insists."""
    answers = simulated([1.0] * 5, [0.0] * 5, students=ENOUGH - 1)
    with pytest.raises(NoFit, match="199 students are too few"):
        fit(QUESTIONS, answers, Model.ONE)
    assert fit(QUESTIONS, answers, Model.ONE, few=True).students == ENOUGH - 1


def test_too_few_questions_are_refused():
    """Two questions say nothing about slopes."""
    with pytest.raises(NoFit, match="fewer than three questions"):
        fit(("a", "b"), simulated([1.0] * 2, [0.0] * 2), Model.TWO)


def test_no_maximum_is_said_and_not_printed():
    """A question that splits the class without an error has an endless slope: a refusal, not a number."""
    answers = simulated([1.0] * 4, [0.0] * 4)
    answers[:, 3] = answers[:, :3].sum(axis=1) >= 2
    with pytest.raises(NoFit, match="no maximum"):
        fit(QUESTIONS[:4], answers, Model.TWO)


def test_order_of_students_changes_nothing():
    """The result does not depend on how the rows are sorted."""
    answers = simulated([1.0, 0.7, 1.4], [0.2, -0.4, 1.0])
    one, other = fit(tuple("abc"), answers, Model.TWO), fit(tuple("abc"), answers[::-1], Model.TWO)
    assert one == other
