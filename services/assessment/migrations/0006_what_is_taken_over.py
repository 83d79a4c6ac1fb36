"""An assignment knows that another has taken it over: what is still to be finished is counted by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "assignments", sa.Column("taken_over", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )
    op.execute(
        """update assignments set taken_over = true where finished_at is null and exists (
               select from assignments later
               where later.case_id = assignments.case_id and later.round > assignments.round)"""
    )
    op.create_index(
        "assignments_to_finish",
        "assignments",
        ["limit_at", "paused_at"],
        postgresql_where=sa.text("finished_at is null and not taken_over"),
    )


def downgrade() -> None:
    op.drop_index("assignments_to_finish", table_name="assignments")
    op.drop_column("assignments", "taken_over")
