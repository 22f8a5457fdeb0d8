"""The questions that are asked once per submission, built once: building one costs more than answering it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, func, select

from autograder.gradebook.tables import contents, current, evidence, reports, submissions
from autograder.results import Outcome

_LOOK_BACK: Final = 8  # newest reports on the same answers that are searched for verdicts

CURRENT_REPORTS: Final = current.join(reports, current.c.report_id == reports.c.id)
_SUBMITTED: Final = CURRENT_REPORTS.join(submissions, reports.c.submission_id == submissions.c.id)
_WITH_EVIDENCE: Final = reports.join(evidence, evidence.c.report_id == reports.c.id)
_IS_DECIDED: Final = reports.c.outcome != Outcome.UNDECIDED.value

CURRENT_KEYS: Final = (
    select(current.c.student, submissions.c.digest, reports.c.key, reports.c.id)
    .select_from(_SUBMITTED)
    .where(current.c.assignment == bindparam("assignment"), _IS_DECIDED)
)
FIND_CURRENT: Final = (
    select(reports.c.report, evidence.c.facts, evidence.c.executed)
    .select_from(_SUBMITTED.join(evidence, evidence.c.report_id == reports.c.id))
    .where(
        current.c.assignment == bindparam("assignment"),
        current.c.student == bindparam("student"),
        submissions.c.digest == bindparam("digest"),
        reports.c.key == bindparam("key"),
        _IS_DECIDED,
    )
)
SAME_ANSWERS: Final = (
    select(reports.c.report, reports.c.fingerprints, evidence.c.facts)
    .select_from(_WITH_EVIDENCE.join(submissions, reports.c.submission_id == submissions.c.id))
    .where(
        reports.c.answers == bindparam("answers"),
        reports.c.environment == bindparam("environment"),
        reports.c.seed == bindparam("seed"),
        submissions.c.assignment == bindparam("assignment"),
    )
    .order_by(reports.c.id.desc())
    .limit(_LOOK_BACK)
)
REPORT: Final = select(reports.c.report).where(reports.c.id == bindparam("number"))
GRADING: Final = (
    select(reports.c.report, evidence.c.facts, evidence.c.executed)
    .select_from(_WITH_EVIDENCE)
    .where(reports.c.id == bindparam("number"))
)
CONTENT: Final = select(contents.c.data).where(contents.c.digest == bindparam("digest"))
HAS_CONTENT: Final = select(contents.c.digest).where(contents.c.digest == bindparam("digest"))
HISTORY: Final = (
    select(reports.c.id, reports.c.key, reports.c.recorded_at, current.c.report_id, reports.c.report)
    .select_from(
        reports.join(submissions, reports.c.submission_id == submissions.c.id).outerjoin(
            current, current.c.report_id == reports.c.id
        )
    )
    .where(submissions.c.assignment == bindparam("assignment"), submissions.c.student == bindparam("student"))
    .order_by(reports.c.id)
)

# asked while writing: on PostgreSQL the row of the submission stays locked until the transaction ends
SUBMISSION: Final = (
    select(submissions.c.id)
    .where(
        submissions.c.assignment == bindparam("assignment"),
        submissions.c.student == bindparam("student"),
        submissions.c.digest == bindparam("digest"),
    )
    .with_for_update()
)
DECIDED: Final = (
    select(reports.c.id)
    .where(reports.c.submission_id == bindparam("submission"), reports.c.key == bindparam("key"), _IS_DECIDED)
    .order_by(reports.c.attempt.desc())
    .limit(1)
)
ATTEMPTS: Final = select(func.max(reports.c.attempt)).where(
    reports.c.submission_id == bindparam("submission"), reports.c.key == bindparam("key")
)
