"""What came so late that it is listed in the bulletin, by time, so that nobody looks for it in all that ever happened."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "bulletins",
        sa.Column("case_id", sa.Uuid(), primary_key=True),
        sa.Column("case_version", sa.Integer(), primary_key=True),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
    )
    op.execute(
        """insert into bulletins (case_id, case_version, at)
           select case_id, case_version, occurred_at from case_events
           where type = 'case.supervised' and body::jsonb #>> '{data,stage}' = 'L3'"""
    )
    op.create_index("bulletins_by_time", "bulletins", ["at", "case_id", "case_version"])


def downgrade() -> None:
    op.drop_table("bulletins")
