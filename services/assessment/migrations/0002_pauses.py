"""pauses: since when an assignment's clock stands still."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column("assignments", sa.Column("paused_at", sa.TIMESTAMP(timezone=True)))


def downgrade() -> None:
    op.drop_column("assignments", "paused_at")
