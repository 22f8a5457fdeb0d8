"""Item analysis: LSAT6 to the digits given, direct computations, ties, missing rows, and what must stay unsaid."""

from __future__ import annotations

import csv
import itertools
import statistics
from pathlib import Path

import numpy as np
import pytest

from autograder.quiz.analysis import Answers, QuizStats, analyse
from autograder.quiz.distractors import Picked
from autograder.quiz.ranks import correlation, weights_between

LSAT6 = Path(__file__).resolve().parents[3] / "shared" / "data" / "lsat6.csv"
NAN = float("nan")


def analysed(points, **more) -> QuizStats:
    """The analysis of a table of points, one each at most unless `maxima` says more."""
    table = np.array(points, dtype=float)
    maxima = np.array(more.pop("maxima", [1.0] * table.shape[1]))
    return analyse(Answers(tuple(f"q{place}" for place in range(table.shape[1])), table, maxima, **more))


@pytest.fixture(scope="module")
def lsat6() -> np.ndarray:
    """1,000 students and five questions of the Law School Admission Test, section 6 (Bock and Lieberman 1970)."""
    if not LSAT6.exists():
        pytest.skip(f"{LSAT6} is not here")
    with LSAT6.open(encoding="utf-8") as file:
        patterns = list(csv.DictReader(file))
    each = np.array([[int(sign) for sign in row["pattern"]] for row in patterns], dtype=float)
    return np.repeat(each, [int(row["count"]) for row in patterns], axis=0)


@pytest.fixture(scope="module")
def random_class() -> np.ndarray:
    """300 students and eight questions with partial points, of one ability."""
    rng = np.random.default_rng(5)
    ability = rng.normal(size=(300, 1))
    return np.round(1 / (1 + np.exp(-(ability + rng.normal(size=(300, 8))))) * 4) / 2


LSAT6_COLUMNS = {
    "difficulty": (0.924, 0.709, 0.553, 0.763, 0.870),
    "alpha_if_deleted": (0.2754, 0.2376, 0.2168, 0.2459, 0.2663),
    "item_total": (0.3620, 0.5668, 0.6184, 0.5344, 0.4354),
    "item_rest": (0.1128, 0.1532, 0.1728, 0.1444, 0.1216),
    "discrimination_d27": (0.1966, 0.6315, 0.8109, 0.5370, 0.3203),
}
"""Published values and values computed by others, to the digits that they were given with."""


@pytest.mark.parametrize("column", LSAT6_COLUMNS)
def test_lsat6_questions_to_the_digits_given(lsat6, column):
    """Every column of the table of questions agrees in all digits."""
    found = [getattr(item, column) for item in analysed(lsat6).items]
    assert found == pytest.approx(LSAT6_COLUMNS[column], abs=0.5001e-4)


def test_lsat6_quiz_to_the_digits_given(lsat6):
    """Mean, standard deviation and alpha, which is KR-20 here."""
    quiz = analysed(lsat6)
    assert quiz.mean == pytest.approx(3.8190, abs=1e-9)
    assert quiz.sd == pytest.approx(1.0350, abs=0.5001e-4)
    assert quiz.alpha == pytest.approx(0.294997, abs=0.5001e-6)
    p = lsat6.mean(axis=0)
    kr20 = 5 / 4 * (1 - (p * (1 - p)).sum() / lsat6.sum(axis=1).var())
    assert quiz.alpha == pytest.approx(kr20, abs=1e-12)


def test_partial_points_agree_with_a_direct_computation(random_class):
    """Means, correlations, alphas and the error of measurement, each from its definition in plain Python."""
    quiz = analysed(random_class, maxima=[2.0] * 8)
    rows = random_class.tolist()
    totals = [sum(row) for row in rows]
    variances = [statistics.variance(column) for column in zip(*rows, strict=True)]
    alpha = 8 / 7 * (1 - sum(variances) / statistics.variance(totals))
    assert quiz.alpha == pytest.approx(alpha, abs=1e-9)
    assert quiz.sem == pytest.approx(statistics.stdev(totals) * (1 - alpha) ** 0.5, abs=1e-9)
    for place, item in enumerate(quiz.items):
        own = [row[place] for row in rows]
        rest = [total - mine for total, mine in zip(totals, own, strict=True)]
        without = 7 / 6 * (1 - (sum(variances) - variances[place]) / statistics.variance(rest))
        assert item.difficulty == pytest.approx(statistics.mean(own) / 2, abs=1e-9)
        assert item.item_rest == pytest.approx(statistics.correlation(own, rest), abs=1e-9)
        assert item.item_total == pytest.approx(statistics.correlation(own, totals), abs=1e-9)
        assert item.alpha_if_deleted == pytest.approx(without, abs=1e-9)
        best = statistics.covariance(sorted(own), sorted(rest))
        assert item.efficiency == pytest.approx(100 * statistics.covariance(own, rest) / best, abs=1e-9)


def test_order_of_rows_changes_nothing(random_class):
    """Ties at a cut are split by fractions, so no sorting decides."""
    one = analysed(random_class, maxima=[2.0] * 8)
    other = analysed(random_class[::-1], maxima=[2.0] * 8)
    for left, right in zip(one.items, other.items, strict=True):
        assert left.discrimination_d27 == pytest.approx(right.discrimination_d27, abs=1e-12)
        assert left.thirds == pytest.approx(right.thirds, abs=1e-12)


