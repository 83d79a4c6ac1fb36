"""An assignment knows whether anybody is still to finish it: of those that were late and taken over nobody is."""

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
        "assignments", sa.Column("to_finish", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )
    op.execute(
        """update assignments set to_finish = true where finished_at is null and not exists (
               select from assignments later
               where later.case_id = assignments.case_id and later.round > assignments.round)"""
    )
    op.create_index(
        "assignments_to_finish",
        "assignments",
        ["limit_at", "paused_at"],
        postgresql_where=sa.text("to_finish"),
    )


def downgrade() -> None:
    op.drop_index("assignments_to_finish", table_name="assignments")
    op.drop_column("assignments", "to_finish")
