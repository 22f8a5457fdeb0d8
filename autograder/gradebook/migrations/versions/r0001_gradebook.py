"""The first gradebook: seeds, submissions with their bytes, reports with their history, evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "seeds",
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("assignment", name="pk_seeds"),
    )
    op.create_table(
        "contents",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_contents"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("student", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text()),
        sa.Column("submitted_at", sa.Text()),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("assignment", "student", "digest", name="uq_submissions_assignment_student_digest"),
    )
    _create_reports()
    op.create_table(
        "evidence",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("executed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("report_id", name="pk_evidence"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_evidence_report_id"),
    )
    op.create_table(
        "current",
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("student", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("assignment", "student", name="pk_current"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_current_report_id"),
    )


def _create_reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("points", sa.Text()),
        sa.Column("max_points", sa.Text(), nullable=False),
        sa.Column("pending", sa.Text(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.Text()),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("fingerprints", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name="fk_reports_submission_id"),
        sa.UniqueConstraint("submission_id", "key", "attempt", name="uq_reports_submission_id_key_attempt"),
    )
    op.create_index("ix_reports_answers_environment", "reports", ["answers", "environment"])


def downgrade() -> None:
    """Drop every table."""
    for table in ("current", "evidence", "reports", "submissions", "contents", "seeds"):
        op.drop_table(table)