def test_ties_at_a_cut_count_by_the_mean_over_all_orders():
    """The fraction is what one would get on average over every order of the tied students."""
    totals = np.array([0.0, 1.0, 1.0, 1.0, 2.0, 2.0, 3.0])
    for low, high in ((0, 0.27), (0.73, 1), (1 / 3, 2 / 3)):
        counted = np.zeros(7)
        orders = [order for order in itertools.permutations(range(7)) if all(np.diff(totals[list(order)]) >= 0)]
        for order in orders:
            for rank, student in enumerate(order):
                counted[student] += max(0.0, min(rank + 1, high * 7) - max(rank, low * 7))
        assert weights_between(totals, low, high) == pytest.approx(counted / len(orders))


def test_missing_row_is_left_out_and_a_blank_is_not():
    """A blank lowers the difficulty's number; a missing row changes neither it nor the student's standing."""
    blank = analysed([[1, 1, 1], [0, 1, 0], [0, 0, 0]], blank=np.array([[0, 0, 0], [1, 0, 0], [0, 0, 0]], dtype=bool))
    missing = analysed([[1, 1, 1], [NAN, 1, 0], [0, 0, 0]])
    assert [blank.items[0].difficulty, missing.items[0].difficulty] == [pytest.approx(1 / 3), 0.5]
    assert [blank.items[0].blank, missing.items[0].blank] == [1, 0]
    assert [blank.items[0].missing, missing.items[0].missing] == [0, 1]
    # of the two questions that the second student has, one is right: half, between the others
    assert missing.items[1].item_rest == pytest.approx(statistics.correlation([1, 1, 0], [1, 0, 0]))


def test_pool_of_questions_is_analysed_by_who_met_them():
    """Two questions that nobody has both of leave alpha unknown, and every question its own numbers."""
    quiz = analysed([[1, 1, NAN], [0, 0, NAN], [1, NAN, 1], [0, NAN, 0]])
    assert quiz.alpha is None
    assert quiz.max_points == 2
    assert [item.students for item in quiz.items] == [4, 2, 2]
    assert [item.item_rest for item in quiz.items] == [pytest.approx(1.0)] * 3


def test_nothing_is_said_of_what_does_not_vary():
    """Questions that all or nobody had right have no correlation, and no number turns into NaN."""
    quiz = analysed([[1, 0, 1], [1, 0, 0], [1, 0, 1]])
    assert [item.item_rest for item in quiz.items] == [None, None, None]
    assert [item.efficiency for item in quiz.items[:2]] == [None, None]
    assert [item.difficulty for item in quiz.items] == [1, 0, pytest.approx(2 / 3)]


@pytest.mark.parametrize("rows", [np.zeros((0, 2)), np.full((3, 2), NAN), np.array([[1.0, 0.0]])])
def test_nobody_or_one_student_has_no_numbers_that_need_more(rows):
    """An empty class, one without rows, and a class of one end without an error or a NaN."""
    quiz = analysed(rows)
    assert (quiz.sd, quiz.alpha, quiz.sem) == (None, None, None)
    assert all(item.item_rest is None and item.flags == () for item in quiz.items)
    assert quiz.students == (1 if rows.shape[0] == 1 else 0)


def test_one_question_has_neither_rest_nor_alpha():
    """With a single question there is nothing to compare it with."""
    (item,) = analysed([[1], [0], [1]]).items
    assert (item.item_rest, item.alpha_if_deleted, item.item_total) == (None, None, pytest.approx(1.0))


def test_choices_by_thirds():
    """Shares of each choice in all, and in the lower, middle and upper third."""
    points = [[0, 0], [0, 0], [0, 1], [0, 1], [1, 1], [1, 1]]
    table = np.array([[1, 0], [1, 0], [1, 0], [0, 0], [0, 1], [0, 1]], dtype=bool)
    quiz = analysed(points, picked={"q0": Picked(("A", "B"), frozenset("B"), table)})
    wrong, key = quiz.items[0].choices
    assert (wrong.share, wrong.thirds) == (0.5, (1.0, 0.5, 0.0))
    assert (key.share, key.thirds, key.correct) == (pytest.approx(1 / 3), (0.0, 0.0, 1.0), True)
    assert key.item_rest == pytest.approx(quiz.items[0].item_rest)
    assert quiz.items[0].thirds == (0.0, 0.0, 1.0)


def test_correlation_of_rounding_errors_is_none():
    """What should be the same for all and differs by a bit of rounding says nothing."""
    assert correlation(np.array([0.1 + 0.2, 0.3, 0.3]), np.array([0.0, 1.0, 1.0])) is None


def test_alpha_interval_covers_as_often_as_it_says():
    """Of 400 classes drawn from a million answers, the interval holds the million's alpha in about 95 of 100."""
    rng = np.random.default_rng(11)

    def answers(n: int) -> np.ndarray:
        return (rng.normal(size=(n, 1)) + rng.normal(size=(n, 6)) > [-1, -0.5, 0, 0.3, 0.8, 1.5]).astype(float)

    truth = analysed(answers(1_000_000)).alpha
    found = [analysed(answers(150)).alpha_interval for _ in range(400)]
    covered = sum(low <= truth <= high for low, high in found)
    assert 0.91 <= covered / 400 <= 0.98
