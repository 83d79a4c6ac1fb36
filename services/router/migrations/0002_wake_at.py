"""A case knows when it has to be looked at next, and into which one it was merged."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OPEN = "state not in ('closed', 'archived', 'rejected', 'handed_over', 'merged', 'voided')"
_AT_THE_DESK = "state in ('reported', 'verifying', 'accepted', 'filed')"


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column("cases", sa.Column("wake_at", sa.TIMESTAMP(timezone=True)))
    op.add_column("cases", sa.Column("master", sa.Uuid()))
    # fields that hold something else now
    op.execute("update cases set body = body - array['told', 'visits', 'limits']")
    # the timers look at every open case once and find out when the next time is
    op.execute(f"update cases set wake_at = now() where {_OPEN} or state = 'closed'")  # noqa: S608
    op.create_index("cases_to_wake", "cases", ["wake_at"], postgresql_where=sa.text("wake_at is not null"))
    op.create_index("cases_at_the_desk", "cases", ["reported_at"], postgresql_where=sa.text(_AT_THE_DESK))
    op.create_index("cases_merged", "cases", ["master"], postgresql_where=sa.text("master is not null"))


def downgrade() -> None:
    op.drop_index("cases_at_the_desk", table_name="cases", postgresql_where=sa.text(_AT_THE_DESK))
    op.drop_index("cases_merged", table_name="cases", postgresql_where=sa.text("master is not null"))
    op.drop_index("cases_to_wake", table_name="cases", postgresql_where=sa.text("wake_at is not null"))
    op.drop_column("cases", "master")
    op.drop_column("cases", "wake_at")
