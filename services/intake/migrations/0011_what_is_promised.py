"""Until when each case is to be done, kept apart from its steps: what stops the clock takes the promise back."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "promises",
        sa.Column("case_id", sa.Uuid(), primary_key=True),
        sa.Column("case_version", sa.Integer(), nullable=False),
        sa.Column("expected_by", sa.TIMESTAMP(timezone=True), nullable=True),
    )
    # the last that was said, unless a step since then shows that the clock stands still or was stopped
    op.execute(
        """insert into promises (case_id, case_version, expected_by)
           select case_id, case_version, case when not exists (
               select from case_progress later
               where later.case_id = last.case_id and later.case_version > last.case_version
                 and (later.step <> 'handling' or later.reason = 'waits')
           ) then expected_by end
           from (
               select distinct on (case_id) case_id, case_version, expected_by from case_progress
               where expected_by is not null order by case_id, case_version desc
           ) last"""
    )


def downgrade() -> None:
    op.drop_table("promises")
