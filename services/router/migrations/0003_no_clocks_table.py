"""The clocks of a case stand in its body, and the desk has its own index: nobody reads the old ones any more."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_UNDISPATCHED = sa.text("dispatched_at is null")


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("cases_undispatched", table_name="cases", postgresql_where=_UNDISPATCHED)
    op.drop_index("clocks_due", table_name="clocks")
    op.drop_table("clocks")


def downgrade() -> None:
    op.create_table(
        "clocks",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("limit_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "clock"),
    )
    op.create_index("cases_undispatched", "cases", ["reported_at"], postgresql_where=_UNDISPATCHED)
    op.create_index("clocks_due", "clocks", ["limit_at"], unique=False)
