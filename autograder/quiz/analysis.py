"""Item analysis: what the answers of a class say about the questions.

Input is a table of points, students × questions, with NaN where a student has no row for a question. A blank has its
points (most often 0) and counts; a missing row is left out of whatever is said about that question.

    difficulty          mean points / maximum, of those who have the question
    total, rest         a student's share of what the questions that he has can give, with and without this question;
                        with no row missing it is the sum, up to a factor that no correlation sees
    item-rest, -total   Pearson's correlation of the points with rest and total. Item-rest comes first: a total that
                        contains the question correlates with it by construction
    D27                 mean share in the upper 27 % by total minus that in the lower 27 %. Scores are coarse, so a cut
                        goes through students with equal totals: each of them counts on either side by the same
                        fraction. Sorting instead would let the order of the rows decide, by as much as a tenth
    efficiency          Moodle's: covariance with the rest by the highest that these two sets of numbers allow, which
                        they reach when both are sorted
    alpha               Cronbach's, k/(k-1) (1 - sum of variances / variance of the sum), which is KR-20 where points
                        are 0 or 1. Variances and covariances are of the students who have both questions
    SEM                 standard deviation of the points times sqrt(1 - alpha)

Standard deviations have n-1 below. A correlation with what does not vary is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from autograder.quiz.distractors import ChoiceStats, Picked, Thirds, by_thirds, choice_stats
from autograder.quiz.flags import Flag, find_flags
from autograder.quiz.intervals import Interval, below_one, fisher, wilson
from autograder.quiz.ranks import correlation, share_between

Floats = NDArray[np.float64]

EXTREME: Final = 0.27  # of the class in each of the two groups of D27 (Kelley 1939)


@dataclass(frozen=True, slots=True)
class Answers:
    """First attempts of a class: `points` (students, questions), NaN for no row; `maxima` (questions,), above zero.

    `picked` has the questions with choices; `blank` (students, questions) marks rows without an answer. Questions in
    `granted` give their points whatever the answer is: that they were earned says nothing, so they get no flag.
    """

    questions: tuple[str, ...]
    points: Floats
    maxima: Floats
    picked: Mapping[str, Picked] = field(default_factory=dict)
    blank: NDArray[np.bool_] | None = None
    granted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ItemStats:
    """One question; None where the answers do not determine a number. `thirds`: the share of the points earned."""

    id: str
    max_points: float
    students: int
    blank: int
    missing: int
    difficulty: float | None
    difficulty_interval: Interval | None
    item_rest: float | None
    item_rest_interval: Interval | None
    item_total: float | None
    discrimination_d27: float | None
    efficiency: float | None
    alpha_if_deleted: float | None
    thirds: Thirds
    choices: tuple[ChoiceStats, ...]
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class QuizStats:
    """A quiz and its questions; `totals` are the points of each student, `max_points` the most that one can get."""

    students: int
    max_points: float
    mean: float | None
    sd: float | None
    alpha: float | None
    alpha_interval: Interval | None
    sem: float | None
    totals: Floats
    items: tuple[ItemStats, ...]


def analyse(answers: Answers) -> QuizStats:
    """The analysis of a quiz. Students without any row are left out."""
    answers = _present(answers)
    totals = np.nansum(answers.points, axis=1)
    possible = (~np.isnan(answers.points)) @ answers.maxima
    students = len(totals)
    sd = float(totals.std(ddof=1)) if students > 1 else None
    covariances = _covariances(answers.points)
    alpha = _alpha(covariances)
    return QuizStats(
        students=students,
        max_points=float(possible.max(initial=0.0)),
        mean=float(totals.mean()) if students else None,
        sd=sd,
        alpha=alpha,
        alpha_interval=None if alpha is None else below_one(alpha, _alpha_error(answers.points, covariances)),
        sem=None if alpha is None or sd is None else sd * max(1 - alpha, 0.0) ** 0.5,
        totals=totals,
        items=tuple(_item(answers, place, totals, possible, covariances) for place in range(len(answers.questions))),
    )


def _present(answers: Answers) -> Answers:
    """The answers without students who have no row at all."""
    rows = ~np.isnan(answers.points).all(axis=1)
    if rows.all():
        return answers
    picked = {name: Picked(each.choices, each.correct, each.table[rows]) for name, each in answers.picked.items()}
    blank = None if answers.blank is None else answers.blank[rows]
    return Answers(answers.questions, answers.points[rows], answers.maxima, picked, blank, answers.granted)


def _item(answers: Answers, place: int, earned: Floats, possible: Floats, covariances: Floats) -> ItemStats:
    column, maximum = answers.points[:, place], answers.maxima[place]
    have = ~np.isnan(column)
    n = int(have.sum())
    shares = column / maximum
    total = _ratio(earned, possible)
    rest = _ratio(earned - np.where(have, column, 0), possible - maximum * have)
    difficulty = float(shares[have].mean()) if n else None
    item_rest = correlation(shares, rest)
    picked = answers.picked.get(answers.questions[place])
    choices = () if picked is None else choice_stats(picked, have, rest, total)
    return ItemStats(
        id=answers.questions[place],
        max_points=float(maximum),
        students=n,
        blank=0 if answers.blank is None else int(answers.blank[have, place].sum()),
        missing=len(column) - n,
        difficulty=difficulty,
        difficulty_interval=None if difficulty is None else wilson(difficulty, n),
        item_rest=item_rest,
        item_rest_interval=fisher(item_rest, int((have & ~np.isnan(rest)).sum())),
        item_total=correlation(shares, total),
        discrimination_d27=_d27(shares[have], total[have]),
        efficiency=_efficiency(shares, rest),
        alpha_if_deleted=_alpha(np.delete(np.delete(covariances, place, 0), place, 1)),
        thirds=by_thirds(shares[have], total[have]),
        choices=choices,
        flags=() if answers.questions[place] in answers.granted else find_flags(n, difficulty, item_rest, choices),
    )


def _ratio(earned: Floats, possible: Floats) -> Floats:
    """What each student earned of what the questions that he has can give; NaN where he has none."""
    found: Floats = np.divide(earned, possible, out=np.full(len(earned), np.nan), where=possible > 0)
    return found


def _d27(shares: Floats, total: Floats) -> float | None:
    upper = share_between(shares, total, 1 - EXTREME, 1)
    lower = share_between(shares, total, 0, EXTREME)
    return None if upper is None or lower is None else upper - lower


def _efficiency(shares: Floats, rest: Floats) -> float | None:
    """Moodle's discriminative efficiency in percent (question statistics, `discriminativeefficiency`)."""
    both = ~np.isnan(shares) & ~np.isnan(rest)
    one, other = shares[both], rest[both]
    if len(one) < 2:
        return None
    highest = float(np.cov(np.sort(one), np.sort(other))[0, 1])
    return 100 * float(np.cov(one, other)[0, 1]) / highest if highest > 1e-12 else None


