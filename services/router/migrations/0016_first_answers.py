"""The first answers to calls that may be sent again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "first_answers",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("asked_sha256", postgresql.BYTEA(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key"),
    )
    op.create_index("first_answers_asked_at", "first_answers", ["asked_at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_table("first_answers")
