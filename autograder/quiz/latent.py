"""The 1PL and 2PL models of item response theory, by marginal maximum likelihood. Never used for grades.

    P(right) = 1 / (1 + exp(-(intercept + slope × ability))),  ability ~ Normal(0, 1)

The 1PL has one slope for all questions (so the ability keeps its scale of 1), the 2PL one for each. The ability is
integrated out by Gauss–Hermite quadrature. A student's answers move the log-likelihood by the posterior mean of what
they would move it by at each ability (Fisher's identity); those gradients, one row for each pattern of answers, give
both the direction of ascent and the information matrix as the sum of their outer products (Berndt, Hall, Hall and
Hausman 1974). A step is halved until the likelihood rises. Patterns that occur more often are computed once.

Answers are 0, 1 or NaN for a missing row, which says nothing (missing at random).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from autograder.errors import AutograderError

Floats = NDArray[np.float64]

ENOUGH: Final = 200  # students: below, slopes are mostly noise
_NODES: Final = 61
_STEPS: Final = 200
_HALVINGS: Final = 30
_CLOSE: Final = 1e-10  # of the log-likelihood that another step promises
_STEEP: Final = 15.0  # a slope beyond this has no maximum: the question splits the class without an error


class Model(StrEnum):
    """How many slopes there are."""

    ONE = "1pl"
    TWO = "2pl"


class NoFit(AutograderError):
    """The answers do not determine the model; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One question: the chance of a right answer by ability. `difficulty` is the ability at which it is one half."""

    id: str
    slope: float
    intercept: float
    slope_error: float
    intercept_error: float

    @property
    def difficulty(self) -> float | None:
        """None for a slope of zero."""
        return -self.intercept / self.slope if self.slope else None


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model. `left_out`: questions with partial points, or that all or nobody had right."""

    model: Model
    students: int
    log_likelihood: float
    curves: tuple[Curve, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Different rows of answers as right and wrong, both zero where missing (patterns, questions); how often each."""

    right: Floats
    wrong: Floats
    counts: Floats


def fit(questions: Sequence[str], shares: Floats, model: Model, *, few: bool = False) -> Fit:
    """The model for `shares` of the points (students, questions), NaN for no row. NoFit if they do not determine it.

    `few` allows fewer than 200 students.
    """
    usable = np.array([_usable(column) for column in shares.T], dtype=bool)
    kept = shares[:, usable]
    kept = kept[~np.isnan(kept).all(axis=1)]
    if len(kept) < ENOUGH and not few:
        raise NoFit(f"{len(kept)} students are too few for a {model.value} model: it needs {ENOUGH}")
    if usable.sum() < 3:
        raise NoFit("fewer than three questions are right or wrong for some students each: there is nothing to fit")
    best, scores, patterns, value = _climb(_patterns(kept), model)
    slopes, intercepts = _split(best, model, int(usable.sum()))
    errors = np.sqrt(np.diag(np.linalg.pinv((scores * patterns.counts[:, None]).T @ scores)))
    slope_errors, intercept_errors = _split(errors, model, int(usable.sum()))
    sign = -1.0 if slopes.sum() < 0 else 1.0  # the model is the same with all slopes turned round
    names = [name for name, use in zip(questions, usable, strict=True) if use]
    columns = zip(names, sign * slopes, intercepts, slope_errors, intercept_errors, strict=True)
    return Fit(
        model=model,
        students=len(kept),
        log_likelihood=value,
        curves=tuple(Curve(name, *map(float, numbers)) for name, *numbers in columns),
        left_out=tuple(name for name, use in zip(questions, usable, strict=True) if not use),
    )


def _usable(column: Floats) -> bool:
    """Whether a question has right and wrong answers and nothing between."""
    return set(np.unique(column[~np.isnan(column)]).tolist()) == {0.0, 1.0}


def _patterns(answers: Floats) -> _Patterns:
    rows, counts = np.unique(np.nan_to_num(answers, nan=-1.0), axis=0, return_counts=True)
    return _Patterns((rows == 1).astype(float), (rows == 0).astype(float), counts.astype(float))


def _climb(patterns: _Patterns, model: Model) -> tuple[Floats, Floats, _Patterns, float]:
    """The maximum: parameters, gradients by pattern (patterns, parameters), the patterns, the log-likelihood."""
    share = (patterns.counts @ patterns.right) / (patterns.counts @ (patterns.right + patterns.wrong))
    parameters = np.append(np.ones(1 if model is Model.ONE else len(share)), 1.2 * np.log(share / (1 - share)))
    value, scores = _likelihood(patterns, parameters, model)
    for _ in range(_STEPS):
        gradient = patterns.counts @ scores
        step = np.linalg.lstsq((scores * patterns.counts[:, None]).T @ scores, gradient, rcond=None)[0]
        promised = float(gradient @ step)
        if promised < _CLOSE:
            return parameters, scores, patterns, value
        for halving in range(_HALVINGS):
            trial = parameters + step * 0.5**halving
            higher, there = _likelihood(patterns, trial, model)
            if higher > value:
                break
        else:
            return parameters, scores, patterns, value  # no step rises any more: rounding is all that is left
        parameters, value, scores = trial, higher, there
        if np.abs(_split(parameters, model, len(share))[0]).max() > _STEEP:
            break
    raise NoFit("the likelihood has no maximum: some question splits the class without an error; try 1pl, or drop it")


def _split(parameters: Floats, model: Model, questions: int) -> tuple[Floats, Floats]:
    """Slopes and intercepts, one of each a question."""
    slopes, intercepts = parameters[:-questions], parameters[-questions:]
    return np.broadcast_to(slopes, questions) if model is Model.ONE else slopes, intercepts


def _likelihood(patterns: _Patterns, parameters: Floats, model: Model) -> tuple[float, Floats]:
    """The log-likelihood, and for each pattern its gradient (patterns, parameters)."""
    nodes, weights = _quadrature()
    slopes, intercepts = _split(parameters, model, patterns.right.shape[1])
    logits = np.outer(nodes, slopes) + intercepts  # (nodes, questions)
    log_right, log_wrong = -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
    joint = patterns.right @ log_right.T + patterns.wrong @ log_wrong.T + np.log(weights)  # (patterns, nodes)
    top = joint.max(axis=1, keepdims=True)
    posterior = np.exp(joint - top)
    whole = posterior.sum(axis=1, keepdims=True)
    posterior /= whole
    value = float(patterns.counts @ (top + np.log(whole)).ravel())
    # d/d logit of the answer's log-probability is (right - P) where there is an answer
    chance, answered = np.exp(log_right), patterns.right + patterns.wrong
    by_intercept = patterns.right - answered * (posterior @ chance)
    mean = posterior @ nodes
    by_slope = patterns.right * mean[:, None] - answered * (posterior @ (chance * nodes[:, None]))
    if model is Model.ONE:
        by_slope = by_slope.sum(axis=1, keepdims=True)
    return value, np.hstack([by_slope, by_intercept])


def _quadrature() -> tuple[Floats, Floats]:
    """Abilities and their weights under the standard normal distribution."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return nodes, weights / weights.sum()
