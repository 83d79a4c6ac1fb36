"""What sensitive places are called in English."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column("sensitive_places", sa.Column("name_en", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("sensitive_places", "name_en")
