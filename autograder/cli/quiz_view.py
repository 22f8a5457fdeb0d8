"""An analysed quiz as the values that its page shows."""

from __future__ import annotations

from decimal import Decimal

from autograder.course import Course
from autograder.quiz.analysis import ItemStats, QuizStats
from autograder.quiz.flags import ENOUGH, FlagKind
from autograder.quiz.latent import Fit
from autograder.quiz.questions import MultipleQuestion, Quiz, SingleQuestion
from autograder.reports.quiz_info import ChoiceView, CurveView, ItemView, ModelView, QuizView

_URGENCY = tuple(FlagKind)  # the most serious kind comes first
_PLACES = 9  # of points: enough for thirds of a point, too few for the noise of floats


def to_view(
    course: Course | None, quiz: Quiz, stats: QuizStats, left_out: tuple[str, ...], model: Fit | None
) -> QuizView:
    """The quiz as its page shows it; questions have the numbers of their places in the file."""
    places = {question.id: place for place, question in enumerate(quiz.questions, 1)}
    return QuizView(
        title=quiz.title,
        course_title="A quiz" if course is None else course.title or course.id,
        students=stats.students,
        points=tuple(_exact(total) for total in stats.totals.tolist()),
        max_points=_exact(stats.max_points),
        sd=stats.sd,
        alpha=stats.alpha,
        alpha_interval=stats.alpha_interval,
        sem=stats.sem,
        items=tuple(_item(quiz, places[item.id], item) for item in stats.items),
        left_out=left_out,
        judged=stats.students >= ENOUGH,
        enough=ENOUGH,
        model=None if model is None else _model(model),
    )


def _exact(points: float) -> Decimal:
    return Decimal(str(round(points, _PLACES)))


def _item(quiz: Quiz, number: int, item: ItemStats) -> ItemView:
    question = quiz.question(item.id)
    texts: dict[str, str] = {}
    if isinstance(question, SingleQuestion | MultipleQuestion):
        texts = {choice.id: choice.text for choice in question.choices}
    return ItemView(
        number=number,
        id=item.id,
        text=question.prompt,
        kind=question.kind,
        max_points=question.points,
        students=item.students,
        blank=item.blank,
        missing=item.missing,
        difficulty=item.difficulty,
        difficulty_interval=item.difficulty_interval,
        item_rest=item.item_rest,
        item_rest_interval=item.item_rest_interval,
        item_total=item.item_total,
        discrimination_d27=item.discrimination_d27,
        efficiency=item.efficiency,
        alpha_if_deleted=item.alpha_if_deleted,
        thirds=item.thirds,
        choices=tuple(
            ChoiceView(each.id, texts[each.id], each.correct, each.share, each.thirds, each.item_rest)
            for each in item.choices
        ),
        flags=tuple(flag.sentence for flag in item.flags),
        urgency=min((_URGENCY.index(flag.kind) for flag in item.flags), default=0),
    )


def _model(model: Fit) -> ModelView:
    return ModelView(
        name=model.model.value.upper(),
        students=model.students,
        log_likelihood=model.log_likelihood,
        curves=tuple(
            CurveView(
                curve.id,
                curve.slope,
                curve.slope_error,
                curve.intercept,
                curve.intercept_error,
                curve.difficulty,
            )
            for curve in model.curves
        ),
        left_out=model.left_out,
    )
