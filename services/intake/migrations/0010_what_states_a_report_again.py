"""The envelope of a report's event, so that it can be stated again when Kafka has lost it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column("reports", sa.Column("envelope", JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("reports", "envelope")
