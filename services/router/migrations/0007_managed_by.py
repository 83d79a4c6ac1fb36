"""Who runs a community."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column("areas", sa.Column("managed_by", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("areas", "managed_by")
