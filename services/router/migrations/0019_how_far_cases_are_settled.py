"""How far the cases are settled by each directory: no longer in the transaction of its import."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column("directory_versions", sa.Column("settled_to", sa.Uuid(), nullable=True))
    op.add_column("directory_versions", sa.Column("settled_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.execute("update directory_versions set settled_at = imported_at")


def downgrade() -> None:
    op.drop_column("directory_versions", "settled_at")
    op.drop_column("directory_versions", "settled_to")
