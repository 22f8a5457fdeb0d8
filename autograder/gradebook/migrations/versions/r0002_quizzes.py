"""Quizzes: responses as they came, scores by version of the key, and the regrades with who made them and why."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of quizzes."""
    op.create_table(
        "quiz_versions",
        sa.Column("quiz", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("outline", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("quiz", "version", name="pk_quiz_versions"),
    )
    op.create_table(
        "quiz_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quiz", sa.Text(), nullable=False),
        sa.Column("student", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("responses", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quiz_sheets"),
        sa.UniqueConstraint("quiz", "student", "digest", name="uq_quiz_sheets_quiz_student_digest"),
    )
    op.create_table(
        "quiz_regrades",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quiz", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("mappings", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quiz_regrades"),
    )
    op.create_index("ix_quiz_regrades_quiz", "quiz_regrades", ["quiz"])
    _create_scores()


def _create_scores() -> None:
    op.create_table(
        "quiz_scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("regrade_id", sa.Integer()),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("max_points", sa.Text(), nullable=False),
        sa.Column("pending", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quiz_scores"),
        sa.ForeignKeyConstraint(["sheet_id"], ["quiz_sheets.id"], name="fk_quiz_scores_sheet_id"),
        sa.ForeignKeyConstraint(["regrade_id"], ["quiz_regrades.id"], name="fk_quiz_scores_regrade_id"),
    )
    op.create_index("ix_quiz_scores_sheet_id", "quiz_scores", ["sheet_id"])
    op.create_table(
        "quiz_current",
        sa.Column("quiz", sa.Text(), nullable=False),
        sa.Column("student", sa.Text(), nullable=False),
        sa.Column("score_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("quiz", "student", name="pk_quiz_current"),
        sa.ForeignKeyConstraint(["score_id"], ["quiz_scores.id"], name="fk_quiz_current_score_id"),
    )


def downgrade() -> None:
    """Drop the tables of quizzes."""
    for table in ("quiz_current", "quiz_scores", "quiz_regrades", "quiz_sheets", "quiz_versions"):
        op.drop_table(table)
