"""The analysis of a quiz as JSON: the contract's keys first, in full precision, then what goes beyond it."""

from __future__ import annotations

from typing import Any

from autograder.quiz.analysis import ItemStats, QuizStats
from autograder.quiz.distractors import ChoiceStats
from autograder.quiz.latent import Curve, Fit


def stats_json(quiz: QuizStats, left_out: tuple[str, ...], model: Fit | None) -> dict[str, Any]:
    """The whole analysis; `null` where the answers do not determine a number."""
    found: dict[str, Any] = {
        "students": quiz.students,
        "mean": quiz.mean,
        "sd": quiz.sd,
        "alpha": quiz.alpha,
        "sem": quiz.sem,
        "items": [_item(item) for item in quiz.items],
        "max_points": quiz.max_points,
        "alpha_interval": quiz.alpha_interval,
        "left_out": list(left_out),
    }
    return found if model is None else {**found, "irt": _model(model)}


def _item(item: ItemStats) -> dict[str, Any]:
    return {
        "id": item.id,
        "difficulty": item.difficulty,
        "discrimination_d27": item.discrimination_d27,
        "item_rest": item.item_rest,
        "item_total": item.item_total,
        "alpha_if_deleted": item.alpha_if_deleted,
        "choices": [_choice(choice) for choice in item.choices],
        "flags": [str(flag) for flag in item.flags],
        "max_points": item.max_points,
        "students": item.students,
        "blank": item.blank,
        "missing": item.missing,
        "difficulty_interval": item.difficulty_interval,
        "item_rest_interval": item.item_rest_interval,
        "discrimination_index": None if item.item_rest is None else 100 * item.item_rest,
        "efficiency": item.efficiency,
        "thirds": item.thirds,
    }


def _choice(choice: ChoiceStats) -> dict[str, Any]:
    return {
        "id": choice.id,
        "share": choice.share,
        "item_rest": choice.item_rest,
        "correct": choice.correct,
        "thirds": choice.thirds,
    }


def _model(model: Fit) -> dict[str, Any]:
    return {
        "model": model.model.value,
        "students": model.students,
        "log_likelihood": model.log_likelihood,
        "items": [_curve(curve) for curve in model.curves],
        "left_out": list(model.left_out),
    }


def _curve(curve: Curve) -> dict[str, Any]:
    return {
        "id": curve.id,
        "slope": curve.slope,
        "intercept": curve.intercept,
        "difficulty": curve.difficulty,
        "slope_error": curve.slope_error,
        "intercept_error": curve.intercept_error,
    }