def _covariances(points: Floats) -> Floats:
    """Covariances (questions, questions) of those who have both, about own means; NaN where nobody has."""
    have = ~np.isnan(points)
    centred = _centred(points)
    counts = have.T.astype(float) @ have
    found: Floats = np.divide(centred.T @ centred, counts - 1, out=np.full(counts.shape, np.nan), where=counts > 1)
    return found


def _centred(points: Floats) -> Floats:
    """Points less each question's mean, zero where there is no row."""
    have = ~np.isnan(points)
    counts = np.maximum(have.sum(axis=0), 1)
    return np.where(have, points - np.nansum(points, axis=0) / counts, 0.0)


def _alpha(covariances: Floats) -> float | None:
    """Cronbach's alpha (1951); None below two questions, or where nothing varies or two questions share nobody."""
    k, whole = len(covariances), float(covariances.sum())
    if k < 2 or not whole > 1e-12:
        return None
    return k / (k - 1) * (1 - float(np.trace(covariances)) / whole)


def _alpha_error(points: Floats, covariances: Floats) -> float:
    """The standard error of alpha for answers of any distribution, by the delta method.

    After Maydeu-Olivares, Coffman and Hartmann (Psychological Methods 12, 2007): the mean square of what each
    student's answers move alpha by.
    """
    students, k = points.shape
    have, centred = ~np.isnan(points), _centred(points)
    weights = students / np.maximum(have.T.astype(float) @ have, 1)
    of_sum = np.einsum("ij,ij->i", centred @ weights, centred)
    of_trace = centred**2 @ np.diag(weights)
    whole = float(covariances.sum())
    moves = k / (k - 1) / whole * (of_sum * float(np.trace(covariances)) / whole - of_trace)
    return float(moves.std() / np.sqrt(students))
